//! The pages of a long conversation that a run has read: they are kept in the table, so that the next run goes on from
//! there.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    app::App,
    clock::Clock,
    domain::{Ticket, TicketId},
    error::Result,
    store::{Store, StoredReply, StoredTicket},
    vendors::SavedPages,
};

/// The kept pages of a ticket's conversation.
pub struct TicketPages {
    store: Store,
    clock: Arc<dyn Clock>,
    ticket: TicketId,
    /// What the conversation is read for, and the number of messages that the vendor counts.
    reading: Mutex<(String, Option<i64>)>,
}

impl std::fmt::Debug for TicketPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TicketPages").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

impl TicketPages {
    /// The pages of a close, whose phase is set later.
    pub(super) fn of_close(app: &App, ticket: &TicketId) -> Self {
        Self::new(app, ticket, String::new())
    }

    /// The pages of a copy. They are used until a copy is complete.
    pub(super) fn of_copy(app: &App, stored: &StoredTicket) -> Self {
        Self::new(app, &stored.ticket.id, format!("{}-copy", stored.copy.as_of.unwrap_or_default()))
    }

    /// The pages of the recheck of a closed ticket.
    pub fn of_recheck(app: &App, ticket: &Ticket) -> Self {
        Self::new(app, &ticket.id, format!("{}-recheck", ticket.close_time.unwrap_or_default()))
    }

    /// The pages that show whether the vendor has a reply. What was read before its settle time ended does not prove
    /// that it is absent, and is not used afterwards.
    pub fn of_reply(app: &App, stored: &StoredReply) -> Self {
        let reply = &stored.reply;
        let is_settled = stored.lease.until_ms + app.config.settle_time_ms <= app.clock.now_ms();
        let phase = format!("{}-{}", reply.id, if is_settled { "settled" } else { "reply" });
        Self::new(app, &reply.ticket_id, phase)
    }

    fn new(app: &App, ticket: &TicketId, phase: String) -> Self {
        let (store, clock) = (app.store.clone(), Arc::clone(&app.clock));
        Self { store, clock, ticket: ticket.clone(), reading: Mutex::new((phase, None)) }
    }

    /// The next reading is one of that phase of the close: before the ticket has ended, or after. Pages of another
    /// phase are not used for it.
    pub(super) fn set_phase(&self, phase: String) {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = (phase, None);
    }

    /// The name of the reading; `None` where the vendor gives no count, so that a change can't be seen.
    fn reading(&self) -> Option<String> {
        let (phase, count) = &*self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        count.map(|count| format!("{phase}#{count}"))
    }
}

#[async_trait]
impl SavedPages for TicketPages {
    fn begin(&self, count: Option<i64>) {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner).1 = count;
    }

    async fn page(&self, offset: u32) -> Result<Option<Bytes>> {
        let Some(reading) = self.reading() else { return Ok(None) };
        Ok(self.store.saved_page(&self.ticket, &reading, offset).await?.map(Bytes::from))
    }

    async fn keep(&self, offset: u32, body: &Bytes) -> Result<()> {
        let Some(reading) = self.reading() else { return Ok(()) };
        // As it is decoded: bytes that are not UTF-8 are replaced then too.
        let body = String::from_utf8_lossy(body);
        self.store.save_page(&self.ticket, &reading, offset, &body, self.clock.now_ms()).await
    }
}
