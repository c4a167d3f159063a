//! Writing many items.

use std::time::Duration;

use aws_sdk_dynamodb::types::WriteRequest;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Store, store_error};
use crate::problem_code::ProblemCode;
use crate::{
    error::{Error, Result},
    seeded_bugs::{self, SeededBug},
};

/// The most items in one batch write.
const BATCH: usize = 25;
/// How many batches are written at once.
const BATCHES_AT_ONCE: usize = 4;
/// How often the unprocessed items of a batch are written again.
const BATCH_ATTEMPTS: u32 = 8;

impl Store {
    /// Writes in batches of 25, a few at once, until every item is written.
    pub(super) async fn batch_write(&self, writes: Vec<WriteRequest>) -> Result<()> {
        let batches: Vec<Vec<WriteRequest>> = writes.chunks(BATCH).map(<[WriteRequest]>::to_vec).collect();
        stream::iter(batches.into_iter().map(|batch| self.write_batch(batch)))
            .buffer_unordered(BATCHES_AT_ONCE)
            .try_collect()
            .await
    }

    async fn write_batch(&self, mut batch: Vec<WriteRequest>) -> Result<()> {
        for attempt in 0..BATCH_ATTEMPTS {
            let answer = self
                .client
                .batch_write_item()
                .request_items(&self.table, batch)
                .send()
                .await
                .map_err(|error| store_error("batch_write_item", error))?;
            batch = answer.unprocessed_items.unwrap_or_default().remove(&self.table).unwrap_or_default();
            if batch.is_empty() || seeded_bugs::enabled(SeededBug::UnprocessedWritesIgnored) {
                return Ok(());
            }
            // DynamoDB asks for a growing wait before unprocessed items are sent again.
            tokio::time::sleep(Duration::from_millis(25 << attempt)).await;
        }
        Err(Error::unavailable("The store takes no more writes at the moment; try again.")
            .with_code(ProblemCode::StoreUnavailable))
    }
}
