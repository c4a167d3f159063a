//! Gauges at the start of a run, for the alarms.

use shared::{
    domain::{Account, TicketState},
    store::{InFlightTicket, UnfinishedTickets},
    telemetry::{self, metrics},
};

/// Records the tickets by state, the age of the oldest ones that wait, and the accounts whose keys failed.
///
/// Ages count to `now_ms`, the start of the run: they include items that this run reconciles.
pub fn record(now_ms: i64, accounts: &[Account], tickets: &UnfinishedTickets, unknown_replies: &[Waiting]) {
    let count = |state| tickets.in_flight.iter().filter(|ticket| ticket.state == state).count();
    metrics::TICKETS_CREATING.set([], number(count(TicketState::Creating)));
    metrics::TICKETS_UNKNOWN.set([], number(count(TicketState::Unknown)));
    metrics::TICKETS_CLOSING.set([], number(count(TicketState::Closing)));
    metrics::TICKETS_OPEN.set([], number(tickets.open.len()));

    let (closing, unknown): (Vec<_>, Vec<_>) =
        tickets.in_flight.iter().partition(|ticket| ticket.state == TicketState::Closing);
    let unknown = unknown.into_iter().map(Waiting::of_ticket).chain(unknown_replies.iter().cloned());
    metrics::OLDEST_UNKNOWN_AGE.set([], oldest("oldest_unknown", now_ms, unknown));
    let closing = closing.into_iter().map(Waiting::of_ticket);
    metrics::OLDEST_CLOSING_AGE.set([], oldest("oldest_closing", now_ms, closing));

    // A metric without an event is 0, so that its alarm has data.
    for metric in [metrics::KEYS_REFUSED, metrics::DEFECTS, metrics::TICKETS_CLOSED] {
        metric.add([], 0);
    }

    let bad: Vec<_> = accounts.iter().filter(|account| account.health.last_error.is_some()).collect();
    metrics::ACCOUNTS_WITH_BAD_KEYS.set([], number(bad.len()));
    if !bad.is_empty() {
        let ids: Vec<_> = bad.iter().map(|account| account.id.to_string()).collect();
        telemetry::property("accounts_with_bad_keys", ids);
    }
}

/// An item that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// Since when, Unix milliseconds.
    pub since_ms: i64,
}

impl Waiting {
    fn of_ticket(ticket: &InFlightTicket) -> Self {
        Self { id: ticket.id.to_string(), since_ms: ticket.since_ms }
    }
}

/// The seconds for which the oldest has waited. Its id becomes the property `name`.
fn oldest(name: &'static str, now_ms: i64, waiting: impl Iterator<Item = Waiting>) -> u64 {
    let Some(oldest) = waiting.filter(|one| one.since_ms <= now_ms).min_by_key(|one| one.since_ms) else {
        return 0;
    };
    telemetry::property(name, oldest.id);
    u64::try_from((now_ms - oldest.since_ms) / 1000).unwrap_or_default()
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
