//! Counts the tickets that a batch of the table's stream shows as changed.
//!
//! A record only tells that a ticket is to be counted again: what is counted is the ticket as it is stored now. So a
//! record that comes twice, or late, changes nothing.

use serde_json::{Value, json};
use shared::{
    app::App,
    domain::{TicketFacts, TicketId, TicketTimes},
    error::{Error, ErrorKind, Result},
    events::{Record, UnreadableRecord},
    store::{TICKETS_AT_ONCE, ticket_of},
    telemetry::{self, metrics},
};

/// The time after which no further tickets are counted, so that the batch ends with an answer, milliseconds.
const BATCH_MS: i64 = 40_000;

/// Counts the tickets of `records`. Answers which record is the first that is not done, if there is one.
///
/// What can't be read is left out: it would stop the counting of all other tickets.
///
/// # Errors
/// When a record that is not done has no sequence number, by which Lambda identifies it.
pub async fn count(app: &App, records: &[Value]) -> Result<Value> {
    let until_ms = app.clock.now_ms() + BATCH_MS;
    let mut changed: Vec<(usize, TicketId)> = Vec::new();
    for (index, record) in records.iter().enumerate() {
        match changed_ticket(record) {
            Ok(Some(id)) if !changed.iter().any(|(_, known)| *known == id) => changed.push((index, id)),
            Ok(_) => {}
            Err(UnreadableRecord(reason)) => {
                metrics::DEFECTS.add([], 1);
                tracing::error!(reason, "A record of the stream can't be read and is not counted.");
            }
        }
    }
    for together in changed.chunks(TICKETS_AT_ONCE) {
        let ids: Vec<TicketId> = together.iter().map(|(_, id)| id.clone()).collect();
        let counted = if app.clock.now_ms() < until_ms {
            count_tickets(app, &ids).await
        } else {
            Err(Error::unavailable("The batch's time is up."))
        };
        if let Err(error) = counted {
            tracing::warn!(?error, "Tickets could not be counted; their records are delivered again.");
            let first = together.first().and_then(|(index, _)| records.get(*index));
            return failed_from(first);
        }
    }
    Ok(json!({"batchItemFailures": []}))
}

/// Counts the tickets together, or one by one where one of them can't be counted: it is left out.
async fn count_tickets(app: &App, ids: &[TicketId]) -> Result<()> {
    match app.store.count_tickets(ids).await {
        Err(error) if error.kind() == ErrorKind::Unexpected => {}
        counted => return counted,
    }
    for id in ids {
        match app.store.count_tickets(std::slice::from_ref(id)).await {
            Err(error) if error.kind() == ErrorKind::Unexpected => {
                telemetry::record_defect(&error);
                tracing::error!(?error, ticket.id = %id, "A ticket can't be counted and is left out.");
            }
            counted => counted?,
        }
    }
    Ok(())
}

fn failed_from(record: Option<&Value>) -> Result<Value> {
    let sequence = record.and_then(|record| record["dynamodb"]["SequenceNumber"].as_str());
    let sequence = sequence.ok_or_else(|| Error::unavailable("A record without a sequence number is not done."))?;
    Ok(json!({"batchItemFailures": [{"itemIdentifier": sequence}]}))
}

/// The ticket of the record, if the change is one of what is counted.
fn changed_ticket(record: &Value) -> std::result::Result<Option<TicketId>, UnreadableRecord> {
    let record = Record::read(record)?;
    if record.entity()? != "ticket" {
        return Ok(None);
    }
    let (before, after) = (record.before::<TicketTimes>()?, record.after::<TicketTimes>()?);
    let facts = |ticket: Option<TicketTimes>| ticket.as_ref().map(TicketFacts::of).unwrap_or_default();
    if facts(before) == facts(after) {
        return Ok(None);
    }
    ticket_of(record.partition()?).map(Some).ok_or(UnreadableRecord("its partition is no ticket's"))
}
