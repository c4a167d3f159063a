//! Lambda's poller of the table's stream for a function: delivers records in order, repeats a batch until it succeeds,
//! halves it after a failure, and drops records that are older than a day.

use std::{collections::VecDeque, sync::Arc};

use serde_json::{Value, json};

use super::wait_ms;
use crate::{
    functions::{self, InvocationRequest},
    history::InvocationEnd,
    invoke::invoke,
    io::stream::sequence,
    plan::MINUTE_MS,
    process::lock,
    world::SimulatedWorld,
};

/// The template's batch size.
const BATCH: usize = 100;

/// The longest wait before a batch is repeated.
const LONGEST_WAIT_MS: u64 = 5 * MINUTE_MS;

/// The retention time of the stream.
const RETENTION_MS: i64 = 24 * 60 * 60 * 1000;

/// A function that reads the stream.
#[derive(Clone, Copy)]
pub enum Reader {
    /// `publish-events`.
    Publisher,
    /// `update-statistics`.
    Statistics,
}

impl Reader {
    fn function(self) -> &'static str {
        match self {
            Reader::Publisher => "publish-events",
            Reader::Statistics => "update-statistics",
        }
    }

    fn batch(self, records: Vec<Value>) -> InvocationRequest {
        match self {
            Reader::Publisher => functions::publish(records),
            Reader::Statistics => functions::count(records),
        }
    }

    /// The template's window.
    fn window_ms(self) -> u64 {
        match self {
            Reader::Publisher => 1_000,
            Reader::Statistics => 10_000,
        }
    }

    /// The template's filter.
    fn is_wanted(self, record: &Value) -> bool {
        let key = |name: &str| record["dynamodb"]["Keys"][name]["S"].as_str().unwrap_or_default();
        let (pk, sk) = (key("PK"), key("SK"));
        let is_ticket = pk.starts_with("TICKET#") && sk == "TICKET";
        match self {
            Reader::Publisher => {
                let of_ticket = sk.starts_with("MESSAGE#") || sk.starts_with("REPLY#");
                is_ticket || pk.starts_with("REFRESH#") || (pk.starts_with("TICKET#") && of_ticket)
            }
            Reader::Statistics => is_ticket,
        }
    }
}

/// Reads the stream for the function until the task is aborted.
pub async fn run(world: Arc<SimulatedWorld>, reader: Reader) {
    let mut pending = VecDeque::new();
    let mut seen = 0;
    let window_ms = reader.window_ms();
    let (mut limit, mut wait) = (BATCH, window_ms);
    loop {
        wait_ms(wait).await;
        fetch(&world, reader, &mut seen, &mut pending);
        if pending.is_empty() {
            lock(&world.stream_idle).insert(reader.function(), world.table.writes());
            (limit, wait) = (BATCH, window_ms);
            world.written[reader as usize].notified().await;
            continue;
        }
        let length = pending.len().min(limit);
        let request = reader.batch(pending.drain(..length).collect());
        let ended = invoke(&world, &request).await;
        let batch = functions::records(request);
        let done = match &ended {
            InvocationEnd::Answered(answer) => first_failure(&batch, &answer.body).unwrap_or(length),
            _ => 0,
        };
        batch.into_iter().skip(done).rev().for_each(|record| pending.push_front(record));
        let complete = done == length;
        if !matches!(ended, InvocationEnd::Answered(_)) {
            limit = length.div_ceil(2);
        } else if complete {
            limit = BATCH;
        }
        wait = if complete { window_ms } else { (wait * 2).min(LONGEST_WAIT_MS) };
    }
}

/// Adds new records that match the filter, and drops those beyond the retention time.
fn fetch(world: &SimulatedWorld, reader: Reader, seen: &mut usize, pending: &mut VecDeque<Value>) {
    pending.extend(world.changes(seen, |record| reader.is_wanted(record)));
    let oldest_ms = world.clock.now_ms() - RETENTION_MS;
    pending.retain(|record| {
        let at_s = record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or(f64::MAX);
        #[expect(clippy::cast_precision_loss, reason = "a time of this century fits")]
        let retained = at_s * 1000.0 >= oldest_ms as f64;
        if !retained {
            world.trace_line(&format!("the stream drops record {}", sequence(record)));
        }
        retained
    });
}

/// The index of the first record to repeat. An identifier that is not in the batch fails the whole batch.
fn first_failure(batch: &[Value], answer: &Value) -> Option<usize> {
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    failures
        .map(|failure| {
            let number = failure["itemIdentifier"].as_str();
            batch.iter().position(|record| Some(sequence(record)) == number).unwrap_or(0)
        })
        .min()
}

/// Redrives the dead-letter queue until it is empty, as an operator does after an outage of the bus.
pub async fn redrive(world: &Arc<SimulatedWorld>) {
    for _ in 0..20 {
        let messages: Vec<_> = lock(&world.queue).messages.iter().take(10).cloned().collect();
        if messages.is_empty() {
            return;
        }
        let records: Vec<Value> = messages
            .iter()
            .map(|(id, body)| json!({"messageId": id, "body": body, "eventSource": "aws:sqs"}))
            .collect();
        let ended = invoke(world, &functions::publish(records)).await;
        let left: Vec<_> = ended.body()["batchItemFailures"].as_array().cloned().unwrap_or_default();
        let stays = |id: &str| left.iter().any(|failure| failure["itemIdentifier"] == id);
        if matches!(ended, InvocationEnd::Answered(_)) {
            lock(&world.queue).messages.retain(|(id, _)| stays(id) || !messages.iter().any(|(sent, _)| sent == id));
        }
    }
}
