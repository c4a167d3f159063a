//! `publish-events`: a batch of the table's stream, or of the queue of dead letters.

use std::time::Duration;

use publish_events::DeadLetters;
use serde_json::{Value, json};
use shared::{app::App, http::Invocation};

use super::{Call, Job};
use crate::history::{Answer, Ended};

/// The template's timeout of the function.
const TIMEOUT: Duration = Duration::from_secs(60);

/// One batch.
pub fn publish(records: &[Value]) -> Job {
    Job {
        function: "publish-events",
        timeout: TIMEOUT,
        call: Call::Event(json!({"Records": records})),
        title: format!("{} records", records.len()),
    }
}

/// Runs the handler.
pub(super) async fn handle(
    app: &App,
    dead_letters: &DeadLetters,
    event: &Value,
    invocation: &Invocation,
) -> Ended {
    match publish_events::handle_event(app, dead_letters, event, invocation).await {
        Ok(body) => Ended::Answered(Answer { status: 200, text: body.to_string(), body }),
        Err(error) => Ended::Failed(error.code().to_owned()),
    }
}
