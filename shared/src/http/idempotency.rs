//! The `Idempotency-Key` header, and running work under it.

use std::{future::Future, time::Duration};

use ::http::{HeaderMap, Response};

use super::{HttpCall, Invocation, respond};
use crate::{
    app::App,
    digest::sha256_hex,
    error::{Error, ErrorKind, Result, Retry},
    ids,
    problem_code::ProblemCode,
    store::{Begin, IdempotencyRecord, Lease, StoredAnswer},
};

/// The header, lower case.
pub const HEADER: &str = "idempotency-key";

/// The most characters of a key.
pub const MAX_KEY_CHARS: usize = 255;

/// How much longer than the invocation a record's lease lasts: clocks and last writes.
const LEASE_RESERVE: Duration = Duration::from_secs(5);

/// The caller's key, if the header stands.
pub fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let allowed = text.len() <= MAX_KEY_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() || !allowed {
        let rule = "must be 1 to 255 visible ASCII characters without spaces, for example a UUID";
        return Err(
            Error::invalid_field("Idempotency-Key", rule).with_code(ProblemCode::InvalidIdempotencyKey)
        );
    }
    Ok(Some(text.to_owned()))
}

/// The caller's key, where one must stand.
pub fn required_key(headers: &HeaderMap) -> Result<String> {
    key(headers)?.ok_or_else(|| {
        let why = "is required: no vendor's create is idempotent, so only this key can keep a retry from making a \
                   second ticket; send a new one, for example a UUID, for each new request and the same one for its retries";
        Error::invalid_field("Idempotency-Key", why).with_code(ProblemCode::IdempotencyKeyRequired)
    })
}

/// Digest of an operation and a caller's key: names the record.
pub fn record_hash(operation: &str, key: &str) -> String {
    sha256_hex(format!("{operation}\n{key}"))
}

/// Until when a run may hold a record, Unix milliseconds.
pub fn lease_until(invocation: &Invocation, now_ms: i64) -> i64 {
    let lasts = (invocation.remaining() + LEASE_RESERVE).as_millis();
    now_ms.saturating_add(i64::try_from(lasts).unwrap_or(i64::MAX))
}

/// The record of a run of this invocation.
pub fn record(
    app: &App,
    invocation: &Invocation,
    hash: String,
    request_hash: String,
    subject: String,
) -> Result<IdempotencyRecord> {
    let now_ms = app.clock.now_ms();
    Ok(IdempotencyRecord {
        hash,
        request_hash,
        subject,
        lease: Lease { token: ids::nonce(app.random.as_ref())?, until_ms: lease_until(invocation, now_ms) },
        answer: None,
        expires_at: IdempotencyRecord::unanswered_expiry(now_ms),
    })
}

/// The record of a call, where the caller gave a key; not every route demands one. The call's body is the request, with
/// its path.
pub fn optional_record(app: &App, call: &HttpCall, subject: &str) -> Result<Option<IdempotencyRecord>> {
    let Some(key) = key(&call.headers)? else { return Ok(None) };
    let hash = record_hash(&call.route, &key);
    let mut request = call.id.clone().into_bytes();
    request.extend_from_slice(&call.body);
    record(app, &call.invocation, hash, sha256_hex(request), subject.to_owned()).map(Some)
}

/// What work under a key ended in.
pub enum Outcome {
    /// Final: the same key gives it again.
    Final(StoredAnswer),
    /// Not final: the same key goes on with the work.
    Pending(StoredAnswer),
}

/// `409`: the same key is being worked on.
pub fn running() -> Error {
    Error::new(
        ProblemCode::IdempotencyKeyInUse,
        "A request with this Idempotency-Key is still running; try again in a moment.",
    )
    .with_retry(Retry::Yes { after: Some(Duration::from_secs(2)) })
}

/// `422`: the key was used with another request.
pub fn reused() -> Error {
    Error::new(
        ProblemCode::IdempotencyKeyReused,
        "This Idempotency-Key was used with another request; send a new key for a new request.",
    )
}

/// Runs `work` on `subject`, once for each `record.hash` if the caller gave a key, else just so.
///
/// After a crash the same key runs `work` again on the same subject, so its steps must be safe to repeat. A refusal frees the
/// key; after an error of our own the record stays until its lease ends.
pub async fn run<F, Fut>(
    app: &App,
    record: Option<IdempotencyRecord>,
    subject: String,
    work: F,
) -> Result<Response<String>>
where
    F: FnOnce(String) -> Fut,
    Fut: Future<Output = Result<Outcome>>,
{
    let Some(record) = record else {
        return match work(subject).await? {
            Outcome::Final(answer) | Outcome::Pending(answer) => respond(answer, false),
        };
    };
    let subject = match app.store.begin(&record, app.clock.now_ms()).await? {
        Begin::Run { subject } => subject,
        Begin::Replay(answer) => return respond(answer, true),
        Begin::Running => return Err(running()),
        Begin::Reused => return Err(reused()),
    };
    let done = work(subject).await;
    let settled = match &done {
        Ok(Outcome::Final(answer)) => app.store.finish(&record, answer, app.clock.now_ms()).await,
        Ok(Outcome::Pending(_)) => app.store.release(&record).await,
        Err(error) if matches!(error.kind(), ErrorKind::Unexpected | ErrorKind::Unavailable) => Ok(()),
        Err(_) => app.store.release(&record).await,
    };
    // What was done stands, and is answered; the record then lasts until its lease ends.
    if let Err(error) = settled {
        tracing::error!(error = ?error, "An idempotency record could not be settled.");
    }
    match done? {
        Outcome::Final(answer) | Outcome::Pending(answer) => respond(answer, false),
    }
}
