//! The post-close recheck of a ticket's conversation: one lease at a time, and only its holder commits a new count.

use super::{
    Store,
    condition::Condition,
    item::StoredTicket,
    keys,
    lease::{self, Lease},
    number, text,
    update::Update,
};
use crate::{
    domain::{ConversationTimes, Ticket, TicketId, TicketState},
    error::Result,
};

/// The archive after a recheck that found new messages.
#[derive(Clone, Copy, Debug)]
pub struct Recount<'a> {
    /// The ticket as it was when the lease was taken.
    pub ticket: &'a Ticket,
    /// The caller's lease.
    pub lease: &'a Lease,
    /// How many messages the archive holds now.
    pub message_count: u64,
    /// How many messages the vendor showed in the last reading, where it was read.
    pub shown_count: Option<u64>,
    /// The times of its messages.
    pub times: ConversationTimes,
    /// The digest over them.
    pub digest: &'a str,
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

    /// Ends the recheck with nothing changed, if the caller still has the lease.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end_recheck(&self, id: &TicketId, lease: &Lease) -> Result<()> {
        let update = update_closed(id).release_lease().no_longer_due().when_lease(lease);
        self.update(update).await.map(|_| ())
    }

    /// Ends the recheck with a new count and digest in the same write. `false`, and nothing is changed, when the caller
    /// no longer has the lease or the stored digest differs from the ticket's.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn commit_recount(&self, recount: &Recount<'_>) -> Result<bool> {
        let ticket = recount.ticket;
        let before = ticket.digest.as_deref().unwrap_or_default();
        let update = update_closed(&ticket.id)
            .set("message_count", number(recount.message_count))
            .set_some("shown_count", recount.shown_count.map(number))
            .set("digest", text(recount.digest))
            .set_times(&recount.times)
            .changed_at(self.clock.now_ms())
            .release_lease()
            .no_longer_due()
            .when_lease(recount.lease)
            .when(Condition::equals("digest", text(before)));
        let stored: Option<Ticket> = self.update(update).await?.stored()?;
        // Also where the SDK sent this very write again, because the answer to the first one was lost.
        Ok(stored.is_some_and(|ticket| ticket.digest.as_deref() == Some(recount.digest)))
    }
}

fn update_closed(id: &TicketId) -> Update {
    Update::of(keys::ticket(id)).when(Condition::state(&[TicketState::Closed]))
}
