//! Lambda's reader of the table's stream: hands records over in their order, a batch again until it is done, a smaller one
//! after a failure, and forgets what is older than a day.

use std::{collections::VecDeque, sync::Arc};

use serde_json::{Value, json};

use super::wait_ms;
use crate::{
    functions, history::Ended, invoke::invoke, io::stream::sequence, plan::MINUTE_MS, process::lock,
    world::World,
};

/// The template's batch size and window.
const BATCH: usize = 100;
const WINDOW_MS: u64 = 1_000;

/// The longest wait before a batch is handed over again.
const LONGEST_WAIT_MS: u64 = 5 * MINUTE_MS;

/// How long the stream keeps a record.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Reads the stream for ever.
pub async fn run(world: Arc<World>) {
    let mut waiting = VecDeque::new();
    let (mut limit, mut wait) = (BATCH, WINDOW_MS);
    loop {
        wait_ms(wait).await;
        fetch(&world, &mut waiting);
        if waiting.is_empty() {
            lock(&world.stream_idle).clone_from(&Some(world.table.writes()));
            (limit, wait) = (BATCH, WINDOW_MS);
            world.written.notified().await;
            continue;
        }
        let length = waiting.len().min(limit);
        let job = functions::publish(waiting.drain(..length).collect());
        let ended = invoke(&world, &job).await;
        let batch = functions::records(job);
        let done = match &ended {
            Ended::Answered(answer) => first_failure(&batch, &answer.body).unwrap_or(length),
            _ => 0,
        };
        batch.into_iter().skip(done).rev().for_each(|record| waiting.push_front(record));
        let whole = done == length;
        if !matches!(ended, Ended::Answered(_)) {
            limit = length.div_ceil(2);
        } else if whole {
            limit = BATCH;
        }
        wait = if whole { WINDOW_MS } else { (wait * 2).min(LONGEST_WAIT_MS) };
    }
}

/// Takes new records that can be an event, and drops those that the stream keeps no longer.
fn fetch(world: &World, waiting: &mut VecDeque<Value>) {
    let new = world.changes();
    waiting.extend(new.into_iter().filter(is_wanted));
    let oldest_ms = world.clock.now_ms() - KEPT_MS;
    waiting.retain(|record| {
        let at_s = record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or(f64::MAX);
        #[expect(clippy::cast_precision_loss, reason = "a time of this century fits")]
        let kept = at_s * 1000.0 >= oldest_ms as f64;
        if !kept {
            world.note(&format!("the stream forgets record {}", sequence(record)));
        }
        kept
    });
}

/// The template's filter.
fn is_wanted(record: &Value) -> bool {
    let key = |name: &str| record["dynamodb"]["Keys"][name]["S"].as_str().unwrap_or_default();
    let (pk, sk) = (key("PK"), key("SK"));
    let of_ticket = sk == "TICKET" || sk.starts_with("MESSAGE#") || sk.starts_with("REPLY#");
    pk.starts_with("REFRESH#") || (pk.starts_with("TICKET#") && of_ticket)
}

/// The index of the first record that must come again. An identifier of no record of the batch fails all of it.
fn first_failure(batch: &[Value], answer: &Value) -> Option<usize> {
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    failures
        .map(|failure| {
            let number = failure["itemIdentifier"].as_str();
            batch.iter().position(|record| Some(sequence(record)) == number).unwrap_or(0)
        })
        .min()
}

/// Hands the letters in the queue over until none is left, as an operator does once the bus is back. `false` if some stay.
pub async fn redrive(world: &Arc<World>) -> bool {
    for _ in 0..20 {
        let letters: Vec<_> = lock(&world.queue).letters.iter().take(10).cloned().collect();
        if letters.is_empty() {
            return true;
        }
        let records: Vec<Value> = letters
            .iter()
            .map(|(id, body)| json!({"messageId": id, "body": body, "eventSource": "aws:sqs"}))
            .collect();
        let ended = invoke(world, &functions::publish(records)).await;
        let left: Vec<_> = ended.body()["batchItemFailures"].as_array().cloned().unwrap_or_default();
        let stays = |id: &str| left.iter().any(|failure| failure["itemIdentifier"] == id);
        if matches!(ended, Ended::Answered(_)) {
            lock(&world.queue)
                .letters
                .retain(|(id, _)| stays(id) || !letters.iter().any(|(sent, _)| sent == id));
        }
    }
    lock(&world.queue).letters.is_empty()
}
