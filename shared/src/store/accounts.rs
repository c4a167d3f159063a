//! Accounts.

use aws_sdk_dynamodb::types::ReturnValue;

use super::{
    Page, Store,
    item::{self, Item},
    key_attributes, keys, number, store_error, text,
};
use crate::{
    domain::{Account, AccountHealth, AccountId, Site, Vendor},
    error::{Error, Result},
};

/// Not being deleted; an account that is takes no new tickets.
const STANDS: &str = "attribute_exists(PK) AND attribute_not_exists(deleting)";

impl Store {
    /// Stores a new account. Repeating it with the same account changes nothing.
    pub async fn put_account(&self, account: &Account) -> Result<()> {
        let item = item::to_attributes(item::account(account.clone()))?;
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .send()
            .await
            .map_err(|error| store_error("put_item", error))?;
        Ok(())
    }

    /// The account, if there is one.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>> {
        let found = self.get(keys::account(id)).await?;
        found.map(read_account).transpose()
    }

    /// A page of all accounts, oldest first. `after` is the last account's position on the page before.
    pub async fn accounts(&self, limit: usize, after: Option<&str>) -> Result<Page<Account, String>> {
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("GSI1")
            .key_condition_expression("GSI1PK = :pk AND GSI1SK > :after")
            .expression_attribute_values(":pk", text(keys::ACCOUNTS))
            .expression_attribute_values(":after", text(after.unwrap_or("0")));
        query = query.limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
        let answer = query.send().await.map_err(|error| store_error("query", error))?;
        let mut items = answer
            .items
            .unwrap_or_default()
            .into_iter()
            .map(read_account)
            .collect::<Result<Vec<_>>>()?;
        let more = items.len() > limit || answer.last_evaluated_key.is_some();
        items.truncate(limit);
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| keys::by_time(last.create_time, last.id.as_str()));
        Ok(Page { items, next })
    }

    /// All accounts of one vendor, or of all vendors, oldest first.
    pub async fn all_accounts(&self, vendor: Option<Vendor>) -> Result<Vec<Account>> {
        const PAGE: usize = 100;
        let mut accounts = Vec::new();
        let mut after = None;
        loop {
            let page = self.accounts(PAGE, after.as_deref()).await?;
            accounts.extend(
                page.items
                    .into_iter()
                    .filter(|account| vendor.is_none_or(|v| account.vendor == v)),
            );
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(accounts),
            }
        }
    }

    /// Writes what a check of the keys gave; an account that is gone meanwhile stays gone.
    pub async fn set_account_health(&self, id: &AccountId, health: &AccountHealth) -> Result<()> {
        let health = serde_dynamo::to_attribute_value(health).map_err(|source| {
            Error::unexpected("An account's health could not be written.").with_source(source)
        })?;
        let done = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::account(id))))
            .update_expression("SET health = :health")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":health", health)
            .send()
            .await;
        match done {
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            done => done
                .map(|_| ())
                .map_err(|error| store_error("update_item", error)),
        }
    }

    /// Marks the account as being deleted at `now_ms`, so that no ticket can be created for it any more. `false` when there
    /// is no such account.
    pub async fn mark_account_deleting(&self, id: &AccountId, now_ms: i64) -> Result<bool> {
        let done = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::account(id))))
            .update_expression("SET deleting = :now")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":now", number(now_ms))
            .return_values(ReturnValue::None)
            .send()
            .await;
        match done {
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            done => done
                .map(|_| true)
                .map_err(|error| store_error("update_item", error)),
        }
    }

    /// Takes the mark of [`mark_account_deleting`](Self::mark_account_deleting) back.
    pub async fn unmark_account_deleting(&self, id: &AccountId) -> Result<()> {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::account(id))))
            .update_expression("REMOVE deleting")
            .condition_expression("attribute_exists(PK)")
            .send()
            .await
            .map_err(|error| store_error("update_item", error))?;
        Ok(())
    }

    /// Removes the account.
    pub async fn delete_account(&self, id: &AccountId) -> Result<()> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::account(id))))
            .send()
            .await
            .map_err(|error| store_error("delete_item", error))?;
        Ok(())
    }

    /// The condition under which the account takes new tickets.
    pub(super) fn account_stands() -> &'static str {
        STANDS
    }
}

/// Accounts grouped by the catalog that they share: vendor and site.
pub fn catalogs_of(accounts: Vec<Account>) -> Vec<((Vendor, Site), Vec<Account>)> {
    let mut groups = std::collections::BTreeMap::<_, Vec<Account>>::new();
    for account in accounts {
        groups
            .entry((account.vendor, account.site))
            .or_default()
            .push(account);
    }
    groups.into_iter().collect()
}

fn read_account(attributes: super::Attributes) -> Result<Account> {
    Ok(item::from_attributes::<Item<Account>>(attributes)?.value)
}
