//! Conditional writes: transactions, and single updates that tell what stood in their way.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::{BuildError, SdkError},
    operation::{
        transact_write_items::TransactWriteItemsError,
        update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    },
    types::{
        CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
        builders::{DeleteBuilder, PutBuilder, UpdateBuilder},
    },
};

use super::{Attributes, Store, key_attributes, keys::Key, store_error};
use crate::error::{Error, Result, Retry};
use crate::problem_code::ProblemCode;

/// How often a transaction that met another one on the same items is tried again. Waits double: 2.5 s in all.
const CONFLICT_ATTEMPTS: u32 = 9;
const FIRST_CONFLICT_WAIT: Duration = Duration::from_millis(5);

impl Store {
    pub(super) fn put(&self, attributes: Attributes, condition: &str) -> PutBuilder {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(attributes))
            .condition_expression(condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    pub(super) fn update(&self, key: Key) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    pub(super) fn delete(&self, key: Key) -> DeleteBuilder {
        Delete::builder().table_name(&self.table).set_key(Some(key_attributes(key)))
    }

    /// Runs a transaction: `None` when it is done, the reasons when a condition failed.
    ///
    /// DynamoDB refuses a transaction that meets another one on the same item, such as the account's counter, and does not
    /// wait: it is tried again after a growing wait. The SDK gives each a token, so that its own repeats are done once.
    pub(super) async fn transact(
        &self,
        actions: Vec<TransactWriteItem>,
    ) -> Result<Option<Vec<CancellationReason>>> {
        for attempt in 0..CONFLICT_ATTEMPTS {
            let done =
                self.client.transact_write_items().set_transact_items(Some(actions.clone())).send().await;
            let Err(error) = done else { return Ok(None) };
            let Some(reasons) = cancellation(&error) else {
                return Err(store_error("transact_write_items", error));
            };
            if reasons.iter().any(is_failed) {
                return Ok(Some(reasons));
            }
            wait_after(attempt).await;
        }
        Err(contention())
    }
}

/// What a conditional update gave.
pub(super) enum Updated {
    /// Done; the item afterwards, where it was asked for.
    Done(Option<Attributes>),
    /// The condition failed; the item that stood in its way, if there is one.
    Refused(Option<Attributes>),
}

/// Runs a conditional update. One that meets a transaction on its item is tried again, as in [`Store::transact`].
pub(super) async fn conditional(update: UpdateItemFluentBuilder) -> Result<Updated> {
    let update = update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
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

async fn wait_after(attempt: u32) {
    tokio::time::sleep(FIRST_CONFLICT_WAIT * 2_u32.pow(attempt)).await;
}

fn contention() -> Error {
    Error::new(
        ProblemCode::StoreContention,
        "Too many requests change the same account or ticket at once; try again.",
    )
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

fn build_error(source: BuildError) -> Error {
    Error::unexpected("A write to the store could not be built.").with_source(source)
}

pub(super) fn put_action(put: PutBuilder) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder().put(put.build().map_err(build_error)?).build())
}

pub(super) fn update_action(update: UpdateBuilder) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder().update(update.build().map_err(build_error)?).build())
}

pub(super) fn delete_action(delete: DeleteBuilder) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder().delete(delete.build().map_err(build_error)?).build())
}
