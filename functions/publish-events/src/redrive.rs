//! Publishes parked events: a batch of the queue, when it is connected to the function.
//!
//! The queue keeps no order. Within a batch the events are sorted; across batches `sequence` in the events gives the
//! order.

use std::{collections::HashSet, mem};

use serde_json::Value;
use shared::{
    app::App,
    error::{Error, Result},
    events::BusEvent,
    telemetry::metrics,
};

use crate::{
    batch::{Batch, Outgoing, has_room},
    dead_letter::DeadLetter,
    failures,
};

/// Publishes the events in `records`. Answers which messages stay in the queue: those whose event the bus did not
/// accept, later ones of the same partition, and those without an event.
pub async fn publish(app: &App, records: &[Value]) -> Result<Value> {
    let mut redrive = Redrive { app, batch: Batch::new(), stuck: HashSet::new(), left: Vec::new() };
    let mut parked = Vec::new();
    for record in records {
        let id = record["messageId"].as_str();
        let id = id.ok_or_else(|| Error::invalid_input("A message of the queue has no id."))?;
        match read(record) {
            Some(outgoing) => parked.push((id, outgoing)),
            None => {
                tracing::warn!(message_id = id, "A message of the queue holds no event and stays there.");
                redrive.left.push(id);
            }
        }
    }
    parked.sort_by(|(_, a), (_, b)| a.sequence.cmp(&b.sequence));
    for (id, outgoing) in parked {
        if !has_room(&redrive.batch, &outgoing) {
            redrive.flush().await;
        }
        if redrive.stuck.contains(&outgoing.partition) {
            redrive.left.push(id);
        } else {
            redrive.batch.push((id, outgoing));
        }
    }
    redrive.flush().await;
    Ok(failures(redrive.left))
}

fn read(record: &Value) -> Option<Outgoing> {
    let dead_letter: DeadLetter = serde_json::from_str(record["body"].as_str()?).ok()?;
    dead_letter.into_outgoing()
}

struct Redrive<'a> {
    app: &'a App,
    batch: Batch<&'a str>,
    /// The partitions with an event that was not accepted: no later event of theirs may be published before it.
    stuck: HashSet<String>,
    left: Vec<&'a str>,
}

impl Redrive<'_> {
    async fn flush(&mut self) {
        let batch = mem::take(&mut self.batch);
        if batch.is_empty() {
            return;
        }
        let events: Vec<BusEvent> = batch.iter().map(|(_, outgoing)| outgoing.event.clone()).collect();
        let outcomes = self.app.events.publish(&events).await;
        let outcomes = outcomes.inspect_err(|error| tracing::warn!(?error, "The bus did not answer."));
        let outcomes = outcomes.unwrap_or_default();
        for (place, (id, outgoing)) in batch.into_iter().enumerate() {
            if matches!(outcomes.get(place), Some(Ok(()))) {
                metrics::EVENTS_PUBLISHED.add([], 1);
            } else {
                self.stuck.insert(outgoing.partition);
                self.left.push(id);
            }
        }
    }
}
