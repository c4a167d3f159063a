//! What a person does with a ticket at the vendor, in its console: no signed call, so no fault strikes it.

use crate::alibaba::{self, Alibaba};
use crate::huawei::{self, Huawei};
use crate::simulator::{Rules, Simulator, State, support_reply};
use crate::ticket::{Side, Ticket};
use crate::vendor_state::VendorState;

/// The operation that what is written in the console counts as for lags.
const CONSOLE: &str = "Console";

impl Alibaba {
    /// Opens a ticket in the console of that customer account, under the catalog's first problem type, and gives its id.
    pub fn open_by_hand(&self, account: &str, title: &str, description: &str, at_ms: i64) -> String {
        let State { desk, settings } = &mut *self.lock();
        let id = alibaba::ticket_id(desk.ticket_count());
        let ticket = Ticket { title: title.to_owned(), status: 1, ..new_ticket(desk, &id, account, at_ms) };
        open(desk, ticket, description, settings.description_as_note);
        id
    }
}

impl Huawei {
    /// Opens a ticket in the console of that customer account, under the catalog's first problem type, and gives its id.
    pub fn open_by_hand(&self, account: &str, description: &str, at_ms: i64) -> String {
        let State { desk, settings } = &mut *self.lock();
        let id = huawei::ticket_id(desk.ticket_count(), at_ms);
        let ticket = new_ticket(desk, &id, account, at_ms);
        open(desk, ticket, description, settings.description_is_first_message);
        id
    }
}

fn new_ticket(desk: &VendorState, id: &str, account: &str, at_ms: i64) -> Ticket {
    let products = desk.catalog().groups.iter().flat_map(|group| &group.products);
    let mut types = products.flat_map(|product| product.problem_types.iter().map(move |one| (product, one)));
    let (product, problem_type) = types
        .next()
        .map_or((None, String::new()), |(product, one)| (Some(product.id.clone()), one.id.clone()));
    Ticket {
        id: id.to_owned(),
        account: account.to_owned(),
        created_at_ms: at_ms,
        visible_at_ms: at_ms,
        status: 0,
        title: String::new(),
        description: String::new(),
        product,
        problem_type,
        region: None,
        severity: None,
        email: None,
        closed_at_ms: None,
        urged_at_ms: None,
        deleted: false,
        messages: Vec::new(),
    }
}

fn open(desk: &mut VendorState, ticket: Ticket, description: &str, as_message: bool) {
    let (id, at_ms) = (ticket.id.clone(), ticket.created_at_ms);
    desk.open(Ticket { description: description.to_owned(), ..ticket }, CONSOLE, at_ms);
    if as_message {
        desk.add_message(&id, Side::Customer, "customer", description, at_ms);
        if let Some(first) = desk.ticket_mut(&id).and_then(|ticket| ticket.messages.first_mut()) {
            first.first = true;
        }
    }
}

/// Adds a support reply that a person writes: the conversation may show it late, as all that is written in the console.
pub(crate) fn support_by_hand<R: Rules>(
    desk: &mut VendorState,
    ticket: &str,
    name: &str,
    content: &str,
    at_ms: i64,
) -> Option<u64> {
    let id = support_reply::<R>(desk, ticket, name, content, at_ms)?;
    desk.lag_last(ticket, CONSOLE, at_ms);
    Some(id)
}

impl<R: Rules> Simulator<R> {
    /// Adds a customer's message, moves the status as a reply by API does, and gives the message id. `None` when
    /// the ticket is unknown or has ended.
    pub fn customer_message(&self, ticket: &str, content: &str, at_ms: i64) -> Option<u64> {
        let desk = &mut self.lock().desk;
        let known = desk.ticket_mut(ticket).filter(|known| !R::is_ended(known.status))?;
        known.status = R::status_after_customer(known.status);
        let id = desk.add_message(ticket, Side::Customer, "customer", content, at_ms)?;
        desk.customer_wrote(ticket, CONSOLE, at_ms);
        Some(id)
    }

    /// Adds a support message as [`reply`](Self::reply) does, but `None` when the ticket is unknown or has ended.
    pub fn support_message(&self, ticket: &str, content: &str, at_ms: i64) -> Option<u64> {
        let desk = &mut self.lock().desk;
        desk.ticket(ticket).filter(|known| !R::is_ended(known.status))?;
        support_by_hand::<R>(desk, ticket, R::SUPPORT, content, at_ms)
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
