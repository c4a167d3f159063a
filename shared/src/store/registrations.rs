//! Registrations: accounts before they are stored. The keys are stored in between, so a registration says what a crash
//! left: with keys the account is stored after all, without keys nothing stays.

use super::{
    Store, accounts::account_item, condition::Condition, customers::add_account, item::Item, keys, number, text,
    update::Update,
};
use crate::{
    domain::{Account, AccountId, CustomerId},
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// The result of beginning a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationStart {
    /// The keys may be stored.
    Begun,
    /// This account has keys of the same customer.
    CustomerTaken(AccountId),
    /// This account of the same customer adopts the tickets of the vendor's console.
    AdoptedBy(AccountId),
}

impl Store {
    /// Writes the account as a registration, and adds it to its customer's accounts; all or nothing. Refused where the
    /// customer has another account, unless `allow_same_customer`. The sync ends a registration that did not end by
    /// `due_ms`, Unix milliseconds.
    ///
    /// # Errors
    /// When the account has no customer, or the store does not answer.
    pub async fn begin_registration(
        &self,
        account: &Account,
        allow_same_customer: bool,
        due_ms: i64,
    ) -> Result<RegistrationStart> {
        let (id, customer) = (account.id.as_str(), customer(account)?);
        let item = Item::new(keys::registration(&account.id), "registration", account)?.due_at(due_ms, id);
        let may_join = if allow_same_customer {
            Condition::any_item()
        } else {
            Condition::Missing("accounts").or(Condition::Function("contains", "accounts", text(id)))
        };
        let join = add_account(account, customer, account.adopt_since.is_some()).when(may_join);
        // A request that continues after a crash writes it again.
        let put = self.overwrite_action(item)?;
        if self.transact(&[put, self.update_action(join)?]).await?.is_none() {
            return Ok(RegistrationStart::Begun);
        }
        let found = self.customer(account.vendor, customer).await?;
        let mut others = found.accounts.into_iter().filter(|other| *other != account.id);
        let taken = others.next().filter(|_| !allow_same_customer).map(RegistrationStart::CustomerTaken);
        // The other account may have been removed at this moment.
        let changed = || Error::new(ProblemCode::StoreContention, "The customer's accounts just changed; try again.");
        taken.or(found.adopting.map(RegistrationStart::AdoptedBy)).ok_or_else(changed)
    }

    /// The account whose registration has not ended, if there is one.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn registration(&self, id: &AccountId) -> Result<Option<Account>> {
        self.get(keys::registration(id)).await
    }

    /// Stores the account, whose keys are stored, and gives it as it is stored. `None`: its registration was cancelled.
    /// Repeating it is safe.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn finish_registration(&self, account: &Account) -> Result<Option<Account>> {
        let put = self.put_action(account_item(account)?, Condition::ITEM_MISSING)?;
        let delete = self.delete_action(keys::registration(&account.id), Condition::ITEM_EXISTS)?;
        if self.transact(&[put, delete]).await?.is_none() {
            return Ok(Some(account.clone()));
        }
        let stored = self.account(&account.id).await?;
        if stored.is_some() {
            self.delete(keys::registration(&account.id), Condition::ITEM_EXISTS).await?;
        }
        Ok(stored)
    }

    /// Removes a registration whose keys were not stored, unless its request began again. Repeating it is safe.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn cancel_registration(&self, account: &Account) -> Result<()> {
        let is_same = Condition::equals("create_time", number(account.create_time));
        let delete = self.delete_action(keys::registration(&account.id), is_same)?;
        let key = keys::customer(account.vendor, customer(account)?);
        let mut leave = Update::of(key.clone()).remove_member("accounts", account.id.as_str());
        if account.adopt_since.is_some() {
            leave = leave.remove(&["adopting"]);
        }
        let leave = self.update_action(leave.when(Condition::any_item()))?;
        if self.transact(&[delete, leave]).await?.is_none() {
            self.delete(key, Condition::Missing("accounts")).await?;
        }
        Ok(())
    }
}

fn customer(account: &Account) -> Result<&CustomerId> {
    account.customer_id.as_ref().ok_or_else(|| Error::unexpected("A new account must have a customer."))
}
