//! The `Idempotency-Key` header, and running work under it.

use std::{collections::BTreeMap, future::Future};

use ::http::{HeaderMap, Response};
use serde_json::Value;

use super::{HttpCall, respond, whole_number::whole_number};
use crate::{
    app::App,
    domain::TicketId,
    error::{Error, ErrorKind, Result},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{KeyAcquisition, StoredAnswer},
    workflow::vendor_write::{KeyedRequest, key_in_use, key_reused},
};

/// The header, lower case.
pub const HEADER: &str = "idempotency-key";

/// The most characters of a key.
pub const MAX_KEY_CHARS: usize = 255;

/// A field that goes to the vendor and nowhere else. A digest of it could be guessed, so it is no part of the request
/// that a key stands for: a retry with another value gives the first answer.
pub const SECRET: &str = "secret_info";

/// The call as a request under its key, if it has one: its path and the members of its body are the request.
fn optional(call: &HttpCall) -> Result<Option<KeyedRequest<'_>>> {
    let key = key(&call.headers)?;
    let body = match seeded_bugs::enabled(SeededBug::FingerprintOfBytes) {
        true => call.body.to_vec(),
        false => canonical(&call.body),
    };
    let parts = [call.id.as_bytes(), call.reply_id.as_bytes(), call.message_id.as_bytes(), &body];
    Ok(key.map(|key| KeyedRequest::new(&call.route, &key, &parts, &call.invocation)))
}

/// The same for every JSON text of an object: members in order, none that is null or secret, whole numbers without a
/// fraction, no white space. An empty body is an object without members. Any other body is refused later.
fn canonical(body: &[u8]) -> Vec<u8> {
    let body = if body.is_empty() { b"{}" } else { body };
    let Ok(mut members) = serde_json::from_slice::<BTreeMap<String, Value>>(body) else { return body.to_vec() };
    members.retain(|name, value| !value.is_null() && name != SECRET);
    for value in members.values_mut() {
        if let Some(number) = whole_number(value) {
            *value = number.into();
        }
    }
    serde_json::to_vec(&members).unwrap_or_else(|_| body.to_vec())
}

fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if (1..=MAX_KEY_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(text.to_owned()));
    }
    let rule = "must be 1 to 255 visible ASCII characters without spaces, for example a UUID";
    Err(Error::invalid_field("Idempotency-Key", rule).with_code(ProblemCode::InvalidIdempotencyKey))
}

/// The call as a request under its key, where the route demands one.
///
/// # Errors
/// `idempotency_key_required` without the header, `invalid_idempotency_key` where it can't be a key.
pub fn required(call: &HttpCall) -> Result<KeyedRequest<'_>> {
    optional(call)?.ok_or_else(|| {
        let why = "is required: no vendor's write is idempotent, so only this key can keep a retry from doing it a \
                   second time; send a new one, for example a UUID, for each new request and the same one for its \
                   retries";
        Error::invalid_field("Idempotency-Key", why).with_code(ProblemCode::IdempotencyKeyRequired)
    })
}

/// The result of work under a key.
pub enum KeyedOutcome {
    /// Final: the same key replays it.
    Final(StoredAnswer),
    /// Not final: the same key continues the work.
    Pending(StoredAnswer),
}

/// Runs `work` on the item with the id `subject`; once for each key, where the call has one.
///
/// After a crash the same key runs `work` again on the same item, so its steps must be safe to repeat. A refusal frees
/// the key. After an error of our own the record stays until its lease ends.
///
/// # Errors
/// Those of `work`, `idempotency_key_in_use`, `idempotency_key_reused`, and the store's failures.
pub async fn run<F, Fut>(app: &App, call: &HttpCall, subject: String, work: F) -> Result<Response<String>>
where
    F: FnOnce(String) -> Fut,
    Fut: Future<Output = Result<KeyedOutcome>>,
{
    run_linked(app, call, subject, None, work).await
}

/// The same, with an answer that holds texts of the ticket: it is erased with the ticket.
///
/// # Errors
/// As [`run`].
pub async fn run_of_ticket<F, Fut>(
    app: &App,
    call: &HttpCall,
    ticket: &TicketId,
    subject: String,
    work: F,
) -> Result<Response<String>>
where
    F: FnOnce(String) -> Fut,
    Fut: Future<Output = Result<KeyedOutcome>>,
{
    run_linked(app, call, subject, Some(ticket), work).await
}

async fn run_linked<F, Fut>(
    app: &App,
    call: &HttpCall,
    subject: String,
    ticket: Option<&TicketId>,
    work: F,
) -> Result<Response<String>>
where
    F: FnOnce(String) -> Fut,
    Fut: Future<Output = Result<KeyedOutcome>>,
{
    let Some(request) = optional(call)? else {
        let (KeyedOutcome::Final(answer) | KeyedOutcome::Pending(answer)) = work(subject).await?;
        return respond(answer, false);
    };
    let record = request.record(app, &subject)?;
    let subject = match app.store.begin(&record, app.clock.now_ms()).await? {
        KeyAcquisition::Run { subject } => subject,
        KeyAcquisition::Replay(answer) => return respond(answer, true),
        KeyAcquisition::Running => return Err(key_in_use()),
        KeyAcquisition::Reused => return Err(key_reused()),
    };
    if let Some(ticket) = ticket {
        // Before there is an answer, so that none is left out.
        app.store.link_answer(ticket, &record.hash).await?;
    }
    let done = work(subject).await;
    let recorded = match &done {
        Ok(KeyedOutcome::Final(answer)) => app.store.finish(&record, answer, app.clock.now_ms()).await,
        Ok(KeyedOutcome::Pending(_)) => app.store.release(&record).await,
        Err(error) if matches!(error.kind(), ErrorKind::Unexpected | ErrorKind::Unavailable) => Ok(()),
        Err(_) => app.store.release(&record).await,
    };
    // The work is done, and its result is the answer; the record then lasts until its lease ends.
    if let Err(error) = recorded {
        tracing::error!(error = ?error, "An idempotency record could not be finished.");
    }
    let (KeyedOutcome::Final(answer) | KeyedOutcome::Pending(answer)) = done?;
    respond(answer, false)
}
