//! Which accounts a caller may use.

use super::AccountId;

/// Every account, in the claim of a token.
const EVERY: &str = "*";

/// The accounts that a caller may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AccountAccess {
    /// Every account: no claim binds callers, or this one's has `*`.
    #[default]
    All,
    /// These only, in the order of their ids.
    Only(Vec<AccountId>),
}

impl AccountAccess {
    /// The access of a token with that claim: ids between spaces or commas, or `*`. API Gateway hands a list over as
    /// `[a b]`. A token without the claim, or with none that can be an id, has no account.
    pub fn of_claim(claim: Option<&str>) -> Self {
        let text = claim.unwrap_or_default().trim();
        let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        let names: Vec<&str> = text.split([' ', ',']).filter(|name| !name.is_empty()).collect();
        if names.contains(&EVERY) {
            return AccountAccess::All;
        }
        let mut ids: Vec<_> = names.into_iter().filter_map(|name| AccountId::parse(name).ok()).collect();
        ids.sort();
        ids.dedup();
        AccountAccess::Only(ids)
    }

    /// Whether the caller may use the account.
    pub fn allows(&self, account: &AccountId) -> bool {
        match self {
            AccountAccess::All => true,
            AccountAccess::Only(accounts) => accounts.binary_search(account).is_ok(),
        }
    }

    /// The accounts whose items a list shows to the caller, of those that it asks for; `None`: of every one.
    pub fn narrow(&self, wanted: Option<AccountId>) -> Option<Vec<AccountId>> {
        match (self, wanted) {
            (AccountAccess::All, None) => None,
            (AccountAccess::Only(accounts), None) => Some(accounts.clone()),
            (access, Some(account)) if access.allows(&account) => Some(vec![account]),
            (_, Some(_)) => Some(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_binds_to_its_accounts_and_without_one_to_none() {
        let only = |ids: &[&str]| AccountAccess::Only(ids.iter().map(|id| AccountId::parse(*id).unwrap()).collect());
        for (claim, expected) in [
            (None, only(&[])),
            (Some(""), only(&[])),
            (Some("[]"), only(&[])),
            (Some("A2 A1 A2"), only(&["A1", "A2"])),
            (Some("A1,A2, A3"), only(&["A1", "A2", "A3"])),
            (Some("[A1 A2]"), only(&["A1", "A2"])),
            (Some("a/b A1"), only(&["A1"])),
            (Some("*"), AccountAccess::All),
            (Some("[A1 *]"), AccountAccess::All),
        ] {
            assert_eq!(AccountAccess::of_claim(claim), expected, "{claim:?}");
        }
    }

    #[test]
    fn a_list_is_narrowed_to_the_allowed_accounts() {
        let id = |id: &str| AccountId::parse(id).unwrap();
        let bound = AccountAccess::of_claim(Some("A1 A2"));
        assert!(bound.allows(&id("A2")) && !bound.allows(&id("A3")));
        assert_eq!(bound.narrow(None), Some(vec![id("A1"), id("A2")]));
        assert_eq!(bound.narrow(Some(id("A2"))), Some(vec![id("A2")]));
        assert_eq!(bound.narrow(Some(id("A3"))), Some(vec![]));
        assert_eq!(AccountAccess::All.narrow(None), None);
        assert_eq!(AccountAccess::All.narrow(Some(id("A3"))), Some(vec![id("A3")]));
    }
}
