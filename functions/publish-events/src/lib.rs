//! Publishes the changes in the table's stream as events on the bus: at least once, in order per ticket, nothing
//! dropped.
//!
//! `record` reads a record of the stream, `change` decides on its event, `batch` holds the events of one call of the
//! bus, [`stream`] publishes a batch of records. An event that can't be published goes to the `dead_letter_queue` as a
//! `dead_letter`; `redrive` publishes it later, when the queue is connected to this function.
//!
//! # Order
//!
//! The bus may accept some events of a call and refuse others. So no call holds two events of one partition of the
//! table (one ticket): the second could be published before the first is sent again. The first record whose event was
//! not accepted stops the batch: Lambda delivers it and all later records again. Events of other tickets that were
//! accepted in the same call are then published twice, with the same `event_id`.

mod batch;
mod change;
mod dead_letter;
mod dead_letter_queue;
mod redrive;
pub mod stream;

use serde_json::{Value, json};
use shared::{
    app::App,
    error::{Error, Result},
    invocation::Invocation,
    start::Connection,
    telemetry,
};

pub use dead_letter_queue::DeadLetterQueue;

/// The connections that its invocations use. Dead letters are rare, so none to their queue.
pub const CONNECTIONS: &[Connection] = &[Connection::Bus];

/// Serves a batch of the table's stream or of the dead letter queue. Answers which records Lambda must deliver again.
///
/// # Errors
/// Lambda must deliver the whole batch again.
pub async fn handle_event(
    app: &App,
    dead_letters: &DeadLetterQueue,
    event: &Value,
    invocation: &Invocation,
) -> Result<Value> {
    telemetry::run_event(
        &app.telemetry,
        env!("CARGO_PKG_NAME"),
        invocation,
        Box::pin(publish(app, dead_letters, event)),
    )
    .await
}

async fn publish(app: &App, dead_letters: &DeadLetterQueue, event: &Value) -> Result<Value> {
    let records = event["Records"].as_array().ok_or_else(|| Error::invalid_input("The event has no Records."))?;
    if records.first().is_some_and(|record| record["eventSource"] == "aws:sqs") {
        redrive::publish(app, records).await
    } else {
        stream::publish(app, dead_letters, records).await
    }
}

/// The answer to Lambda: the records to deliver again.
fn failures<'a>(identifiers: impl IntoIterator<Item = &'a str>) -> Value {
    let failures: Vec<Value> = identifiers.into_iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({ "batchItemFailures": failures })
}
