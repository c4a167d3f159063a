//! `publish-events`: a batch of the table's stream, or of the queue of dead letters.

use std::time::Duration;

use publish_events::DeadLetterQueue;
use serde_json::Value;
use shared::{app::App, invocation::Invocation};

use super::{Call, Job};
use crate::history::{Answer, Ended};

/// The template's timeout of the function.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The event's one field.
const RECORDS: &str = "Records";

/// One batch.
pub fn publish(records: Vec<Value>) -> Job {
    let title = format!("{} records", records.len());
    // Moved in and out again: a bus that is down has the same records handed over hundreds of times.
    let event = Value::Object([(RECORDS.to_owned(), Value::Array(records))].into_iter().collect());
    Job { function: "publish-events", timeout: TIMEOUT, call: Call::Event(event), title }
}

/// The records of a batch, taken out of it again.
pub fn records(job: Job) -> Vec<Value> {
    if let Call::Event(mut event) = job.call
        && let Value::Array(records) = event[RECORDS].take()
    {
        return records;
    }
    unreachable!("a batch is made of records")
}

/// Runs the handler.
pub(super) async fn handle(
    app: &App,
    dead_letters: &DeadLetterQueue,
    event: &Value,
    invocation: &Invocation,
) -> Ended {
    match publish_events::handle_event(app, dead_letters, event, invocation).await {
        Ok(body) => Ended::Answered(Answer { status: 200, text: body.to_string(), body }),
        Err(error) => Ended::Failed(error.code().to_owned()),
    }
}
