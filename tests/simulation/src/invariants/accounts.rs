//! Accounts, their keys and their customers.

use std::collections::BTreeMap;

use super::Facts;

/// Limits: an account that is being removed has no keys any more.
pub fn keys_and_accounts_agree(facts: &Facts) -> Vec<String> {
    let accounts: BTreeMap<_, _> = facts
        .items
        .values()
        .filter(|item| item["SK"] == "ACCOUNT")
        .filter_map(|item| Some((item["id"].as_str()?, item)))
        .collect();
    let without_keys = accounts
        .iter()
        .filter(|(id, item)| item["deleting"].is_null() && !facts.accounts_with_keys.contains(**id))
        .map(|(id, _)| format!("the account {id} has no keys"));
    let without_account = facts
        .accounts_with_keys
        .iter()
        .filter(|id| !accounts.contains_key(id.as_str()))
        .map(|id| format!("the keys of {id} have no account"));
    without_keys.chain(without_account).collect()
}

/// A customer has one account, unless the caller of each further one allowed it.
pub fn one_account_per_customer(facts: &Facts) -> Vec<String> {
    let mut of_customer: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for item in facts.items.values().filter(|item| item["SK"] == "ACCOUNT") {
        if let (Some(vendor), Some(customer), Some(id)) =
            (item["type"].as_str(), item["customer_id"].as_str(), item["id"].as_str())
        {
            of_customer.entry((vendor, customer)).or_default().push(id);
        }
    }
    let allowed = |customer: &str| {
        let of_customer = facts.registrations.iter().filter(|registration| registration.customer == customer);
        of_customer.filter(|registration| registration.allow_same_customer).count()
    };
    let wrong = of_customer.into_iter().filter(|((_, customer), ids)| ids.len() > 1 + allowed(customer));
    wrong.map(|((vendor, customer), ids)| format!("{customer} of {vendor} has the accounts {ids:?}")).collect()
}

/// Throttled calls that an account may have in any case: each process finds the limit for itself.
const FREE_THROTTLED_CALLS: u64 = 20;

/// At most a quarter of an account's calls are throttled.
pub fn throttled_account_slows_down(facts: &Facts) -> Vec<String> {
    let wrong = facts.limited_calls.iter().filter(|(_, (all, throttled))| *throttled > FREE_THROTTLED_CALLS + all / 4);
    wrong
        .map(|(key, (all, throttled))| format!("{throttled} of {all} calls with the key {key} were throttled"))
        .collect()
}
