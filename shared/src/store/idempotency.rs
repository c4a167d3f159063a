//! Idempotency records: who may run an operation, and the answer that is given again.
//!
//! A record is written before the work, under a condition, with a lease: while it lasts, the same key is refused as
//! still running; after it, the run counts as crashed and another takes the record over, with the same `subject`, so
//! that the work is repeated on the same ids. Expiry is always compared, never left to the table's TTL.

use aws_sdk_dynamodb::{
    operation::{put_item::PutItemError, update_item::builders::UpdateItemFluentBuilder},
    types::ReturnValuesOnConditionCheckFailure,
};
use serde::{Deserialize, Serialize};

use super::{
    Attributes, Store,
    item::{self, Item},
    key_attributes, keys, number, store_error, text,
    transaction::{Updated, conditional},
};
use crate::{
    error::{Error, Result},
    seeded_bugs::{self, SeededBug},
};

/// How long a record lives once it has its answer, milliseconds: twice the 24 hours that callers are promised.
const LIFETIME_MS: i64 = 48 * 60 * 60 * 1000;

/// How long one without an answer lives, milliseconds: a year. What became of its work is still to be looked for, and as long as that
/// fails the key must not do the work again.
const UNANSWERED_LIFETIME_MS: i64 = 365 * 24 * 60 * 60 * 1000;

/// The condition under which a record may be written: there is none, or it has expired.
const FREE: &str = "attribute_not_exists(PK) OR expires_at < :now_s";

/// The condition under which a record may be written.
pub(super) fn free_condition() -> &'static str {
    match FREE {
        _ if seeded_bugs::enabled(SeededBug::NoIdempotencyCondition) => {
            "attribute_not_exists(PK) OR attribute_exists(PK) OR expires_at < :now_s"
        }
        _ if seeded_bugs::enabled(SeededBug::ExpiryLeftToTimeToLive) => {
            "attribute_not_exists(PK) OR (attribute_not_exists(expires_at) AND expires_at < :now_s)"
        }
        free => free,
    }
}

/// Puts the answer into a record. From then on its lifetime counts.
pub(super) const KEEP_ANSWER: &str = "SET answer = :answer, expires_at = :expires_at";

/// An idempotency record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// Digest of operation and caller's key.
    pub hash: String,
    /// Digest of the request; another one under the same key is refused.
    pub request_hash: String,
    /// The id that the work is about, chosen by the first run and kept by all.
    pub subject: String,
    /// Names the run that holds it; only that one may finish or free it.
    pub run: String,
    /// Until when that run may go on, Unix milliseconds.
    pub lease_until: i64,
    /// The answer, once there is a final one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<StoredAnswer>,
    /// When it may be forgotten, Unix **seconds** (the table's TTL attribute).
    pub expires_at: i64,
}

impl IdempotencyRecord {
    /// When a record that is begun at `now_ms` may be forgotten if it never gets an answer, Unix seconds.
    pub fn unanswered_expiry(now_ms: i64) -> i64 {
        (now_ms + UNANSWERED_LIFETIME_MS) / 1000
    }

    /// When a record that gets its answer at `now_ms` may be forgotten, Unix seconds.
    pub fn expiry(now_ms: i64) -> i64 {
        (now_ms + LIFETIME_MS) / 1000
    }
}

/// An answer kept to be given again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// `Location` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// JSON body.
    pub body: String,
}

/// What a caller's key gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Begin {
    /// Nobody ran it before, or the run before crashed: do the work on this subject.
    Run {
        /// The id that the work is about.
        subject: String,
    },
    /// It was done: give this answer again.
    Replay(StoredAnswer),
    /// Another run holds it.
    Running,
    /// The key was used with another request.
    Reused,
}

impl Store {
    /// Takes the record for a run, or tells why not.
    pub async fn begin(&self, record: &IdempotencyRecord, now_ms: i64) -> Result<Begin> {
        let attributes = item::to_attributes(record_item(record.clone()))?;
        let done = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(attributes))
            .condition_expression(free_condition())
            .expression_attribute_values(":now_s", number(now_ms / 1000))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = done else {
            return Ok(Begin::Run { subject: record.subject.clone() });
        };
        let old = match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => failed.item.clone(),
            _ => return Err(store_error("put_item", error)),
        };
        match old.map(read_record).transpose()? {
            Some(old) => self.begin_again(record, old, now_ms).await,
            // It was removed at that very moment; the caller may try again at once.
            None => Ok(Begin::Running),
        }
    }

    async fn begin_again(
        &self,
        wanted: &IdempotencyRecord,
        old: IdempotencyRecord,
        now_ms: i64,
    ) -> Result<Begin> {
        if old.request_hash != wanted.request_hash {
            return Ok(Begin::Reused);
        }
        if let Some(answer) = old.answer {
            return Ok(Begin::Replay(answer));
        }
        // The SDK sent this very write again, after the answer to the first one was lost.
        if old.run == wanted.run {
            return Ok(Begin::Run { subject: old.subject });
        }
        if old.lease_until > now_ms || !self.take_over(&old, wanted).await? {
            return Ok(Begin::Running);
        }
        Ok(Begin::Run { subject: old.subject })
    }

    /// Takes over a record whose lease has run out. `false` when somebody else was quicker.
    async fn take_over(&self, old: &IdempotencyRecord, wanted: &IdempotencyRecord) -> Result<bool> {
        let update = self
            .update_record(&old.hash)
            .update_expression("SET lease_until = :until, #run = :run")
            .condition_expression("#run = :old AND attribute_not_exists(answer)")
            .expression_attribute_names("#run", "run")
            .expression_attribute_values(":until", number(wanted.lease_until))
            .expression_attribute_values(":run", text(&wanted.run))
            .expression_attribute_values(":old", text(&old.run));
        Ok(match conditional(update).await? {
            Updated::Done(_) => true,
            Updated::Refused(Some(now)) => read_record(now)?.run == wanted.run,
            Updated::Refused(None) => false,
        })
    }

    /// The record under this hash, unless it has expired.
    pub async fn record(&self, hash: &str, now_ms: i64) -> Result<Option<IdempotencyRecord>> {
        let found = self.get(keys::idempotency(hash)).await?.map(read_record).transpose()?;
        Ok(found.filter(|record| record.expires_at >= now_ms / 1000))
    }

    /// Keeps the final answer of the run, given at `now_ms`; nothing happens when another run holds the record by now.
    pub async fn finish(&self, record: &IdempotencyRecord, answer: &StoredAnswer, now_ms: i64) -> Result<()> {
        let update = self
            .update_record(&record.hash)
            .update_expression(KEEP_ANSWER)
            .expression_attribute_values(":expires_at", number(IdempotencyRecord::expiry(now_ms)))
            .condition_expression("#run = :run")
            .expression_attribute_names("#run", "run")
            .expression_attribute_values(":run", text(&record.run))
            .expression_attribute_values(":answer", answer_attribute(answer)?);
        conditional(update).await.map(|_| ())
    }

    /// Frees the key: the run left nothing behind. Nothing happens when another run holds the record by now.
    pub async fn release(&self, record: &IdempotencyRecord) -> Result<()> {
        let done = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::idempotency(&record.hash))))
            .condition_expression("#run = :run")
            .expression_attribute_names("#run", "run")
            .expression_attribute_values(":run", text(&record.run))
            .send()
            .await;
        match done {
            Err(error)
                if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            done => done.map(|_| ()).map_err(|error| store_error("delete_item", error)),
        }
    }

    fn update_record(&self, hash: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::idempotency(hash))))
    }
}

pub(super) fn record_item(record: IdempotencyRecord) -> Item<IdempotencyRecord> {
    Item::new(keys::idempotency(&record.hash), "idempotency", record)
}

pub(super) fn read_record(attributes: Attributes) -> Result<IdempotencyRecord> {
    Ok(item::from_attributes::<Item<IdempotencyRecord>>(attributes)?.value)
}

pub(super) fn answer_attribute(answer: &StoredAnswer) -> Result<aws_sdk_dynamodb::types::AttributeValue> {
    serde_dynamo::to_attribute_value(answer)
        .map_err(|source| Error::unexpected("An answer could not be kept.").with_source(source))
}
