//! Erases what is left of erased tickets: their files and transcripts in the bucket, and what a run that had read such
//! a ticket before has written late.

use std::time::Duration;

use shared::{
    app::App,
    bucket::Deleted,
    domain::{ERASURE_SETTLE_MS, Ticket},
    error::Result,
    telemetry,
};
use tokio::time::Instant;

use crate::LEAST_TIME;

/// The most tickets that a run takes.
const MOST_ERASURES: usize = 100;
/// When a ticket is tried again of which the bucket keeps something, milliseconds. A locked object stays until its lock
/// ends, which takes days.
const KEPT_WAIT_MS: i64 = 60 * 60 * 1000;
/// When a ticket is tried again after a failure, milliseconds.
const FAILURE_WAIT_MS: i64 = 5 * 60 * 1000;

/// Goes on with each erasure that is due, for half of the time until `end`. One that fails is due again, and holds up
/// no other.
///
/// # Errors
/// The store did not answer.
pub async fn erase_all(app: &App, end: Instant) -> Result<()> {
    // Files are copied in the rest of the time.
    let end = Instant::now() + end.saturating_duration_since(Instant::now()) / 2;
    for ticket in app.store.due_erasures(app.clock.now_ms(), MOST_ERASURES).await? {
        let left = end.saturating_duration_since(Instant::now());
        if left < LEAST_TIME {
            break;
        }
        let next_ms = match erase(app, &ticket, left).await {
            Ok(None) => continue,
            Ok(Some(next_ms)) => next_ms,
            Err(error) => {
                telemetry::record_defect(&error);
                tracing::warn!(ticket.id = %ticket.id, error = ?error, "A ticket could not be erased.");
                app.clock.now_ms() + FAILURE_WAIT_MS
            }
        };
        app.store.postpone_erasure(&ticket.id, next_ms).await?;
    }
    Ok(())
}

/// Erases what is left of the ticket. `None` once that is nothing; else when it is tried again.
async fn erase(app: &App, ticket: &Ticket, time: Duration) -> Result<Option<i64>> {
    let Some(erasure) = &ticket.erased else { return Ok(None) };
    // Before anything is read: what is written until then is found.
    let now_ms = app.clock.now_ms();
    app.store.erase_texts(&ticket.id).await?;
    let (mut deleted, end) = (Deleted::default(), Instant::now() + time - LEAST_TIME / 2);
    for prefix in [format!("attachments/{}/", ticket.id), ticket.transcript_prefix()] {
        deleted.add(app.bucket.delete_all(&prefix, end).await?);
    }
    let settled_ms = erasure.time.saturating_add(ERASURE_SETTLE_MS);
    if deleted.kept > 0 {
        tracing::info!(ticket.id = %ticket.id, kept = deleted.kept, "The bucket keeps objects of an erased ticket.");
        return Ok(Some(now_ms + KEPT_WAIT_MS));
    }
    if deleted.more {
        return Ok(Some(now_ms));
    }
    if now_ms < settled_ms {
        return Ok(Some(settled_ms));
    }
    app.store.end_erasure(&ticket.id, now_ms).await?;
    tracing::info!(ticket.id = %ticket.id, vendor = %ticket.vendor, "The items and objects of an erased ticket are gone.");
    Ok(None)
}
