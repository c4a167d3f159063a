//! Idempotency records: which request may do the work of a key, and the answer that is replayed.
//!
//! A record is written before the work, under a condition, with a lease. While the lease lasts, the same key is refused
//! as still in use. After it, the holder counts as crashed: another request takes the record over with the same
//! `subject`, so that the work is repeated on the same ids. Expiry is compared on each read: the table's TTL deletes
//! with a delay.

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};

use super::{
    Attributes, Store,
    condition::Condition,
    item::{self, Item},
    keys,
    lease::{self, Lease},
    number, text, to_value,
    transaction::{Updated, is_failed},
    update::Update,
};
use crate::{
    error::{Error, Result},
    seeded_bugs::{self, SeededBug},
};

/// How long a record lives once it has its answer, milliseconds: twice the 24 hours that the API guarantees.
const LIFETIME_MS: i64 = 48 * 60 * 60 * 1000;

/// How long one without an answer lives, milliseconds: a year. Its work is still to be reconciled, and as long as that
/// fails the key must not do the work again.
const UNANSWERED_LIFETIME_MS: i64 = 365 * 24 * 60 * 60 * 1000;

/// The room for the text of an answer at first, bytes.
const ANSWER_BYTES: usize = 1024;

/// An idempotency record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// Digest of operation and caller's key.
    pub hash: String,
    /// Digest of the request; another one under the same key is refused.
    pub request_hash: String,
    /// The id that the work is about. The first request chooses it, and later ones use the same.
    pub subject: String,
    /// The lease of the request that does the work; only its holder may finish or free the record.
    #[serde(flatten)]
    pub lease: Lease,
    /// The answer, once there is a final one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<StoredAnswer>,
    /// When it expires, Unix **seconds** (the table's TTL attribute).
    pub expires_at: i64,
}

impl IdempotencyRecord {
    /// When a record that is begun at `now_ms` expires if it never gets an answer, Unix seconds.
    pub fn unanswered_expiry(now_ms: i64) -> i64 {
        (now_ms + UNANSWERED_LIFETIME_MS) / 1000
    }

    /// When the work of a record without an answer began, Unix milliseconds, to the second before.
    pub fn began_ms(&self) -> i64 {
        self.expires_at.saturating_mul(1000).saturating_sub(UNANSWERED_LIFETIME_MS)
    }

    /// When a record that gets its answer at `now_ms` expires, Unix seconds.
    pub fn expiry(now_ms: i64) -> i64 {
        (now_ms + LIFETIME_MS) / 1000
    }
}

/// An answer that is stored to be replayed.
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

impl StoredAnswer {
    /// An answer with that HTTP status, `Location` and JSON body.
    ///
    /// # Errors
    /// `Unexpected` where the body can't be written as JSON.
    pub fn new(status: u16, location: Option<String>, body: &impl Serialize) -> Result<Self> {
        // Most answers fit, so that the text does not grow in steps.
        let mut text = Vec::with_capacity(ANSWER_BYTES);
        serde_json::to_writer(&mut text, body)
            .map_err(|source| Error::unexpected("The answer could not be written.").with_source(source))?;
        let body = String::from_utf8(text)
            .map_err(|source| Error::unexpected("An answer is not UTF-8.").with_source(source))?;
        Ok(Self { status, location, body })
    }

    /// `204` without a body.
    pub fn no_content() -> Self {
        Self { status: 204, location: None, body: String::new() }
    }
}

/// The result of writing the intent of a ticket or a reply.
#[derive(Clone, Debug, PartialEq)]
pub enum IntentWrite {
    /// The intent is stored; the vendor may be called.
    Written,
    /// The key was used before; this is its record.
    KeyTaken(IdempotencyRecord),
    /// A precondition failed: the account takes no tickets, or the ticket is not open.
    Refused,
}

/// The result of acquiring a caller's key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyAcquisition {
    /// The key is new, or the request before crashed: do the work on this subject.
    Run {
        /// The id that the work is about.
        subject: String,
    },
    /// It was done: replay this answer.
    Replay(StoredAnswer),
    /// Another request has the lease.
    Running,
    /// The key was used with another request.
    Reused,
}

impl Store {
    /// Takes the record for a request, or says why not.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin(&self, record: &IdempotencyRecord, now_ms: i64) -> Result<KeyAcquisition> {
        let old: IdempotencyRecord = match self.put(record_item(record)?, is_free(now_ms)).await? {
            Updated::Done(_) => return Ok(KeyAcquisition::Run { subject: record.subject.clone() }),
            Updated::Refused(Some(old)) => item::from_attributes(old)?,
            // It was removed at the same moment; the caller may try again at once.
            Updated::Refused(None) => return Ok(KeyAcquisition::Running),
        };
        if old.request_hash != record.request_hash {
            return Ok(KeyAcquisition::Reused);
        }
        if let Some(answer) = old.answer {
            return Ok(KeyAcquisition::Replay(answer));
        }
        // The SDK sent this very write again, after the answer to the first one was lost.
        let is_mine = old.lease.token == record.lease.token;
        if is_mine || (old.lease.until_ms <= now_ms && self.take_over(&old, record).await?) {
            return Ok(KeyAcquisition::Run { subject: old.subject });
        }
        Ok(KeyAcquisition::Running)
    }

    /// Takes over a record whose lease has ended. `false` when another request did so first.
    async fn take_over(&self, old: &IdempotencyRecord, wanted: &IdempotencyRecord) -> Result<bool> {
        let update = Update::of(keys::idempotency(&old.hash))
            .take_lease(&wanted.lease)
            .when_lease(&old.lease)
            .when(Condition::Missing("answer"));
        let now: Option<IdempotencyRecord> = self.update(update).await?.stored()?;
        Ok(now.is_some_and(|now| now.lease.token == wanted.lease.token))
    }

    /// The record under this hash, unless it has expired.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn record(&self, hash: &str, now_ms: i64) -> Result<Option<IdempotencyRecord>> {
        let found: Option<IdempotencyRecord> = self.get(keys::idempotency(hash)).await?;
        Ok(found.filter(|record| record.expires_at >= now_ms / 1000))
    }

    /// Stores the final answer, given at `now_ms`; nothing happens when another request has the lease by now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn finish(&self, record: &IdempotencyRecord, answer: &StoredAnswer, now_ms: i64) -> Result<()> {
        self.update(set_answer(&record.hash, answer, now_ms)?.when_lease(&record.lease)).await.map(|_| ())
    }

    /// Frees the key: the work had no effect. Nothing happens when another request has the lease by now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn release(&self, record: &IdempotencyRecord) -> Result<()> {
        let is_mine = lease::is_held(&record.lease.token);
        self.delete(keys::idempotency(&record.hash), is_mine).await.map(|_| ())
    }

    /// Writes the record of a write at a vendor that has no other intent. [`IntentWrite::Refused`]: the record of the
    /// key was removed at this moment, or the ticket is not as it was seen, where this is a store
    /// [`only_while`](Self::only_while) it is.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin_action(&self, record: &IdempotencyRecord, now_ms: i64) -> Result<IntentWrite> {
        if let Some(seen) = &self.seen {
            let unchanged = self.update_action(Update::of(seen.key().clone()).when(seen.is_unchanged()))?;
            let put = self.put_action(record_item(record)?, is_free(now_ms))?;
            let Some(reasons) = self.transact(&[put, unchanged]).await? else { return Ok(IntentWrite::Written) };
            let old = reasons.first().and_then(|reason| reason.item.clone());
            return old.map_or(Ok(IntentWrite::Refused), |old| taken(old, record));
        }
        match self.put(record_item(record)?, is_free(now_ms)).await? {
            Updated::Done(_) => Ok(IntentWrite::Written),
            Updated::Refused(Some(old)) => taken(old, record),
            Updated::Refused(None) => Ok(IntentWrite::Refused),
        }
    }

    /// Writes the record and the intent that it is about, if the `preconditions` hold too; all or nothing.
    pub(super) async fn write_intent(
        &self,
        record: &IdempotencyRecord,
        now_ms: i64,
        intent: TransactWriteItem,
        preconditions: Vec<TransactWriteItem>,
    ) -> Result<IntentWrite> {
        let put_record = self.put_action(record_item(record)?, is_free(now_ms))?;
        let mut actions = Vec::with_capacity(2 + preconditions.len());
        actions.extend([put_record, intent]);
        actions.extend(preconditions);
        let Some(reasons) = self.transact(&actions).await? else {
            return Ok(IntentWrite::Written);
        };
        match reasons.first().and_then(|reason| reason.item.clone()) {
            Some(old) => taken(old, record),
            None if reasons.iter().skip(2).any(is_failed) => Ok(IntentWrite::Refused),
            None => Err(Error::unexpected("An intent could not be stored: its id exists.")),
        }
    }

    /// Stores the final answer, given at `now_ms`, in the record, if that is still about this subject.
    pub(super) fn store_answer(
        &self,
        hash: &str,
        subject: &str,
        answer: &StoredAnswer,
        now_ms: i64,
    ) -> Result<TransactWriteItem> {
        let is_its = Condition::equals("subject", text(subject));
        self.update_action(set_answer(hash, answer, now_ms)?.when(is_its))
    }

    /// Removes the record, if it is still about this subject: the key is free again.
    pub(super) fn free_key(&self, hash: &str, subject: &str) -> Result<TransactWriteItem> {
        let is_its = Condition::equals("subject", text(subject));
        self.delete_action(keys::idempotency(hash), Condition::ITEM_MISSING.or(is_its))
    }
}

/// The result of a write of `record` where there is one under the key.
fn taken(old: Attributes, record: &IdempotencyRecord) -> Result<IntentWrite> {
    let old: IdempotencyRecord = item::from_attributes(old)?;
    // The SDK sent this very write again, after the answer to the first one was lost.
    let is_mine = old.lease.token == record.lease.token;
    Ok(if is_mine { IntentWrite::Written } else { IntentWrite::KeyTaken(old) })
}

/// A record may be written: there is none, or it has expired.
fn is_free(now_ms: i64) -> Condition {
    if seeded_bugs::enabled(SeededBug::NoIdempotencyCondition) {
        return Condition::any_item();
    }
    if seeded_bugs::enabled(SeededBug::ExpiryLeftToTimeToLive) {
        return Condition::ITEM_MISSING;
    }
    Condition::ITEM_MISSING.or(Condition::less("expires_at", number(now_ms / 1000)))
}

/// Sets the answer of a record. From then on its lifetime counts.
fn set_answer(hash: &str, answer: &StoredAnswer, now_ms: i64) -> Result<Update> {
    let expires_at = number(IdempotencyRecord::expiry(now_ms));
    Ok(Update::of(keys::idempotency(hash)).set("answer", to_value(answer)?).set("expires_at", expires_at))
}

fn record_item(record: &IdempotencyRecord) -> Result<Item> {
    Item::new(keys::idempotency(&record.hash), "idempotency", record)
}
