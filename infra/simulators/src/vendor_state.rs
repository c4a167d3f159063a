//! State of one simulated vendor: keys, catalog, tickets, faults, log. No vendor's format, no clock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call_limit::CallLimit;
use crate::catalog::Catalog;
use crate::fault::Faults;
use crate::keys::Keyring;
use crate::ticket::{LoggedCall, MessageAuthor, ScheduledReply, SimulatedMessage, SimulatedTicket, SupportScript};
use crate::uploads::SimulatedUpload;

/// Calls the log keeps; older ones fall out, the counts stay.
const LOG_LIMIT: usize = 20_000;

/// The part of the state that survives a restart.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PersistedState {
    pub(crate) tickets: Vec<SimulatedTicket>,
    pub(crate) pending: Vec<ScheduledReply>,
    pub(crate) uploads: Vec<SimulatedUpload>,
    pub(crate) script: SupportScript,
    pub(crate) next_message: u64,
    pub(crate) requests: u64,
    pub(crate) counts: BTreeMap<String, u64>,
    /// The catalog, once it was changed.
    pub(crate) changed_catalog: Option<Catalog>,
}

/// The whole state of a simulator, apart from its vendor's settings.
#[derive(Debug, Clone)]
pub(crate) struct VendorState {
    pub(crate) persisted: PersistedState,
    pub(crate) keys: Keyring,
    pub(crate) faults: Faults,
    pub(crate) limit: CallLimit,
    pub(crate) calls: Vec<LoggedCall>,
    /// Nonces seen, with the time they came (Alibaba).
    pub(crate) nonces: HashMap<String, i64>,
    /// What lists show, while their index does not follow.
    pub(crate) stale_index: Option<StaleIndex>,
    index: HashMap<String, usize>,
    built_in: Arc<Catalog>,
}

/// The statuses in an index that does not follow.
#[derive(Debug, Clone)]
pub(crate) struct StaleIndex {
    until_ms: i64,
    statuses: HashMap<String, i64>,
}

impl VendorState {
    pub(crate) fn new(keys: Keyring, built_in: Catalog) -> Self {
        Self {
            persisted: PersistedState::default(),
            keys,
            faults: Faults::default(),
            limit: CallLimit::default(),
            calls: Vec::new(),
            nonces: HashMap::new(),
            stale_index: None,
            index: HashMap::new(),
            built_in: Arc::new(built_in),
        }
    }

    pub(crate) fn restore(&mut self, persisted: PersistedState) {
        let known = persisted.tickets.iter().enumerate().filter(|(_, ticket)| !ticket.deleted);
        self.index = known.map(|(at, ticket)| (ticket.id.clone(), at)).collect();
        self.persisted = persisted;
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        self.persisted.changed_catalog.as_ref().unwrap_or(&self.built_in)
    }

    pub(crate) fn catalog_mut(&mut self) -> &mut Catalog {
        self.persisted.changed_catalog.get_or_insert_with(|| (*self.built_in).clone())
    }

    pub(crate) fn ticket(&self, id: &str) -> Option<&SimulatedTicket> {
        self.index.get(id).and_then(|at| self.persisted.tickets.get(*at))
    }

    pub(crate) fn ticket_mut(&mut self, id: &str) -> Option<&mut SimulatedTicket> {
        self.index.get(id).and_then(|at| self.persisted.tickets.get_mut(*at))
    }

    /// The status that lists show.
    pub(crate) fn listed_status(&self, ticket: &SimulatedTicket, now_ms: i64) -> i64 {
        match &self.stale_index {
            Some(index) if index.until_ms > now_ms => index.statuses.get(&ticket.id).copied().unwrap_or(ticket.status),
            _ => ticket.status,
        }
    }

    /// Makes lists show the present status of every present ticket until `until_ms`.
    pub(crate) fn stop_index(&mut self, until_ms: i64) {
        let statuses = self.persisted.tickets.iter().map(|ticket| (ticket.id.clone(), ticket.status)).collect();
        self.stale_index = Some(StaleIndex { until_ms, statuses });
    }

    /// Deletes a ticket: it stays in the list, but no lookup by id finds it. False when it is unknown.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let Some(ticket) = self.index.remove(id).and_then(|at| self.persisted.tickets.get_mut(at)) else {
            return false;
        };
        ticket.deleted = true;
        true
    }

    /// The number of tickets so far, deleted ones included, from which the next id is made.
    pub(crate) fn ticket_count(&self) -> u64 {
        self.persisted.tickets.len() as u64
    }

    /// A number no other answer has, from which request ids are made.
    pub(crate) fn next_request(&mut self) -> u64 {
        self.persisted.requests += 1;
        self.persisted.requests
    }

    /// Stores a ticket that was just created by `operation`, and schedules the scripted replies.
    pub(crate) fn open(&mut self, mut ticket: SimulatedTicket, operation: &str, now_ms: i64) {
        ticket.visible_at_ms = now_ms.saturating_add(self.faults.list_lag_ms(operation));
        ticket.searchable_at_ms = ticket.visible_at_ms.saturating_add(self.faults.search_lag_ms(operation));
        ticket.defect = self.faults.row_defect(operation);
        if let Some(rewritten) = self.faults.rewritten(operation, &ticket.description) {
            ticket.sent = Some(std::mem::replace(&mut ticket.description, rewritten));
        }
        let id = ticket.id.clone();
        self.index.insert(id.clone(), self.persisted.tickets.len());
        self.persisted.tickets.push(ticket);
        let delay_ms = self.persisted.script.delay_ms;
        for (n, content) in (1..).zip(self.persisted.script.on_create.clone()) {
            self.persisted.pending.push(ScheduledReply {
                ticket: id.clone(),
                at_ms: now_ms.saturating_add(delay_ms.saturating_mul(n)),
                content,
            });
        }
    }

    /// Adds a message and gives its id; `None` when the ticket is unknown.
    pub(crate) fn add_message(
        &mut self,
        ticket: &str,
        from: MessageAuthor,
        name: &str,
        content: &str,
        at_ms: i64,
    ) -> Option<u64> {
        let at = *self.index.get(ticket)?;
        self.persisted.next_message += 1;
        let id = self.persisted.next_message;
        let (name, content) = (name.to_owned(), content.to_owned());
        let sent = None;
        let message = SimulatedMessage {
            id,
            at_ms,
            from,
            name,
            content,
            sent,
            first: false,
            visible_at_ms: 0,
            earlier: Vec::new(),
            deleted: false,
            copy_of: None,
            defect: None,
            files: Vec::new(),
        };
        self.persisted.tickets.get_mut(at)?.messages.push(message);
        Some(id)
    }

    /// Applies the rules of `operation` about lags and rows to the last message.
    pub(crate) fn apply_row_faults(&mut self, ticket: &str, operation: &str, now_ms: i64) {
        let (lag_ms, defect) = (self.faults.list_lag_ms(operation), self.faults.row_defect(operation));
        let Some(message) = self.ticket_mut(ticket).and_then(|ticket| ticket.messages.last_mut()) else { return };
        message.defect = defect;
        if lag_ms > 0 {
            message.visible_at_ms = now_ms.saturating_add(lag_ms);
        }
    }

    /// Applies the lag rules of `operation` to a new customer message, and schedules the scripted reply to it.
    pub(crate) fn after_customer_message(&mut self, ticket: &str, operation: &str, now_ms: i64) {
        self.apply_row_faults(ticket, operation, now_ms);
        let last = self.index.get(ticket).and_then(|at| self.persisted.tickets.get_mut(*at)?.messages.last_mut());
        if let Some(message) = last
            && let Some(rewritten) = self.faults.rewritten(operation, &message.content)
        {
            message.sent = Some(std::mem::replace(&mut message.content, rewritten));
        }
        let Some(known) = self.ticket(ticket) else { return };
        let written =
            known.messages.iter().filter(|message| message.from == MessageAuthor::Customer && !message.first).count();
        let replies = &self.persisted.script.on_reply;
        if let Some(content) = replies.get(written.saturating_sub(1) % replies.len().max(1)).cloned() {
            let at_ms = now_ms.saturating_add(self.persisted.script.delay_ms);
            self.persisted.pending.push(ScheduledReply { ticket: ticket.to_owned(), at_ms, content });
        }
    }

    /// Takes out the scripted replies that are due, in order.
    pub(crate) fn due(&mut self, now_ms: i64) -> Vec<ScheduledReply> {
        if self.persisted.pending.iter().all(|reply| reply.at_ms > now_ms) {
            return Vec::new();
        }
        let (due, later) = self.persisted.pending.drain(..).partition(|reply| reply.at_ms <= now_ms);
        self.persisted.pending = later;
        due
    }

    pub(crate) fn log(&mut self, call: LoggedCall) {
        *self.persisted.counts.entry(call.operation.clone()).or_default() += 1;
        if self.calls.len() >= LOG_LIMIT {
            self.calls.drain(..LOG_LIMIT / 2);
        }
        self.calls.push(call);
    }
}
