//! What an invocation tells of itself: a span around its log lines, and metrics in CloudWatch's embedded metric format (EMF).
//!
//! [`run_instrumented`] surrounds an invocation. Whatever runs in it records [`metrics`], from any depth and without being handed anything: the
//! recorder belongs to the task. Nothing is sent anywhere: the documents are lines of standard output ([`Sink`]), which CloudWatch
//! reads out of the log. Knows neither vendors nor the store.

mod emf;
pub mod metrics;
mod recorder;
mod sink;
mod trace;

pub use self::{
    metrics::{Metric, Unit},
    sink::{Discard, Sink, Stdout},
    trace::Trace,
};

use std::{
    fmt::Display,
    future::Future,
    pin::{Pin, pin},
};

use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span, field};

use self::recorder::Recorder;
use crate::{app::App, error::Error, error::ErrorKind, http::Invocation};

/// Runs `work` as an invocation of `function`: its log lines carry the invocation's ids, and what it measures is written when it
/// ends, however it ends: done, failed, in a panic or given up.
///
/// At the invocation's deadline, shortly before Lambda would stop it, what was measured so far is written too: a function that is
/// stopped says nothing any more.
///
/// `work` is boxed, so that the nest of a function's futures is no deeper for being run_instrumented: the compiler bounds it.
pub async fn run_instrumented<T>(
    app: &App,
    function: &'static str,
    invocation: &Invocation,
    work: Pin<Box<impl Future<Output = T>>>,
) -> T {
    let recorder = Recorder::new(app, function, invocation);
    let span = span(function, invocation);
    let started = Instant::now();
    let work = async {
        let done = work.await;
        tracing::info!(duration_ms = ms_since(started), "The invocation is over.");
        done
    };
    let mut work = pin!(recorder.surround(work).instrument(span));
    match timeout_at(invocation.deadline, work.as_mut()).await {
        Ok(done) => done,
        Err(_) => {
            recorder.flush();
            work.await
        }
    }
}

/// At the level of errors, so that no filter takes the ids away from the lines that pass it.
fn span(function: &'static str, invocation: &Invocation) -> Span {
    tracing::error_span!(
        "invocation",
        function,
        request_id = invocation.request_id,
        trace_id = invocation.trace.as_ref().map(Trace::root),
        account.id = field::Empty,
        ticket.id = field::Empty,
    )
}

/// What one invocation can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One account.
    Account,
    /// One ticket.
    Ticket,
}

/// Says what the whole invocation is about: its later log lines and its metrics' documents carry the id, as a property and never as
/// a dimension.
pub fn about(subject: Subject, id: &impl Display) {
    let name = match subject {
        Subject::Account => "account.id",
        Subject::Ticket => "ticket.id",
    };
    Span::current().record(name, field::display(id));
    property(name, id.to_string());
}

/// Adds a property to the documents of the invocation's metrics: for ids and lists that tell what a number is made of.
pub fn property(name: &'static str, value: impl Into<serde_json::Value>) {
    recorder::current(|recorder| recorder.property(name, value.into()));
}

/// The trace that the running invocation is part of.
pub fn trace() -> Option<Trace> {
    let mut trace = None;
    recorder::current(|recorder| trace = recorder.trace().cloned());
    trace
}

/// Counts an error that is a defect of ours, or of the stack's settings. Others have their own metrics, or are the caller's.
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
