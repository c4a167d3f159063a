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
    store::{EndedCopy, Lease, StoredTicket},
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
    let lease = new_lease(app, invocation)?;
    let as_of = app.clock.now_ms();
    let Some(stored) = app.store.start_copy(id, known_as_of, as_of, &lease).await? else {
        return Ok(CopyOutcome::NotDue);
    };
    let session = session.saving_pages(Arc::new(TicketPages::of_copy(app, &stored)));
    let deadline = invocation.deadline_minus(RELEASE_RESERVE);
    let mut seen = Seen { times: stored.ticket.times, stored: 0 };
    // Boxed: it is large, and every future that awaits a copy would be larger than it.
    let reading = Box::pin(read_and_store(app, &session, &stored, &lease, &mut seen));
    let done = timeout_at(deadline, reading).await;
    let done = done.unwrap_or_else(|_| Err(Error::new(ProblemCode::DeadlineReached, "The run's time is up.")));
    app.store.end_copy(id, &lease, &ended(&stored, &seen, &done, as_of, app.clock.now_ms())).await?;
    match done {
        Ok(()) => Ok(CopyOutcome::Complete(seen.stored)),
        Err(error) if error.is(ProblemCode::VendorTicketNotFound) => Ok(CopyOutcome::NotAtVendor(error)),
        Err(error) => Err(error),
    }
}

/// The end of a copy that began at `as_of`, Unix milliseconds.
fn ended(stored: &StoredTicket, seen: &Seen, done: &Result<()>, as_of: i64, now_ms: i64) -> EndedCopy {
    let StoredTicket { ticket, copy, .. } = stored;
    let times = seen.times;
    let next_copy = match done {
        // The next run goes on where this one had no time, or was throttled.
        Err(error) if error.is(ProblemCode::DeadlineReached) || error.kind() == ErrorKind::RateLimited => now_ms,
        Err(error) if !error.is(ProblemCode::VendorTicketNotFound) => now_ms + MIN_INTERVAL_MS,
        _ => now_ms + interval_ms(now_ms - times.last().unwrap_or(ticket.create_time)),
    };
    // A reply of which the call was under way may be shown only by the time that it has set.
    let earlier = copy.next_copy.filter(|known| *known > as_of);
    let is_other_side = done.is_ok() && ticket.awaiting != Some(times.awaiting());
    EndedCopy {
        as_of: done.is_ok().then_some(as_of),
        known_next_copy: copy.next_copy,
        next_copy: earlier.map_or(next_copy, |earlier| earlier.min(next_copy)),
        times,
        is_changed: seen.stored > 0 || times != ticket.times || is_other_side,
    }
}

/// What a reading has shown so far.
struct Seen {
    /// The times of all messages.
    times: ConversationTimes,
    /// How many messages were stored.
    stored: usize,
}

/// Reads the conversation page by page and stores each as it is read.
async fn read_and_store(
    app: &App,
    session: &Session<'_>,
    stored: &StoredTicket,
    lease: &Lease,
    seen: &mut Seen,
) -> Result<()> {
    let ticket = &stored.ticket;
    let cloud_id = ticket.cloud_id.as_ref();
    let cloud_id = cloud_id.ok_or_else(|| Error::unexpected("An open ticket has no vendor's id."))?;
    let mut archive = ArchiveWriter::open(app, ticket, cloud_id, lease).await?;
    let mut reading = Reading::new(ticket.vendor);
    while let Some(position) = reading.next_page()? {
        let page = session.message_page(cloud_id, position).await?;
        archive.store(reading.accept(page)?).await?;
        *seen = Seen { times: archive.times(), stored: archive.stored() };
    }
    Ok(())
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
