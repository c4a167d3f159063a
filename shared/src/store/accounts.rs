//! Accounts.

use aws_sdk_dynamodb::{
    operation::{put_item::PutItemError, update_item::builders::UpdateItemFluentBuilder},
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure},
};

use super::{
    Attributes, Page, Store,
    item::{self, Item},
    key_attributes, keys, number, store_error, text,
    transaction::{Updated, conditional},
};
use crate::{
    domain::{Account, AccountHealth, AccountId, Site, Vendor},
    error::{Error, Result},
};

impl Store {
    /// Stores a new account, and gives the one that is stored: repeating it changes nothing.
    pub async fn put_account(&self, account: &Account) -> Result<Account> {
        let mut attributes = item::to_attributes(item::account(account.clone()))?;
        attributes.insert("open_tickets".to_owned(), number(0));
        let done = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(attributes))
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = done else {
            return Ok(account.clone());
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                failed.item.clone().map_or_else(|| Ok(account.clone()), read_account)
            }
            _ => Err(store_error("put_item", error)),
        }
    }

    /// The account, if there is one.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>> {
        let found = self.get(keys::account(id)).await?;
        found.map(read_account).transpose()
    }

    /// A page of all accounts, oldest first. `after` is the last account's position on the page before.
    pub async fn accounts(&self, limit: usize, after: Option<&str>) -> Result<Page<Account, String>> {
        let page = self.account_items(limit, after).await?;
        let items = page.items.into_iter().map(read_account).collect::<Result<Vec<_>>>()?;
        Ok(Page { items, next: page.next })
    }

    async fn account_items(&self, limit: usize, after: Option<&str>) -> Result<Page<Attributes, String>> {
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
        let mut items = answer.items.unwrap_or_default();
        let more = items.len() > limit || answer.last_evaluated_key.is_some();
        items.truncate(limit);
        let position = |item: &Attributes| item.get("GSI1SK").and_then(|at| at.as_s().ok()).cloned();
        let next = items.last().filter(|_| more).and_then(position);
        Ok(Page { items, next })
    }

    /// All accounts of one vendor, or of all vendors, oldest first. An item that can't be read is left out.
    pub async fn all_accounts(&self, vendor: Option<Vendor>) -> Result<Vec<Account>> {
        const PAGE: usize = 100;
        let mut accounts = Vec::new();
        let mut after = None;
        loop {
            let page = self.account_items(PAGE, after.as_deref()).await?;
            let read = page.items.into_iter().filter_map(item::readable::<Item<Account>>);
            let wanted = read.map(|item| item.value).filter(|one| vendor.is_none_or(|v| one.vendor == v));
            accounts.extend(wanted);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(accounts),
            }
        }
    }

    /// Writes what a check of the account's newest keys gave; an account that is gone meanwhile stays gone.
    pub async fn set_account_health(&self, id: &AccountId, health: &AccountHealth) -> Result<()> {
        let update = self.update_health(id, health)?.condition_expression("attribute_exists(PK)");
        conditional(update).await.map(|_| ())
    }

    /// Writes what work with the account as it was read told of its keys. Nothing happens when they were checked again since: they
    /// may be other ones.
    pub async fn note_account_health(&self, account: &Account, health: &AccountHealth) -> Result<()> {
        let update = self.update_health(&account.id, health)?;
        let update = match account.health.last_check {
            Some(seen) => update
                .condition_expression("health.last_check = :seen")
                .expression_attribute_values(":seen", number(seen)),
            None => update
                .condition_expression("attribute_exists(PK) AND attribute_not_exists(health.last_check)"),
        };
        conditional(update).await.map(|_| ())
    }

    fn update_health(&self, id: &AccountId, health: &AccountHealth) -> Result<UpdateItemFluentBuilder> {
        let health = serde_dynamo::to_attribute_value(health).map_err(|source| {
            Error::unexpected("An account's health could not be written.").with_source(source)
        })?;
        Ok(self
            .update_account(id)
            .update_expression("SET health = :health")
            .expression_attribute_values(":health", health))
    }

    /// Writes since when tickets opened in the vendor's console are adopted, or that they are not. The account as it stands
    /// afterwards; `None` when there is none, or it is being removed.
    pub async fn set_adoption(&self, id: &AccountId, since_ms: Option<i64>) -> Result<Option<Account>> {
        let mut update = self
            .update_account(id)
            .return_values(ReturnValue::AllNew)
            .condition_expression("attribute_exists(PK) AND attribute_not_exists(deleting)");
        update = match since_ms {
            // Asking again keeps the first time.
            Some(since_ms) => update
                .update_expression("SET adopt_since = if_not_exists(adopt_since, :since)")
                .expression_attribute_values(":since", number(since_ms)),
            None => update.update_expression("REMOVE adopt_since"),
        };
        match conditional(update).await? {
            Updated::Done(Some(new)) => read_account(new).map(Some),
            Updated::Done(None) | Updated::Refused(_) => Ok(None),
        }
    }

    /// Writes until when the vendor asked for no more calls of the sync, unless it asked for a longer wait before; an account that is
    /// gone meanwhile stays gone.
    pub async fn set_account_wait(&self, id: &AccountId, until_ms: i64) -> Result<()> {
        let update = self
            .update_account(id)
            .update_expression("SET wait_until = :until")
            .condition_expression(
                "attribute_exists(PK) AND (attribute_not_exists(wait_until) OR wait_until < :until)",
            )
            .expression_attribute_values(":until", number(until_ms));
        conditional(update).await.map(|_| ())
    }

    /// Marks the account as being removed since `now_ms`, if none of its tickets is open: from then on it takes no new ones.
    /// Tickets are counted in the same item, so nothing can come in between.
    pub async fn start_removing(&self, id: &AccountId, now_ms: i64) -> Result<RemovalStart> {
        let update = self
            .update_account(id)
            .update_expression("SET deleting = :now")
            .condition_expression(
                "attribute_exists(PK) AND (attribute_not_exists(open_tickets) OR open_tickets <= :zero)",
            )
            .expression_attribute_values(":now", number(now_ms))
            .expression_attribute_values(":zero", number(0));
        Ok(match conditional(update).await? {
            Updated::Done(_) => RemovalStart::Removing,
            Updated::Refused(Some(_)) => RemovalStart::HasOpenTickets,
            Updated::Refused(None) => RemovalStart::NotFound,
        })
    }

    /// Removes the account, which is being removed already. Repeating it is fine.
    pub async fn delete_account(&self, id: &AccountId) -> Result<()> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::account(id))))
            .condition_expression("attribute_not_exists(PK) OR attribute_exists(deleting)")
            .send()
            .await
            .map_err(|error| store_error("delete_item", error))?;
        Ok(())
    }

    fn update_account(&self, id: &AccountId) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).set_key(Some(key_attributes(keys::account(id))))
    }
}

/// What asking for the removal of an account gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovalStart {
    /// It takes no new tickets any more, and may go.
    Removing,
    /// It has tickets that are not closed.
    HasOpenTickets,
    /// There is no such account.
    NotFound,
}

/// Accounts grouped by the catalog that they share: vendor and site.
pub fn catalogs_of(accounts: Vec<Account>) -> Vec<((Vendor, Site), Vec<Account>)> {
    let mut groups = std::collections::BTreeMap::<_, Vec<Account>>::new();
    for account in accounts {
        groups.entry((account.vendor, account.site)).or_default().push(account);
    }
    groups.into_iter().collect()
}

fn read_account(attributes: super::Attributes) -> Result<Account> {
    Ok(item::from_attributes::<Item<Account>>(attributes)?.value)
}
