//! The one workflow for writes at a vendor: intent, one call, then commit, removal or `unknown`.
//!
//! ```text
//! begin ──► intent stored with its idempotency record
//!   │         └─► send (one call) ──► definite success ──► commit
//!   │                            ├──► definite refusal ──► remove: the key is free
//!   │                            └──► anything else ─────► unknown, answered 202; the sync reconciles it
//!   └─► key taken ──► answer stored? replay it; else reconcile the earlier attempt before anything is sent
//! ```
//!
//! No vendor's write is idempotent: a repeated call makes a second ticket or message. So the intent is stored before
//! the call, and an earlier attempt is reconciled before the same key sends again.

use std::{future::Future, time::Duration};

use super::ReconcileOutcome;
use crate::{
    app::App,
    digest::sha256_hex,
    error::{Error, Result, Retry},
    ids,
    invocation::Invocation,
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{IdempotencyRecord, Lease, StoredAnswer},
};

/// The time before the invocation's deadline that is reserved for committing the vendor's answer.
pub const COMMIT_RESERVE: Duration = Duration::from_secs(3);

/// The time that a lease lasts longer than the invocation: clocks differ, and the last writes take time.
const LEASE_RESERVE: Duration = Duration::from_secs(5);

/// The request of a caller under an `Idempotency-Key`.
#[derive(Clone, Debug)]
pub struct KeyedRequest<'a> {
    /// Digest of the operation and the key: names the idempotency record.
    pub key_hash: String,
    /// Digest of the request: the same key with another request is refused.
    pub request_hash: String,
    /// The run of the function.
    pub invocation: &'a Invocation,
}

impl<'a> KeyedRequest<'a> {
    /// The request `parts` of `operation` under `key`.
    pub fn new(operation: &str, key: &str, parts: &[&[u8]], invocation: &'a Invocation) -> Self {
        let key_hash = sha256_hex(format!("{operation}\n{key}"));
        Self { key_hash, request_hash: sha256_hex(parts.concat()), invocation }
    }

    /// The idempotency record of this run, about the item with the id `subject`.
    ///
    /// # Errors
    /// `Unexpected` without a source of randomness.
    pub fn record(&self, app: &App, subject: &str) -> Result<IdempotencyRecord> {
        Ok(IdempotencyRecord {
            hash: self.key_hash.clone(),
            request_hash: self.request_hash.clone(),
            subject: subject.to_owned(),
            lease: new_lease(app, self.invocation)?,
            answer: None,
            expires_at: IdempotencyRecord::unanswered_expiry(app.clock.now_ms()),
        })
    }
}

/// A lease that lasts a little longer than the invocation.
pub(super) fn new_lease(app: &App, invocation: &Invocation) -> Result<Lease> {
    let lasts_ms = i64::try_from((invocation.remaining() + LEASE_RESERVE).as_millis()).unwrap_or(i64::MAX);
    let until_ms = app.clock.now_ms().saturating_add(lasts_ms);
    let token = match ids::nonce(app.random.as_ref())? {
        _ if seeded_bugs::enabled(SeededBug::EqualFencingTokens) => "token".to_owned(),
        nonce => nonce,
    };
    Ok(Lease { token, until_ms })
}

/// The result of storing an intent.
pub enum BeginOutcome<I> {
    /// The intent is stored; the vendor may be called.
    Written(I),
    /// The key was used before; this is its record.
    KeyTaken(IdempotencyRecord),
    /// The write can't be done, for this reason. An earlier attempt under the key still counts.
    Refused(Error),
}

/// The state of an earlier attempt under the same key.
pub enum EarlierAttempt<I> {
    /// Its item does not exist.
    Gone,
    /// Its outcome is unknown, or it is still under way.
    Pending {
        /// Its intent.
        intent: I,
        /// Whether its outcome is not yet stored as unknown: then its run may continue until its lease ends.
        may_run: bool,
    },
    /// It is committed; this is the answer.
    Committed(StoredAnswer),
    /// Only a person can decide, for this reason.
    Indeterminate(Error),
}

/// One kind of write at a vendor.
///
/// The methods that write to the store may be called again after a crash, and recognise their own work.
pub trait VendorWrite: Sync {
    /// The stored intent.
    type Intent: Send + Sync;
    /// The vendor's definite answer.
    type Receipt: Send;

    /// The id of the intent's item, for the log.
    fn subject<'a>(&self, intent: &'a Self::Intent) -> &'a str;

    /// Stores the intent together with the idempotency record of `request`, all or nothing.
    fn begin(&self, request: &KeyedRequest<'_>) -> impl Future<Output = Result<BeginOutcome<Self::Intent>>> + Send;

    /// Calls the vendor, once.
    fn send(&self, intent: &Self::Intent) -> impl Future<Output = Result<Self::Receipt>> + Send;

    /// Commits that the vendor has it, and gives the answer. `None`: the vendor's id belongs to another item.
    fn commit(
        &self,
        intent: &Self::Intent,
        receipt: Self::Receipt,
    ) -> impl Future<Output = Result<Option<StoredAnswer>>> + Send;

    /// Removes the intent that the vendor refused, and frees the key.
    fn remove(&self, intent: &Self::Intent) -> impl Future<Output = Result<()>> + Send;

    /// Stores that the outcome is unknown.
    fn mark_unknown(&self, intent: &Self::Intent) -> impl Future<Output = Result<()>> + Send;

    /// The answer while the outcome is unknown.
    fn unknown_answer(&self, intent: &Self::Intent) -> Result<StoredAnswer>;

    /// The state of the attempt about the item with the id `subject`.
    fn earlier_attempt(&self, subject: &str) -> impl Future<Output = Result<EarlierAttempt<Self::Intent>>> + Send;

    /// Searches the vendor for the result of an attempt of unknown outcome.
    fn reconcile(&self, intent: &Self::Intent) -> impl Future<Output = Result<ReconcileOutcome>> + Send;
}

/// An answer, and whether it replays the result of an earlier or parallel run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteAnswer {
    /// The answer.
    pub answer: StoredAnswer,
    /// Whether it is a replay.
    pub replayed: bool,
}

/// Does the write, or replays the answer of the same key. `refusal`: why a first attempt can't be done.
///
/// # Errors
/// The refusal, the vendor's definite refusal, `idempotency_key_in_use`, `idempotency_key_reused`, or the store's
/// failure before the vendor was called. After the call a failure of the store is answered as an unknown outcome.
pub async fn run<W: VendorWrite>(
    app: &App,
    request: &KeyedRequest<'_>,
    write: &W,
    refusal: Option<Error>,
) -> Result<WriteAnswer> {
    let first = |answer| WriteAnswer { answer, replayed: false };
    let begun = match refusal {
        None => write.begin(request).await?,
        Some(refusal) => BeginOutcome::Refused(refusal),
    };
    let (record, refusal) = match begun {
        BeginOutcome::Written(intent) => return send(write, intent).await.map(first),
        BeginOutcome::KeyTaken(record) => (record, None),
        BeginOutcome::Refused(refusal) => match app.store.record(&request.key_hash, app.clock.now_ms()).await? {
            Some(record) => (record, Some(refusal)),
            None => return Err(refusal),
        },
    };
    if record.request_hash != request.request_hash {
        return Err(key_reused());
    }
    if let Some(answer) = earlier_answer(app, write, record).await? {
        return Ok(WriteAnswer { answer, replayed: true });
    }
    // The vendor has nothing of the earlier attempt, and its key is free: this is a first attempt.
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    match write.begin(request).await? {
        BeginOutcome::Written(intent) => send(write, intent).await.map(first),
        BeginOutcome::KeyTaken(record) if record.request_hash != request.request_hash => Err(key_reused()),
        BeginOutcome::KeyTaken(_) => Err(key_in_use()),
        BeginOutcome::Refused(refusal) => Err(refusal),
    }
}

/// Replays the answer of the same key, if there is a final one; else `refusal`.
///
/// # Errors
/// `refusal`, or the store's failure.
pub async fn replay_or(app: &App, request: &KeyedRequest<'_>, refusal: Error) -> Result<WriteAnswer> {
    match app.store.record(&request.key_hash, app.clock.now_ms()).await? {
        Some(IdempotencyRecord { answer: Some(answer), request_hash, .. }) if request_hash == request.request_hash => {
            Ok(WriteAnswer { answer, replayed: true })
        }
        _ => Err(refusal),
    }
}

/// Calls the vendor, and stores the outcome: committed, removed or unknown.
async fn send<W: VendorWrite>(write: &W, intent: W::Intent) -> Result<StoredAnswer> {
    match write.send(&intent).await {
        Ok(receipt) => match write.commit(&intent, receipt).await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => outcome_unknown(write, &intent).await,
            // The intent stays. Of a ticket or a reply it is due, and found at the vendor.
            Err(error) => {
                tracing::error!(
                    subject = write.subject(&intent), error = ?error,
                    "A write that the vendor did could not be committed; its outcome counts as unknown."
                );
                write.unknown_answer(&intent)
            }
        },
        Err(error) if error.retry() == Retry::OutcomeUnknown => {
            let subject = write.subject(&intent);
            tracing::warn!(subject, error = ?error, "The outcome of a write at the vendor is unknown.");
            outcome_unknown(write, &intent).await
        }
        Err(refusal) => {
            // If this fails, the intent stays, and its outcome counts as unknown; the answer is still the refusal.
            if let Err(error) = write.remove(&intent).await {
                let subject = write.subject(&intent);
                tracing::error!(subject, error = ?error, "An intent that the vendor refused could not be removed.");
            }
            Err(refusal)
        }
    }
}

/// If the store fails, the intent does not change, and is reconciled once its lease has ended.
async fn outcome_unknown<W: VendorWrite>(write: &W, intent: &W::Intent) -> Result<StoredAnswer> {
    if let Err(error) = write.mark_unknown(intent).await {
        tracing::error!(subject = write.subject(intent), error = ?error, "An unknown outcome could not be stored.");
    }
    write.unknown_answer(intent)
}

/// The answer of the attempt that `record` is about. `None`: the vendor certainly has nothing of it, and the key is
/// free.
async fn earlier_answer<W: VendorWrite>(
    app: &App,
    write: &W,
    record: IdempotencyRecord,
) -> Result<Option<StoredAnswer>> {
    if record.answer.is_some() {
        return Ok(record.answer);
    }
    let intent = match write.earlier_attempt(&record.subject).await? {
        EarlierAttempt::Pending { may_run: true, .. } if record.lease.until_ms > app.clock.now_ms() => {
            return Err(key_in_use());
        }
        EarlierAttempt::Pending { intent, .. } => intent,
        EarlierAttempt::Committed(answer) => return Ok(Some(answer)),
        EarlierAttempt::Indeterminate(error) => return Err(error),
        EarlierAttempt::Gone => return Err(key_in_use()),
    };
    match write.reconcile(&intent).await? {
        ReconcileOutcome::Found(answer) => Ok(Some(answer)),
        ReconcileOutcome::Unknown(_) => write.unknown_answer(&intent).map(Some),
        ReconcileOutcome::Indeterminate(error) => Err(error),
        ReconcileOutcome::Absent => Ok(None),
        ReconcileOutcome::Superseded => Err(key_in_use()),
    }
}

/// `Conflict`: another run works under the same key.
pub(crate) fn key_in_use() -> Error {
    let message = "A request with this Idempotency-Key is still running; try again in a moment.";
    Error::new(ProblemCode::IdempotencyKeyInUse, message).with_retry(Retry::Yes { after: Some(Duration::from_secs(2)) })
}

/// `KeyReused`: the key was used with another request.
pub(crate) fn key_reused() -> Error {
    let message = "This Idempotency-Key was used with another request; send a new key for a new request.";
    Error::new(ProblemCode::IdempotencyKeyReused, message)
}
