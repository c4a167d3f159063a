//! The schedule's work, every minute: finishes what is due, and follows what happens at the vendors.
//!
//! [`run`] shares the work out by account, [`account`] does one account's: [`due`] settles unknown outcomes and goes on with closes,
//! [`recheck`] reads closed conversations once more, [`status_changes`] compares open tickets with the vendor's list, [`adopt`] takes in
//! tickets from the vendor's console. Runs may overlap and stop at any point: every step is one that only the first to come can take.

pub mod account;
pub mod adopt;
pub mod circuit_breaker;
pub mod due;
pub mod gauges;
pub mod recheck;
pub mod run;
pub mod status_changes;

use jiff::Timestamp;
use serde_json::Value;
use shared::{app::App, error::Result, invocation::Invocation, telemetry};

/// The function's name.
const FUNCTION: &str = env!("CARGO_PKG_NAME");

/// Serves the schedule's event. Fails only where nothing could be done at all: the store did not answer.
pub async fn handle_event(app: &App, event: &Value, invocation: &Invocation) -> Result<()> {
    let work = run::run(app, invocation, scheduled_ms(event));
    telemetry::run_event(&app.telemetry, FUNCTION, invocation, work).await
}

/// The minute for which the schedule started this run, Unix milliseconds, where the event tells it.
fn scheduled_ms(event: &Value) -> Option<i64> {
    let time: Timestamp = event["time"].as_str()?.parse().ok()?;
    Some(time.as_millisecond())
}
