//! Counts tickets for the statistics: those that the table's stream shows as changed, or all of them again.
//!
//! [`stream`] counts the tickets of a batch of the stream, `rebuild` counts all tickets, for the event
//! `{"rebuild": true}`. Both count a ticket as it is stored at that moment, by the same code of the store, so they come
//! to the same numbers.

mod rebuild;
pub mod stream;

use serde_json::Value;
use shared::{
    app::App,
    error::{Error, Result},
    invocation::Invocation,
    start::Connection,
    telemetry,
};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table];

/// Serves a batch of the table's stream, and answers which record Lambda must deliver again; or serves the event
/// `{"rebuild": true}`, and answers how far the rebuild has come.
///
/// # Errors
/// Lambda must deliver the whole batch again, or the rebuild must be continued by the same event.
pub async fn handle_event(app: &App, event: &Value, invocation: &Invocation) -> Result<Value> {
    telemetry::run_event(&app.telemetry, env!("CARGO_PKG_NAME"), invocation, Box::pin(serve(app, event, invocation)))
        .await
}

async fn serve(app: &App, event: &Value, invocation: &Invocation) -> Result<Value> {
    match event["Records"].as_array() {
        Some(records) => stream::count(app, records).await,
        None if event["rebuild"] == true => rebuild::rebuild(app, invocation).await,
        None => Err(Error::invalid_input("The event has no Records, and it is not {\"rebuild\": true}.")),
    }
}
