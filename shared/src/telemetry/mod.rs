//! Observability of an invocation: a span around its log lines, and metrics in CloudWatch's embedded metric format
//! (EMF).
//!
//! [`run_instrumented`] surrounds an invocation. Code that runs in it adds to [`metrics`] from any depth: the recorder
//! is a value of the task. Nothing is sent: the documents are lines of standard output ([`Sink`]), which CloudWatch
//! reads out of the log. Knows neither vendors nor the store.

mod emf;
pub mod metrics;
mod recorder;
mod sink;

pub use self::{
    metrics::{Metric, Unit},
    sink::{Discard, Sink, Stdout},
};

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
};

use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span, field};

use self::recorder::Recorder;
use crate::{
    clock::Clock,
    domain::{AccountId, Actor, TicketId},
    error::{Error, ErrorKind, Result},
    invocation::{Invocation, Trace},
};

/// The sink, clock and namespace of the metrics.
#[derive(Clone)]
pub struct Telemetry {
    /// Takes the documents.
    pub sink: Arc<dyn Sink>,
    /// Gives their time.
    pub clock: Arc<dyn Clock>,
    /// CloudWatch namespace of the metrics.
    pub namespace: String,
}

/// Runs `work` as an invocation of `function`: its log lines carry the invocation's ids. Its metrics are written at its
/// end, also when it fails, panics or is cancelled.
///
/// At the invocation's deadline, shortly before Lambda stops it, the metrics so far are written too: a function that is
/// stopped writes nothing any more.
///
/// `work` is boxed as a trait object, because the compiler bounds how deep the types of futures may nest.
pub async fn run_instrumented<T>(
    telemetry: &Telemetry,
    function: &'static str,
    invocation: &Invocation,
    work: Pin<Box<dyn Future<Output = T> + Send + '_>>,
) -> T {
    let recorder = Recorder::new(telemetry, function, invocation);
    let span = span(function, invocation);
    let started = Instant::now();
    let work = async {
        let done = work.await;
        tracing::info!(duration_ms = ms_since(started), "The invocation is over.");
        done
    };
    let mut work = pin!(recorder.surround(work).instrument(span));
    if let Ok(done) = timeout_at(invocation.deadline, work.as_mut()).await {
        return done;
    }
    recorder.flush();
    work.await
}

/// Runs `work` as [`run_instrumented`] does, for an event that is no HTTP call; an error of ours counts as a defect.
///
/// # Errors
/// That of `work`.
pub async fn run_event<T>(
    telemetry: &Telemetry,
    function: &'static str,
    invocation: &Invocation,
    work: Pin<Box<dyn Future<Output = Result<T>> + Send + '_>>,
) -> Result<T> {
    let work = async { work.await.inspect_err(record_defect) };
    run_instrumented(telemetry, function, invocation, Box::pin(work)).await
}

/// At the error level, so that no filter removes the ids from log lines.
fn span(function: &'static str, invocation: &Invocation) -> Span {
    tracing::error_span!(
        "invocation",
        function,
        request_id = invocation.request_id,
        trace_id = invocation.trace.as_ref().map(Trace::root),
        actor.id = invocation.actor.as_ref().map(|actor| &*actor.id),
        account.id = field::Empty,
        ticket.id = field::Empty,
    )
}

/// Sets the account that the whole invocation is about: its later log lines and its metrics' documents carry the id, as
/// a property and never as a dimension.
pub fn set_account(id: &AccountId) {
    set_subject("account.id", id.as_str());
}

/// Sets the ticket that the whole invocation is about, in the same way.
pub fn set_ticket(id: &TicketId) {
    set_subject("ticket.id", id.as_str());
}

/// The account that the whole invocation is about, once it is set.
pub fn account() -> Option<AccountId> {
    recorder::current(|recorder| recorder.text("account.id")).flatten().and_then(|id| AccountId::parse(id).ok())
}

/// The ticket that the whole invocation is about, once it is set.
pub fn ticket() -> Option<TicketId> {
    recorder::current(|recorder| recorder.text("ticket.id")).flatten().and_then(|id| TicketId::parse(id).ok())
}

fn set_subject(name: &'static str, id: &str) {
    Span::current().record(name, id);
    property(name, id);
}

/// Adds a property to the documents of the invocation's metrics: ids and lists behind a number.
pub fn property(name: &'static str, value: impl Into<serde_json::Value>) {
    recorder::current(|recorder| recorder.property(name, value.into()));
}

/// The trace that the running invocation is part of.
pub fn trace() -> Option<Trace> {
    recorder::current(|recorder| recorder.trace.clone()).flatten()
}

/// Who asked for the running invocation.
pub fn actor() -> Option<Actor> {
    recorder::current(|recorder| recorder.actor.clone()).flatten()
}

/// Counts an error that is a defect of ours, or of the stack's settings. Vendors' errors have their own metrics.
pub fn record_defect(error: &Error) {
    if matches!(error.kind(), ErrorKind::Unexpected | ErrorKind::ConfigInvalid) {
        metrics::DEFECTS.add([], 1);
    }
}

/// Whole milliseconds since then.
pub fn ms_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
