//! The post-close recheck of a ticket's conversation: one lease at a time, and only its holder commits a new count.

use super::{
    Store,
    condition::Condition,
    erasure::ERASED,
    item::StoredTicket,
    keys,
    lease::{self, Lease},
    number,
    postpone::ATTEMPTS,
    query::Index,
    text,
    update::Update,
};
use crate::{
    domain::{ArchiveContents, ConversationTimes, Ticket, TicketId, TicketState},
    error::Result,
};

/// The archive after a recheck that found new messages.
#[derive(Clone, Debug)]
pub struct Recount<'a> {
    /// The ticket as it was when the lease was taken.
    pub ticket: &'a Ticket,
    /// The caller's lease.
    pub lease: &'a Lease,
    /// What the archive holds now.
    pub contents: ArchiveContents,
    /// How many messages the vendor showed in the last reading, where it was read.
    pub shown_count: Option<u64>,
    /// The times of its messages.
    pub times: ConversationTimes,
    /// When the next recheck is due, Unix milliseconds, if there is one.
    pub next_ms: Option<i64>,
}

impl Store {
    /// Takes the lease to recheck a closed ticket; gives the ticket, if it is due and no other run has the lease. After
    /// a crash it is due again at the end of the lease.
    ///
    /// Two parallel readings could give the same messages different positions, and the archive would hold them twice.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn start_recheck(&self, id: &TicketId, now_ms: i64, lease: &Lease) -> Result<Option<Ticket>> {
        let update = update_closed(id)
            .take_lease(lease)
            .due_at(lease.until_ms, id.as_str())
            .when(Condition::Exists("GSI3PK"))
            .when(lease::is_free(now_ms));
        let stored: Option<StoredTicket> = self.update(update).await?.stored()?;
        // Also where the SDK sent this very write again, because the answer to the first one was lost.
        Ok(stored.filter(|stored| stored.is_leased_by(lease)).map(|stored| stored.ticket))
    }

    /// Releases the lease; the recheck is due at `now_ms` again. Nothing happens when the lease is another's by now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn postpone_recheck(&self, id: &TicketId, now_ms: i64, lease: &Lease) -> Result<()> {
        let update = update_closed(id).due_at(now_ms, id.as_str()).release_lease().when_lease(lease);
        self.update(update).await.map(|_| ())
    }

    /// Ends the recheck with nothing changed, if the caller still has the lease. The next one is due at `next_ms`, if
    /// there is one, or when [`finish_attachment`](Self::finish_attachment) says since this one began.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end_recheck(&self, id: &TicketId, lease: &Lease, next_ms: Option<i64>) -> Result<()> {
        let update = update_closed(id).release_lease().when_lease(lease);
        if self.update(ended(update, id, lease, next_ms)).await?.is_done() {
            return Ok(());
        }
        self.release_recheck(id, lease).await
    }

    /// Releases the lease; the recheck stays due as it is. Nothing happens when the lease is another's by now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn release_recheck(&self, id: &TicketId, lease: &Lease) -> Result<()> {
        self.update(update_closed(id).release_lease().when_lease(lease)).await.map(|_| ())
    }

    /// Ends the recheck with a new count and digest in the same write. `false`, and nothing is changed, when the caller
    /// no longer has the lease, when the stored digest differs from the ticket's, and when
    /// [`finish_attachment`](Self::finish_attachment) was called since this one began.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn commit_recount(&self, recount: &Recount<'_>) -> Result<bool> {
        let ticket = recount.ticket;
        let before = ticket.digest.as_deref().unwrap_or_default();
        let update = update_closed(&ticket.id)
            .set_contents(ticket, ticket.close_time.unwrap_or_default(), &recount.contents)?
            .set_some("shown_count", recount.shown_count.map(number))
            .set_times(&recount.times)
            .changed_at(self.clock.now_ms())
            .release_lease()
            .when_lease(recount.lease)
            .when(Condition::equals("digest", text(before)));
        let update = ended(update, &ticket.id, recount.lease, recount.next_ms);
        let stored: Option<Ticket> = self.update(update).await?.stored()?;
        // Also where the SDK sent this very write again, because the answer to the first one was lost.
        Ok(stored.is_some_and(|ticket| ticket.digest.as_deref() == Some(&*recount.contents.digest)))
    }
}

/// The update with the next due time, unless the recheck was made due again since it began with `lease`.
fn ended(update: Update, id: &TicketId, lease: &Lease, next_ms: Option<i64>) -> Update {
    let began = text(keys::by_time(lease.until_ms, id.as_str()));
    let update = update.when(Condition::equals(Index::GSI3.sk, began));
    match next_ms {
        Some(next_ms) => update.due_at(next_ms, id.as_str()),
        None => update.no_longer_due(),
    }
}

/// Makes the recheck of a closed ticket due at `due_ms`. A recheck that is under way does not end that.
pub(super) fn recheck_due(id: &TicketId, due_ms: i64) -> Update {
    update_closed(id).due_at(due_ms, id.as_str()).remove(&[ATTEMPTS])
}

fn update_closed(id: &TicketId) -> Update {
    // A recheck would bring back what was erased.
    Update::of(keys::ticket(id)).when(Condition::state(&[TicketState::Closed])).when(Condition::Missing(ERASED))
}
