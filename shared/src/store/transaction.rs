//! Conditional writes: transactions, and single writes that return the conflicting item. Updates are in `update.rs`.

use std::{collections::BTreeSet, iter, time::Duration};

use aws_sdk_dynamodb::{
    error::{BuildError, SdkError},
    operation::{
        delete_item::DeleteItemError,
        put_item::PutItemError,
        transact_write_items::TransactWriteItemsError,
        update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    },
    types::{CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use serde::de::DeserializeOwned;

use super::{
    Attributes, Store,
    batch::no_more_writes,
    condition::{Condition, Placeholders},
    item::{self, Item},
    key_attributes,
    keys::Key,
    refused, store_error,
};
use crate::{
    error::{Error, Result, Retry},
    problem_code::ProblemCode,
};

/// How often a transaction that met another one on the same items is tried again. Waits double: 2.5 s in all.
pub(super) const CONFLICT_ATTEMPTS: u32 = 9;
const FIRST_CONFLICT_WAIT: Duration = Duration::from_millis(5);

/// Reasons of a cancellation that a repeat meets again, and those that mean too many writes:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.
const INVALID: [&str; 2] = ["ValidationError", "ItemCollectionSizeLimitExceeded"];
const THROTTLED: [&str; 2] = ["ThrottlingError", "ProvisionedThroughputExceeded"];

pub(super) const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

/// The result of a conditional write.
pub(super) enum Updated {
    /// Done; after an update the item as it is now.
    Done(Option<Attributes>),
    /// The condition failed; the present item, if there is one.
    Refused(Option<Attributes>),
}

impl Updated {
    pub fn is_done(&self) -> bool {
        matches!(self, Updated::Done(_))
    }

    /// The present item's value, done or refused; `None` where there is none, and after a write of the whole item.
    pub fn stored<T: DeserializeOwned>(self) -> Result<Option<T>> {
        let (Updated::Done(item) | Updated::Refused(item)) = self;
        item.map(item::from_attributes).transpose()
    }

    /// The item's value after the update; `None` where that is refused.
    pub fn done<T: DeserializeOwned>(self) -> Result<Option<T>> {
        if self.is_done() { self.stored() } else { Ok(None) }
    }
}

impl Store {
    /// Writing an item, as a part of a transaction.
    pub(super) fn put_action(&self, item: Item, condition: Condition) -> Result<TransactWriteItem> {
        let mut placeholders = Placeholders::default();
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item.0))
            .condition_expression(placeholders.condition(condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values_on_condition_check_failure(ALL_OLD)
            .build()
            .map_err(build_error)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Writing an item, whatever is there, as a part of a transaction.
    pub(super) fn overwrite_action(&self, item: Item) -> Result<TransactWriteItem> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item.0)).build().map_err(build_error)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Removing an item, as a part of a transaction.
    pub(super) fn delete_action(&self, key: Key, condition: Condition) -> Result<TransactWriteItem> {
        let unchanged = self.seen.as_ref().and_then(|seen| seen.condition_on(&key));
        let condition = Condition::All(iter::once(condition).chain(unchanged).collect());
        let mut placeholders = Placeholders::default();
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .condition_expression(placeholders.condition(condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .build()
            .map_err(build_error)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// A condition on an item that stays as it is, as a part of a transaction.
    pub(super) fn check_action(&self, key: Key, condition: Condition) -> Result<TransactWriteItem> {
        let mut placeholders = Placeholders::default();
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .condition_expression(placeholders.condition(condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .build()
            .map_err(build_error)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Writes an item, whatever is there.
    pub(super) async fn overwrite(&self, item: Item) -> Result<()> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item.0));
        put.send().await.map(|_| ()).map_err(|error| store_error("put_item", error))
    }

    /// Writes an item under a condition.
    pub(super) async fn put(&self, item: Item, condition: Condition) -> Result<Updated> {
        let mut placeholders = Placeholders::default();
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item.0))
            .condition_expression(placeholders.condition(condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values_on_condition_check_failure(ALL_OLD);
        let Err(error) = put.send().await else { return Ok(Updated::Done(None)) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => Ok(Updated::Refused(failed.item.clone())),
            _ => Err(store_error("put_item", error)),
        }
    }

    /// Removes an item. `false` when the condition fails.
    pub(super) async fn delete(&self, key: Key, condition: Condition) -> Result<bool> {
        let mut placeholders = Placeholders::default();
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .condition_expression(placeholders.condition(condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values());
        let Err(error) = delete.send().await else { return Ok(true) };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(store_error("delete_item", error)),
        }
    }

    /// Runs a transaction: `None` when it is done, the reasons when a condition failed.
    ///
    /// DynamoDB refuses a transaction that meets another one on the same item, such as the account's counter, or has no
    /// throughput left for it, and does not wait: it is tried again after a growing wait. The SDK gives each a token,
    /// so that its own repeats are done once.
    pub(super) async fn transact(&self, actions: &[TransactWriteItem]) -> Result<Option<Vec<CancellationReason>>> {
        let mut codes = BTreeSet::new();
        for attempt in 0..CONFLICT_ATTEMPTS {
            // The SDK consumes what it sends.
            let done = self.client.transact_write_items().set_transact_items(Some(actions.to_vec())).send().await;
            let Err(error) = done else { return Ok(None) };
            let Some(reasons) = cancellation(&error) else {
                return Err(store_error("transact_write_items", error));
            };
            if reasons.iter().any(is_failed) {
                return Ok(Some(reasons));
            }
            codes = reasons.iter().filter_map(CancellationReason::code).map(str::to_owned).collect();
            if INVALID.iter().any(|code| codes.contains(*code)) {
                return Err(refused().with_context("cancellation", format!("{codes:?}")));
            }
            wait_after(attempt).await;
        }
        let is_throttled = THROTTLED.iter().any(|code| codes.contains(*code));
        let error = if is_throttled { no_more_writes() } else { contention() };
        Err(error.with_context("cancellation", format!("{codes:?}")))
    }

    /// Runs a transaction together with the change of its idempotency record, and without that where only the record's
    /// condition fails: it has expired, and the key may belong to other work by now.
    pub(super) async fn transact_with_record(
        &self,
        mut actions: Vec<TransactWriteItem>,
        record: Option<TransactWriteItem>,
    ) -> Result<Option<Vec<CancellationReason>>> {
        let without_record = actions.len();
        actions.extend(record);
        let reasons = self.transact(&actions).await?;
        let others = |reasons: &Vec<_>| reasons.iter().take(without_record).any(is_failed);
        if reasons.as_ref().is_none_or(others) {
            return Ok(reasons);
        }
        actions.truncate(without_record);
        self.transact(&actions).await
    }
}

/// Runs a conditional update. One that meets a transaction on its item is tried again, as in [`Store::transact`].
pub(super) async fn conditional(update: UpdateItemFluentBuilder) -> Result<Updated> {
    for attempt in 0..CONFLICT_ATTEMPTS {
        let error = match update.clone().send().await {
            Ok(done) => return Ok(Updated::Done(done.attributes)),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                return Ok(Updated::Refused(failed.item.clone()));
            }
            Some(UpdateItemError::TransactionConflictException(_)) => wait_after(attempt).await,
            _ => return Err(store_error("update_item", error)),
        }
    }
    Err(contention())
}

pub(super) async fn wait_after(attempt: u32) {
    tokio::time::sleep(FIRST_CONFLICT_WAIT * 2_u32.pow(attempt)).await;
}

pub(crate) fn contention() -> Error {
    Error::new(ProblemCode::StoreContention, "Too many requests change the same account or ticket at once; try again.")
        .with_retry(Retry::Yes { after: Some(Duration::from_secs(1)) })
}

fn cancellation(error: &SdkError<TransactWriteItemsError>) -> Option<Vec<CancellationReason>> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(canceled) => {
            Some(canceled.cancellation_reasons().to_vec())
        }
        // An earlier attempt with the same token is still under way.
        TransactWriteItemsError::TransactionInProgressException(_) => Some(Vec::new()),
        _ => None,
    }
}

/// Whether this action's condition is one that failed.
pub(super) fn is_failed(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

pub(super) fn build_error(source: BuildError) -> Error {
    Error::unexpected("A write to the store could not be built.").with_source(source)
}
