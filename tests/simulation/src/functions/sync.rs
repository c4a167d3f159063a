//! `sync-tickets`: the schedule's minute.

use std::time::Duration;

use serde_json::Value;
use shared::{app::App, invocation::Invocation};

use super::{Call, Job};
use crate::history::Ended;

/// The template's timeout of the function.
const TIMEOUT: Duration = Duration::from_secs(55);

/// One run.
pub fn sync() -> Job {
    Job {
        function: "sync-tickets",
        timeout: TIMEOUT,
        call: Call::Event(Value::Null),
        title: "minute".to_owned(),
    }
}

/// Runs the handler.
pub(super) async fn handle(app: &App, invocation: &Invocation) -> Ended {
    Ended::of_event(sync_tickets::handle_event(app, &Value::Null, invocation).await)
}
