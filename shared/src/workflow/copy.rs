//! The copy of an open ticket's conversation: new messages, and the newer texts of edited ones, under the archive's own
//! keys. A close goes on from it. What the vendor no longer shows stays.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout_at;

use super::{archive::ArchiveWriter, ticket_pages::TicketPages, vendor_write::new_lease};
use crate::{
    app::App,
    domain::{ConversationTimes, TicketId},
    error::{Error, ErrorKind, Result},
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{CompleteCopy, Lease, StoredTicket},
    vendors::{Reading, Session},
};

/// The least and the longest time between two copies of a conversation, milliseconds: five minutes and six hours.
const MIN_INTERVAL_MS: i64 = 5 * 60 * 1000;
const MAX_INTERVAL_MS: i64 = 6 * 60 * 60 * 1000;

/// A conversation in which nobody has written for some time is copied again after this part of that time.
const PART_OF_SILENCE: i64 = 8;

/// The time before the deadline that is reserved for releasing the lease.
const RELEASE_RESERVE: Duration = Duration::from_secs(1);

/// The result of a copy that did not fail.
#[derive(Debug)]
pub enum CopyOutcome {
    /// It is complete, with so many new or newer messages.
    Complete(usize),
    /// The vendor answers that it has no such ticket: the copy is what was stored.
    NotAtVendor(Error),
    /// The ticket is not `open`, another run copies it, or a newer copy is there.
    NotDue,
}

/// Copies the conversation of an open ticket, unless it was copied since `known_as_of`, the time of the last copy that
/// the caller knows, Unix milliseconds.
///
/// # Errors
/// The vendor's and the store's failures, `deadline_reached`, and `close_lease_lost` where a close has begun meanwhile.
/// What was stored stays, and a later copy stores the rest.
pub async fn copy(
    app: &App,
    session: Session<'_>,
    invocation: &Invocation,
    id: &TicketId,
    known_as_of: Option<i64>,
) -> Result<CopyOutcome> {
    // Boxed: it is large, and every future that awaits it would be larger than it.
    Box::pin(run(app, session, invocation, id, known_as_of)).await
}

async fn run(
    app: &App,
    session: Session<'_>,
    invocation: &Invocation,
    id: &TicketId,
    known_as_of: Option<i64>,
) -> Result<CopyOutcome> {
    let lease = new_lease(app, invocation)?;
    let as_of = app.clock.now_ms();
    let Some(stored) = app.store.start_copy(id, known_as_of, as_of, &lease).await? else {
        return Ok(CopyOutcome::NotDue);
    };
    let session = session.saving_pages(Arc::new(TicketPages::of_copy(app, &stored)));
    let deadline = invocation.deadline_minus(RELEASE_RESERVE);
    let done = timeout_at(deadline, read_and_store(app, &session, &stored, &lease)).await;
    let done = done.unwrap_or_else(|_| Err(Error::new(ProblemCode::DeadlineReached, "The run's time is up.")));
    let now_ms = app.clock.now_ms();
    match done {
        Ok((times, stored_count)) => {
            let next_copy = now_ms + interval_ms(now_ms - times.last().unwrap_or(stored.ticket.create_time));
            let is_changed = stored_count > 0 || times != stored.ticket.times;
            let copy = CompleteCopy { as_of, next_copy, times, is_changed };
            app.store.finish_copy(id, &lease, &copy).await?;
            Ok(CopyOutcome::Complete(stored_count))
        }
        Err(error) => {
            // The next run goes on where this one had no time, or was throttled.
            let goes_on = error.is(ProblemCode::DeadlineReached) || error.kind() == ErrorKind::RateLimited;
            let next_copy = if goes_on { now_ms } else { now_ms + MIN_INTERVAL_MS };
            app.store.postpone_copy(id, &lease, next_copy).await?;
            let is_gone = error.is(ProblemCode::VendorTicketNotFound);
            if is_gone { Ok(CopyOutcome::NotAtVendor(error)) } else { Err(error) }
        }
    }
}

/// Reads the conversation page by page and stores each as it is read. Gives the times of all messages, and how many
/// were stored.
async fn read_and_store(
    app: &App,
    session: &Session<'_>,
    stored: &StoredTicket,
    lease: &Lease,
) -> Result<(ConversationTimes, usize)> {
    let ticket = &stored.ticket;
    let cloud_id = ticket.cloud_id.as_ref();
    let cloud_id = cloud_id.ok_or_else(|| Error::unexpected("An open ticket has no vendor's id."))?;
    let mut archive = ArchiveWriter::open(app, ticket, cloud_id, lease).await?;
    let mut reading = Reading::new(ticket.vendor);
    while let Some(position) = reading.next_page()? {
        let page = session.message_page(cloud_id, position).await?;
        archive.store(reading.accept(page)?).await?;
    }
    Ok((archive.times(), archive.stored()))
}

/// The time until the next copy of a conversation in which nobody has written for `silence_ms`, milliseconds.
fn interval_ms(silence_ms: i64) -> i64 {
    (silence_ms / PART_OF_SILENCE).clamp(MIN_INTERVAL_MS, MAX_INTERVAL_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_nobody_writes_the_rarer_are_copies() {
        const MINUTE_MS: i64 = 60_000;
        for (silence, interval) in [(-5, 5), (0, 5), (40, 5), (80, 10), (48 * 60, 360), (100_000, 360)] {
            assert_eq!(interval_ms(silence * MINUTE_MS), interval * MINUTE_MS, "{silence}");
        }
    }
}
