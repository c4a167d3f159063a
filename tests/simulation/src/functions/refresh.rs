//! `refresh-catalog`: asked for by HTTP, run by events.

use std::time::Duration;

use refresh_catalog::Event;
use serde_json::{Value, json};
use shared::{app::App, invocation::Invocation};

use super::{Call, Job};
use crate::history::Ended;

/// The template's timeout of the function.
const TIMEOUT: Duration = Duration::from_secs(300);

/// `POST /catalog/refresh`.
pub fn refresh() -> Job {
    Job { timeout: TIMEOUT, ..Job::http("refresh-catalog", "POST /catalog/refresh", "") }
}

/// A run, started by an event of the bus or the schedule.
pub fn run_refresh(event: Value) -> Job {
    let title = format!("event {} {}", event["detail-type"], event["detail"]);
    Job { function: "refresh-catalog", timeout: TIMEOUT, call: Call::Event(event), title }
}

/// The daily schedule's event, which keeps its id however often it is handed over.
pub fn schedule(id: u64) -> Value {
    json!({"id": format!("event-{id}"), "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})
}

/// Runs the handler of events.
pub(super) async fn handle(app: &App, event: &Value, invocation: &Invocation) -> Ended {
    Ended::of_event(match Event::read(event) {
        Ok(event) => refresh_catalog::handle_event(app, &event, invocation).await,
        Err(error) => Err(error),
    })
}
