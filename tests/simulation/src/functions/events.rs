//! Invocations by events: the schedules of the sync and of the copies, a batch of the table's stream or of the
//! dead-letter queue, a refresh, a rebuild of the statistics.

use std::{sync::Arc, time::Duration};

use refresh_catalog::Event;
use serde_json::{Value, json};
use shared::{error::Error, invocation::Invocation};

use super::{InvocationInput, InvocationRequest};
use crate::{
    history::{HttpAnswer, InvocationEnd},
    process::FunctionProcess,
};

/// The timeouts of the functions in the template.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(60);
const REFRESH_TIMEOUT: Duration = Duration::from_secs(300);
const COPY_TIMEOUT: Duration = Duration::from_secs(300);
const SYNC_TIMEOUT: Duration = Duration::from_secs(55);
const STATISTICS_TIMEOUT: Duration = Duration::from_secs(300);

/// The one field of a batch.
const RECORDS: &str = "Records";

/// A run of `sync-tickets`.
pub fn sync() -> InvocationRequest {
    InvocationRequest {
        function: "sync-tickets",
        timeout: SYNC_TIMEOUT,
        input: Arc::new(InvocationInput::Event(Value::Null)),
        title: "minute".to_owned(),
    }
}

/// A run of `copy-attachments`.
pub fn copy_files() -> InvocationRequest {
    InvocationRequest { function: "copy-attachments", timeout: COPY_TIMEOUT, ..sync() }
}

/// A batch for `publish-events`.
pub fn publish(records: Vec<Value>) -> InvocationRequest {
    batch("publish-events", PUBLISH_TIMEOUT, records)
}

/// A batch for `update-statistics`.
pub fn count(records: Vec<Value>) -> InvocationRequest {
    batch("update-statistics", STATISTICS_TIMEOUT, records)
}

fn batch(function: &'static str, timeout: Duration, records: Vec<Value>) -> InvocationRequest {
    let title = format!("{} records", records.len());
    // The records are moved and not copied: during an outage of the bus the same batch comes hundreds of times.
    let event = Value::Object([(RECORDS.to_owned(), Value::Array(records))].into_iter().collect());
    InvocationRequest { function, timeout, input: Arc::new(InvocationInput::Event(event)), title }
}

/// A rebuild of the statistics, as an operator starts it.
pub fn rebuild_statistics() -> InvocationRequest {
    InvocationRequest {
        function: "update-statistics",
        timeout: STATISTICS_TIMEOUT,
        input: Arc::new(InvocationInput::Event(json!({"rebuild": true}))),
        title: "rebuild".to_owned(),
    }
}

/// The records of a batch that was made by [`publish`] or [`count`].
pub fn records(request: InvocationRequest) -> Vec<Value> {
    let input = Arc::try_unwrap(request.input).unwrap_or_else(|shared| shared.as_ref().clone());
    if let InvocationInput::Event(mut event) = input
        && let Value::Array(records) = event[RECORDS].take()
    {
        return records;
    }
    unreachable!("a batch is made of records")
}

/// A run of `refresh-catalog`, started by an event of the bus or of the daily schedule.
pub fn run_refresh(event: Value) -> InvocationRequest {
    let title = format!("event {} {}", event["detail-type"], event["detail"]);
    InvocationRequest {
        function: "refresh-catalog",
        timeout: REFRESH_TIMEOUT,
        input: Arc::new(InvocationInput::Event(event)),
        title,
    }
}

/// The event of the daily schedule. Repeated deliveries have the same id.
pub fn scheduled_refresh(id: u64) -> Value {
    json!({"id": format!("event-{id}"), "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})
}

/// Runs the handler of `function`.
pub(super) async fn handle(
    function: &str,
    process: &FunctionProcess,
    event: &Value,
    invocation: &Invocation,
) -> InvocationEnd {
    let app = &process.app;
    let answer = match function {
        "publish-events" => publish_events::handle_event(app, &process.dead_letters, event, invocation).await,
        "update-statistics" => update_statistics::handle_event(app, event, invocation).await,
        "copy-attachments" => copy_attachments::handle_event(app, invocation).await.map(|()| Value::Null),
        "sync-tickets" => sync_tickets::handle_event(app, event, invocation).await.map(|()| Value::Null),
        _ => refresh(process, event, invocation).await.map(|()| Value::Null),
    };
    match answer {
        Ok(Value::Null) => InvocationEnd::Answered(HttpAnswer { status: 200, body: Value::Null, text: String::new() }),
        Ok(body) => InvocationEnd::Answered(HttpAnswer { status: 200, text: body.to_string(), body }),
        Err(error) => InvocationEnd::Failed(error.code().to_owned()),
    }
}

async fn refresh(process: &FunctionProcess, event: &Value, invocation: &Invocation) -> Result<(), Error> {
    refresh_catalog::handle_event(&process.app, &Event::read(event)?, invocation).await
}
