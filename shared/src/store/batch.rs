//! Writing and reading many items.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    Attributes, Store,
    item::{Item, text_of},
    key_attributes,
    keys::Key,
    store_error,
    transaction::build_error,
};
use crate::{
    error::{Error, Result},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
};

/// The most items in one batch write.
const BATCH: usize = 25;
/// How many batches are written at once.
const BATCHES_AT_ONCE: usize = 4;
/// How often the unprocessed items of a batch are written again.
const BATCH_ATTEMPTS: u32 = 8;
/// How often the unprocessed keys of a batch read are read again.
const READ_ATTEMPTS: u32 = 6;

impl Store {
    /// Writes in batches of 25, a few at once, until every item is written.
    pub(super) async fn batch_write(&self, items: Vec<Item>) -> Result<()> {
        self.write_batches(items.into_iter().map(put_request).collect::<Result<_>>()?).await
    }

    /// Removes items in the same way, whether they are there or not.
    pub(super) async fn batch_delete(&self, keys: Vec<Key>) -> Result<()> {
        self.write_batches(keys.into_iter().map(delete_request).collect::<Result<_>>()?).await
    }

    async fn write_batches(&self, writes: Vec<WriteRequest>) -> Result<()> {
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
        Err(no_more_writes())
    }

    /// The items with these keys, up to 100; those that are not there are left out.
    pub(super) async fn batch_get(&self, wanted: Vec<Key>) -> Result<HashMap<Key, Attributes>> {
        let mut found = HashMap::new();
        let mut missing: Vec<Attributes> = wanted.into_iter().map(key_attributes).collect();
        for attempt in 0..READ_ATTEMPTS {
            let request = KeysAndAttributes::builder().set_keys(Some(missing)).consistent_read(true).build();
            let request =
                request.map_err(|source| Error::unexpected("A read could not be built.").with_source(source))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, request)
                .send()
                .await
                .map_err(|error| store_error("batch_get_item", error))?;
            for attributes in answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default() {
                if let Some(key) = key_of(&attributes) {
                    found.insert(key, attributes);
                }
            }
            match answer.unprocessed_keys.unwrap_or_default().remove(&self.table) {
                Some(left) if !left.keys.is_empty() => missing = left.keys,
                _ => return Ok(found),
            }
            tokio::time::sleep(Duration::from_millis(20 << attempt)).await;
        }
        Err(Error::unavailable("The store takes no more reads at the moment; try again.")
            .with_code(ProblemCode::StoreUnavailable))
    }
}

pub(super) fn no_more_writes() -> Error {
    Error::unavailable("The store takes no more writes at the moment; try again.")
        .with_code(ProblemCode::StoreUnavailable)
}

fn put_request(item: Item) -> Result<WriteRequest> {
    let put = PutRequest::builder().set_item(Some(item.0)).build().map_err(build_error)?;
    Ok(WriteRequest::builder().put_request(put).build())
}

fn delete_request(key: Key) -> Result<WriteRequest> {
    let delete = DeleteRequest::builder().set_key(Some(key_attributes(key))).build().map_err(build_error)?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

fn key_of(attributes: &Attributes) -> Option<Key> {
    Some(Key { pk: text_of(attributes, "PK")?, sk: text_of(attributes, "SK")? })
}
