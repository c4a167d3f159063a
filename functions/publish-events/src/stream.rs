//! Publishes a batch of the table's stream, in the order of its records.

use std::mem;

use serde_json::Value;
use shared::{
    app::App,
    error::{Error, Result},
    events::{BusEvent, PublishError, Record, UnreadableRecord},
    telemetry::metrics,
};

use crate::{
    DeadLetterQueue,
    batch::{Batch, Outgoing, has_room},
    change,
    dead_letter::DeadLetter,
    failures,
};

/// The age at which an event that the bus has not accepted is parked in the queue. The stream keeps a record for 24
/// hours, and Lambda discards it at 22 hours, which must be later.
pub const PARK_AFTER_MS: i64 = 20 * 60 * 60 * 1000;

/// The time after which no call begins, so that the batch ends with an answer: the function is stopped after 60
/// seconds, and the last two calls take up to 8 seconds each.
const BATCH_MS: i64 = 40_000;

/// The largest event, in bytes. Ids and states are much shorter, and a dead letter of this size fits into a message of
/// the queue (256 KiB).
const MAX_EVENT_BYTES: usize = 64 * 1024;

/// The index of the first record that is not done; all earlier ones are done.
struct StoppedAt(usize);

/// Publishes the events of `records`. Answers which record is the first that is not done, if there is one.
pub async fn publish(app: &App, dead_letters: &DeadLetterQueue, records: &[Value]) -> Result<Value> {
    let until_ms = app.clock.now_ms() + BATCH_MS;
    metrics::EVENTS_PARKED.add([], 0);
    let mut publisher = Publisher { app, dead_letters, until_ms, batch: Batch::new(), bus_is_down: false };
    let Err(StoppedAt(index)) = publisher.run(records).await else { return Ok(failures([])) };
    let sequence = records.get(index).and_then(|record| record["dynamodb"]["SequenceNumber"].as_str());
    match sequence {
        Some(sequence) => Ok(failures([sequence])),
        // Lambda identifies a record by its sequence number.
        None => Err(Error::unavailable("A record without a sequence number could not be parked.")),
    }
}

struct Publisher<'a> {
    app: &'a App,
    dead_letters: &'a DeadLetterQueue,
    until_ms: i64,
    /// The events of the next call, by the index of their record.
    batch: Batch<usize>,
    /// Whether a whole call has failed in this batch. Then no other call is made: no time would be left to park events.
    bus_is_down: bool,
}

impl Publisher<'_> {
    async fn run(&mut self, records: &[Value]) -> Result<(), StoppedAt> {
        for (index, record) in records.iter().enumerate() {
            match outgoing_of(record) {
                Ok(None) => {}
                Ok(Some(next)) => {
                    if !has_room(&self.batch, &next) {
                        self.flush().await?;
                    }
                    self.batch.push((index, next));
                }
                Err(unreadable) => {
                    self.flush().await?;
                    tracing::error!(reason = unreadable.0, "A record of the stream can't be read and is parked.");
                    self.park(index, &DeadLetter::record(record, unreadable)).await?;
                }
            }
        }
        self.flush().await
    }

    /// Sends the events of the next call. One that is not accepted stops the batch, unless it must be parked.
    async fn flush(&mut self) -> Result<(), StoppedAt> {
        let batch = mem::take(&mut self.batch);
        let Some((first, _)) = batch.first() else { return Ok(()) };
        self.check_time(*first)?;
        let events: Vec<BusEvent> = batch.iter().map(|(_, outgoing)| outgoing.event.clone()).collect();
        let outcomes = self.send(&events).await;
        for ((index, outgoing), outcome) in batch.into_iter().zip(outcomes) {
            let Err(error) = outcome else {
                metrics::EVENTS_PUBLISHED.add([], 1);
                continue;
            };
            let age_ms = self.app.clock.now_ms() - outgoing.time_ms;
            if !error.is_final() && age_ms < PARK_AFTER_MS {
                tracing::warn!(code = error.code, "The bus does not take an event; it is delivered again.");
                return Err(StoppedAt(index));
            }
            let reason = format!("the bus does not take it: {}", error.code);
            tracing::error!(partition = outgoing.partition, reason, "An event is parked.");
            let dead_letter = DeadLetter::event(outgoing, reason).map_err(|_| StoppedAt(index))?;
            self.park(index, &dead_letter).await?;
        }
        Ok(())
    }

    async fn send(&mut self, events: &[BusEvent]) -> Vec<Result<(), PublishError>> {
        if !self.bus_is_down {
            match self.app.events.publish(events).await {
                Ok(outcomes) => return outcomes,
                Err(error) => tracing::warn!(?error, "The bus did not answer."),
            }
            self.bus_is_down = true;
        }
        vec![Err(PublishError { code: "no answer".to_owned() }); events.len()]
    }

    async fn park(&self, index: usize, dead_letter: &DeadLetter) -> Result<(), StoppedAt> {
        self.check_time(index)?;
        self.dead_letters.send(dead_letter).await.map_err(|error| {
            tracing::error!(?error, "A dead letter can't be stored; its record is delivered again.");
            StoppedAt(index)
        })?;
        metrics::EVENTS_PARKED.add([], 1);
        Ok(())
    }

    fn check_time(&self, index: usize) -> Result<(), StoppedAt> {
        if self.app.clock.now_ms() < self.until_ms { Ok(()) } else { Err(StoppedAt(index)) }
    }
}

fn outgoing_of(record: &Value) -> Result<Option<Outgoing>, UnreadableRecord> {
    let record = Record::read(record)?;
    let Some(event) = change::event_of(&record)? else { return Ok(None) };
    if event.bytes() > MAX_EVENT_BYTES {
        return Err(UnreadableRecord("its event would be too large"));
    }
    let change = record.change();
    let partition = record.partition()?.to_owned();
    Ok(Some(Outgoing { partition, sequence: change.sequence, time_ms: change.time, event }))
}
