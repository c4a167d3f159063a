//! What a person does with a ticket at the vendor, in its console: no signed call, so no fault strikes it.

use crate::simulator::{Rules, Simulator, support_reply};
use crate::ticket::Side;

impl<R: Rules> Simulator<R> {
    /// Adds a customer's message, moves the status as a reply by API does, and gives the message id. `None` when
    /// the ticket is unknown or has ended.
    pub fn customer_message(&self, ticket: &str, content: &str, at_ms: i64) -> Option<u64> {
        let desk = &mut self.lock().desk;
        let known = desk.ticket_mut(ticket).filter(|known| !R::is_ended(known.status))?;
        known.status = R::status_after_customer(known.status);
        let id = desk.add_message(ticket, Side::Customer, "customer", content, at_ms)?;
        desk.customer_wrote(ticket, at_ms);
        Some(id)
    }

    /// Adds a support message as [`reply`](Self::reply) does, but `None` when the ticket is unknown or has ended.
    pub fn support_message(&self, ticket: &str, content: &str, at_ms: i64) -> Option<u64> {
        let desk = &mut self.lock().desk;
        desk.ticket(ticket).filter(|known| !R::is_ended(known.status))?;
        support_reply::<R>(desk, ticket, R::SUPPORT, content, at_ms)
    }

    /// Closes a ticket, or cancels it where the vendor does so with one that waits. False when it is unknown or
    /// has ended already.
    pub fn close_by_hand(&self, ticket: &str, at_ms: i64) -> bool {
        let desk = &mut self.lock().desk;
        let Some(known) = desk.ticket_mut(ticket) else {
            return false;
        };
        let Some(status) = R::status_after_closing(known.status) else {
            return false;
        };
        known.status = status;
        known.closed_at_ms = Some(at_ms);
        true
    }

    /// Opens an ended ticket again. False when it is unknown, or not in a status from which that can be done.
    pub fn reopen_by_hand(&self, ticket: &str) -> bool {
        let desk = &mut self.lock().desk;
        let Some(known) = desk.ticket_mut(ticket) else {
            return false;
        };
        let Some(status) = R::status_after_reopening(known.status) else {
            return false;
        };
        known.status = status;
        known.closed_at_ms = None;
        true
    }

    /// Takes a ticket away: from now on every call, lists included, answers as for one that never was. It stays in
    /// [`tickets`](Self::tickets), marked as deleted, and its id is not used again. False when it is unknown.
    pub fn delete_ticket(&self, ticket: &str) -> bool {
        self.lock().desk.delete(ticket)
    }
}
