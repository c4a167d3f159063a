//! The schedule's work, every minute: finishes what is due, and follows the tickets at the vendors.
//!
//! [`run`] groups the work by account, [`account`] does the work of one: [`due`] reconciles unknown outcomes, goes on with
//! closes and rechecks closed tickets, [`status_changes`] compares open tickets with the vendor's list, [`adopt`] adopts
//! tickets of the vendor's console. [`context`] is what the steps share. Runs may overlap and stop at any point: each step
//! can be taken once only.

pub mod account;
pub mod adopt;
pub mod circuit_breaker;
pub mod context;
pub mod due;
pub mod gauges;
pub mod run;
pub mod status_changes;

use jiff::Timestamp;
use serde_json::Value;
use shared::{app::App, error::Result, invocation::Invocation, telemetry};

/// The function's name.
const FUNCTION: &str = env!("CARGO_PKG_NAME");

/// Serves the schedule's event.
///
/// # Errors
/// The store did not answer, so that nothing could be done.
pub async fn handle_event(app: &App, event: &Value, invocation: &Invocation) -> Result<()> {
    let work = Box::pin(run::run(app, invocation, scheduled_ms(event)));
    telemetry::run_event(&app.telemetry, FUNCTION, invocation, work).await
}

/// The time for which this run was scheduled, Unix milliseconds, where the event has it.
fn scheduled_ms(event: &Value) -> Option<i64> {
    let time: Timestamp = event["time"].as_str()?.parse().ok()?;
    Some(time.as_millisecond())
}
