//! Actions of a person in the vendor's console. They are not signed calls, so only the lag faults apply to them.

use crate::alibaba::{self, AlibabaSimulator};
use crate::files::SimulatedFile;
use crate::huawei::{self, HuaweiSimulator};
use crate::simulator::{Simulator, SimulatorState, VendorRules, support_reply};
use crate::ticket::{MessageAuthor, SimulatedTicket};
use crate::vendor_state::VendorState;

/// The operation name of console actions in lag rules.
const CONSOLE: &str = "Console";

impl AlibabaSimulator {
    /// Opens a ticket in the console of that customer account, under the catalog's first problem type, and gives its
    /// id.
    pub fn open_in_console(&self, account: &str, title: &str, description: &str, at_ms: i64) -> String {
        let SimulatorState { state, settings } = &mut *self.lock();
        let id = alibaba::ticket_id(state.ticket_count());
        let ticket = SimulatedTicket { title: title.to_owned(), status: 1, ..new_ticket(state, &id, account, at_ms) };
        open(state, ticket, description, settings.description_as_note);
        id
    }
}

impl HuaweiSimulator {
    /// Opens a ticket in the console of that customer account, under the catalog's first problem type, and gives its
    /// id.
    pub fn open_in_console(&self, account: &str, description: &str, at_ms: i64) -> String {
        let SimulatorState { state, settings } = &mut *self.lock();
        let id = huawei::ticket_id(state.ticket_count(), at_ms);
        let ticket = new_ticket(state, &id, account, at_ms);
        open(state, ticket, description, settings.description_is_first_message);
        id
    }
}

fn new_ticket(state: &VendorState, id: &str, account: &str, at_ms: i64) -> SimulatedTicket {
    let products = state.catalog().groups.iter().flat_map(|group| &group.products);
    let mut types = products.flat_map(|product| product.problem_types.iter().map(move |one| (product, one)));
    let (product, problem_type) =
        types.next().map_or((None, String::new()), |(product, one)| (Some(product.id.clone()), one.id.clone()));
    SimulatedTicket {
        id: id.to_owned(),
        account: account.to_owned(),
        created_at_ms: at_ms,
        visible_at_ms: at_ms,
        status: 0,
        title: String::new(),
        description: String::new(),
        sent: None,
        product,
        problem_type,
        region: None,
        severity: None,
        email: None,
        secret_info: None,
        details: serde_json::Value::Null,
        closed_at_ms: None,
        urged_at_ms: None,
        ratings: Vec::new(),
        deleted: false,
        searchable_at_ms: 0,
        defect: None,
        files: Vec::new(),
        messages: Vec::new(),
    }
}

fn open(state: &mut VendorState, ticket: SimulatedTicket, description: &str, as_message: bool) {
    let (id, at_ms) = (ticket.id.clone(), ticket.created_at_ms);
    state.open(SimulatedTicket { description: description.to_owned(), ..ticket }, CONSOLE, at_ms);
    if as_message {
        state.add_message(&id, MessageAuthor::Customer, "customer", description, at_ms);
        state.begin_with(&id);
    }
}

/// Adds a support reply that a person writes. The lag rules of the console apply.
pub(crate) fn support_message_in_console<R: VendorRules>(
    state: &mut VendorState,
    ticket: &str,
    name: &str,
    content: &str,
    at_ms: i64,
) -> Option<u64> {
    let id = support_reply::<R>(state, ticket, name, content, at_ms)?;
    state.apply_row_faults(ticket, CONSOLE, at_ms);
    Some(id)
}

impl<R: VendorRules> Simulator<R> {
    /// Adds a customer's message, moves the status as a reply by API does, and gives the message id. `None` when
    /// the ticket is unknown or has ended.
    pub fn customer_message(&self, ticket: &str, content: &str, at_ms: i64) -> Option<u64> {
        self.customer_message_with_files(ticket, content, at_ms, Vec::new())
    }

    /// The same with files.
    pub fn customer_message_with_files(
        &self,
        ticket: &str,
        content: &str,
        at_ms: i64,
        files: Vec<SimulatedFile>,
    ) -> Option<u64> {
        let state = &mut self.lock().state;
        let known = state.ticket_mut(ticket).filter(|known| !R::is_ended(known.status))?;
        known.status = R::status_after_customer(known.status);
        let id = state.add_message(ticket, MessageAuthor::Customer, "customer", content, at_ms)?;
        state.attach(ticket, files);
        state.after_customer_message(ticket, CONSOLE, at_ms);
        Some(id)
    }

    /// Adds a support message as [`reply`](Self::reply) does, but `None` when the ticket is unknown or has ended.
    pub fn support_message(&self, ticket: &str, content: &str, at_ms: i64) -> Option<u64> {
        self.support_message_with_files(ticket, content, at_ms, Vec::new())
    }

    /// The same with files.
    pub fn support_message_with_files(
        &self,
        ticket: &str,
        content: &str,
        at_ms: i64,
        files: Vec<SimulatedFile>,
    ) -> Option<u64> {
        let state = &mut self.lock().state;
        state.ticket(ticket).filter(|known| !R::is_ended(known.status))?;
        let id = support_message_in_console::<R>(state, ticket, R::SUPPORT, content, at_ms)?;
        state.attach(ticket, files);
        Some(id)
    }

    /// Closes a ticket, or cancels it where the vendor does so with one that waits. False when it is unknown or
    /// has ended already.
    pub fn close_in_console(&self, ticket: &str, at_ms: i64) -> bool {
        let state = &mut self.lock().state;
        let Some(known) = state.ticket_mut(ticket) else {
            return false;
        };
        let Some(status) = R::status_after_closing(known.status) else {
            return false;
        };
        known.status = status;
        known.closed_at_ms = Some(at_ms);
        true
    }

    /// Reopens an ended ticket. False when it is unknown, or in a status that can't be reopened.
    pub fn reopen_in_console(&self, ticket: &str) -> bool {
        let state = &mut self.lock().state;
        let Some(known) = state.ticket_mut(ticket) else {
            return false;
        };
        let Some(status) = R::status_after_reopening(known.status) else {
            return false;
        };
        known.status = status;
        known.closed_at_ms = None;
        true
    }

    /// Deletes a ticket: every later call, lists included, answers as for an unknown id. It stays in
    /// [`tickets`](Self::tickets), marked as deleted, and its id is not used again. False when it is unknown.
    pub fn delete_ticket(&self, ticket: &str) -> bool {
        self.lock().state.delete(ticket)
    }
}
