//! Customers: which accounts have a customer's keys, and which one of them adopts the tickets of the vendor's console.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::Deserialize;

use super::{
    Store,
    condition::Condition,
    keys, number, text,
    transaction::{contention, is_failed},
    update::Update,
};
use crate::{
    domain::{Account, AccountId, CustomerId, Vendor},
    error::Result,
};

/// The accounts with a customer's keys.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CustomerAccounts {
    #[serde(default)]
    pub accounts: BTreeSet<AccountId>,
    /// The one that adopts the tickets of the vendor's console.
    pub adopting: Option<AccountId>,
}

/// The result of switching adoption on or off.
#[derive(Clone, Debug, PartialEq)]
pub enum AdoptionChange {
    /// Done; the account as it is now.
    Done(Box<Account>),
    /// This account of the same customer adopts.
    AdoptedBy(AccountId),
    /// It adopts nothing before its customer is known.
    CustomerUnknown,
    /// There is no such account, or it is being removed.
    Gone,
}

impl Store {
    pub(super) async fn customer(&self, vendor: Vendor, id: &CustomerId) -> Result<CustomerAccounts> {
        Ok(self.get(keys::customer(vendor, id)).await?.unwrap_or_default())
    }

    /// Writes whose keys the account has, where that was not known, and gives the account as it is now; `None` when it
    /// is gone or being removed.
    ///
    /// If another account of the customer adopts the tickets of the console, this one no longer does.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_customer(&self, account: &Account, customer: &CustomerId) -> Result<Option<Account>> {
        let adopts = account.adopt_since.is_some();
        let reasons = self.transact(&self.customer_of(account, customer, adopts)?).await?;
        let is_taken = adopts && reasons.is_some_and(|reasons| reasons.last().is_some_and(is_failed));
        if is_taken && self.transact(&self.customer_of(account, customer, false)?).await?.is_none() {
            let Account { id, vendor, .. } = account;
            tracing::warn!(
                account.id = %id, %vendor,
                "Another account of the same customer adopts the console's tickets; this one no longer does."
            );
        }
        let now = self.account(&account.id).await?;
        Ok(now.filter(|now| now.deleting.is_none()))
    }

    fn customer_of(&self, account: &Account, customer: &CustomerId, adopts: bool) -> Result<Vec<TransactWriteItem>> {
        let unchanged = match account.adopt_since {
            Some(since_ms) => Condition::equals("adopt_since", number(since_ms)),
            None => Condition::Missing("adopt_since"),
        };
        let mut of_account = Update::of(keys::account(&account.id))
            .set("customer_id", text(customer.as_str()))
            .when(Condition::ITEM_EXISTS)
            .when(Condition::Missing("deleting"))
            .when(Condition::Missing("customer_id"))
            .when(unchanged);
        if !adopts {
            of_account = of_account.remove(&["adopt_since", "adoption_read_until"]);
        }
        let of_customer = add_account(account, customer, adopts).when(Condition::any_item());
        Ok(vec![self.update_action(of_account)?, self.update_action(of_customer)?])
    }

    /// Writes since when the account adopts the tickets that are opened in the vendor's console, Unix milliseconds, or
    /// that it does not. Only one account of a customer adopts.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_adoption(&self, account: &Account, since_ms: Option<i64>) -> Result<AdoptionChange> {
        let id = &account.id;
        let update = Update::of(keys::account(id)).when(Condition::ITEM_EXISTS).when(Condition::Missing("deleting"));
        let update = update.set_actor("changed_by")?;
        match (since_ms, &account.customer_id) {
            (Some(_), None) => return Ok(AdoptionChange::CustomerUnknown),
            (Some(since_ms), Some(customer)) => {
                let of_customer = add_account(account, customer, true).when(Condition::any_item());
                // A repeated switch-on keeps the first time.
                let of_account = update.set_once("adopt_since", number(since_ms));
                let actions = vec![self.update_action(of_account)?, self.update_action(of_customer)?];
                let reasons = self.transact(&actions).await?.unwrap_or_default();
                if reasons.first().is_some_and(is_failed) {
                    return Ok(AdoptionChange::Gone);
                }
                if reasons.last().is_some_and(is_failed) {
                    let other = self.customer(account.vendor, customer).await?.adopting;
                    return other.map(AdoptionChange::AdoptedBy).ok_or_else(contention);
                }
            }
            (None, customer) => {
                let of_account = update.remove(&["adopt_since", "adoption_read_until"]);
                if !self.switch_off(account, customer.as_ref(), of_account).await? {
                    return Ok(AdoptionChange::Gone);
                }
            }
        }
        Ok(self.account(id).await?.map_or(AdoptionChange::Gone, |now| AdoptionChange::Done(Box::new(now))))
    }

    /// Both items in one transaction: else a switch-on in between would lose its place at the customer. `false`: the
    /// account is gone.
    async fn switch_off(&self, account: &Account, customer: Option<&CustomerId>, of_account: Update) -> Result<bool> {
        if let Some(customer) = customer {
            let of_customer = stop_adopting(account, customer);
            let actions = vec![self.update_action(of_account.clone())?, self.update_action(of_customer)?];
            match self.transact(&actions).await? {
                None => return Ok(true),
                Some(reasons) if reasons.first().is_some_and(is_failed) => return Ok(false),
                // Another account adopts.
                Some(_) => {}
            }
        }
        Ok(self.update(of_account).await?.is_done())
    }

    /// Takes the account, which is being removed, from its customer. Repeating it is safe.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn release_customer(&self, account: &Account) -> Result<()> {
        let Some(customer) = &account.customer_id else { return Ok(()) };
        self.update(stop_adopting(account, customer)).await?;
        let key = keys::customer(account.vendor, customer);
        let update = Update::of(key.clone()).remove_member("accounts", account.id.as_str());
        self.update(update.when(Condition::ITEM_EXISTS)).await?;
        self.delete(key, Condition::Missing("accounts")).await.map(|_| ())
    }
}

fn stop_adopting(account: &Account, customer: &CustomerId) -> Update {
    let adopts = Condition::equals("adopting", text(account.id.as_str()));
    Update::of(keys::customer(account.vendor, customer)).remove(&["adopting"]).when(adopts)
}

/// Adds the account to its customer's; with `adopts` also as the one that adopts, if no other does.
pub(super) fn add_account(account: &Account, customer: &CustomerId, adopts: bool) -> Update {
    let id = account.id.as_str();
    let update =
        Update::of(keys::customer(account.vendor, customer)).set("entity", text("customer")).add_member("accounts", id);
    if !adopts {
        return update;
    }
    let is_free = Condition::Missing("adopting").or(Condition::equals("adopting", text(id)));
    update.set("adopting", text(id)).when(is_free)
}
