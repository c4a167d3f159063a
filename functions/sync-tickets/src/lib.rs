//! The sync, every minute: does due work, and reads the status of open tickets at the vendors.
//!
//! `run` groups the work by account, `account` does the work of one: `due` reconciles unknown outcomes, continues
//! closes and rechecks closed tickets, `status_changes` compares open tickets with the vendor's list, `reopened`
//! closed ones, `adopt` adopts tickets of the vendor's console. `registrations` ends those that stopped. `gauges` and
//! `catalogs` measure for the alarms. `context` holds what the steps share. Runs may overlap and stop at any point: a
//! lease or a condition lets each step take effect once.

mod account;
mod adopt;
mod catalogs;
mod circuit_breaker;
mod context;
mod copies;
mod due;
mod gauges;
mod registrations;
mod reopened;
mod run;
mod status_changes;

use jiff::Timestamp;
use serde_json::Value;
use shared::{app::App, error::Result, invocation::Invocation, start::Connection, telemetry};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// Serves the schedule's event.
///
/// # Errors
/// The store did not answer; no work was done.
pub async fn handle_event(app: &App, event: &Value, invocation: &Invocation) -> Result<()> {
    let work = Box::pin(run::run(app, invocation, scheduled_ms(event)));
    telemetry::run_event(&app.telemetry, env!("CARGO_PKG_NAME"), invocation, work).await
}

/// The time for which this run was scheduled, Unix milliseconds, where the event has it.
fn scheduled_ms(event: &Value) -> Option<i64> {
    let time: Timestamp = event["time"].as_str()?.parse().ok()?;
    Some(time.as_millisecond())
}
