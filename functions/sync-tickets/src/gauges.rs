//! Gauges at the start of a run, for the alarms.

use shared::{
    domain::{Account, ReplyId, TicketState},
    store::UnfinishedTickets,
    telemetry::{self, metrics},
};

/// Records the tickets by state, the age of the oldest ones that wait, and the accounts whose keys failed.
///
/// Ages count to `now_ms`, the start of the run: they include items that this run reconciles.
pub fn record(now_ms: i64, accounts: &[Account], tickets: &UnfinishedTickets, unknown_replies: &[(ReplyId, i64)]) {
    let count = |state| tickets.in_flight.iter().filter(|ticket| ticket.state == state).count();
    metrics::TICKETS_CREATING.set([], number(count(TicketState::Creating)));
    metrics::TICKETS_UNKNOWN.set([], number(count(TicketState::Unknown)));
    metrics::TICKETS_INDETERMINATE.set([], number(count(TicketState::Indeterminate)));
    metrics::TICKETS_CLOSING.set([], number(count(TicketState::Closing)));
    metrics::TICKETS_OPEN.set([], number(tickets.open.len()));

    // An indeterminate ticket waits for a person, and has a metric of its own.
    let waiting = |states: &'static [TicketState]| {
        let waiting = tickets.in_flight.iter().filter(|ticket| states.contains(&ticket.state));
        waiting.map(|ticket| (ticket.id.to_string(), ticket.since_ms))
    };
    let replies = unknown_replies.iter().map(|(id, since_ms)| (id.to_string(), *since_ms));
    let unknown = waiting(&[TicketState::Creating, TicketState::Unknown]).chain(replies);
    metrics::OLDEST_UNKNOWN_AGE.set([], oldest("oldest_unknown", now_ms, unknown));
    let closing = waiting(&[TicketState::Closing]);
    metrics::OLDEST_CLOSING_AGE.set([], oldest("oldest_closing", now_ms, closing));

    // A 0 is a property of the document, so that the log shows that nothing happened.
    for metric in [
        metrics::KEYS_REFUSED,
        metrics::DEFECTS,
        metrics::TICKETS_CLOSED,
        metrics::REPLIES_INDETERMINATE,
        metrics::DUPLICATE_TICKETS,
        metrics::UNREADABLE_ROWS,
        metrics::CLOCKS_CORRECTED,
    ] {
        metric.add([], 0);
    }

    let bad: Vec<_> = accounts.iter().filter(|account| account.health.last_error.is_some()).collect();
    metrics::ACCOUNTS_WITH_BAD_KEYS.set([], number(bad.len()));
    if !bad.is_empty() {
        let ids: Vec<_> = bad.iter().map(|account| account.id.to_string()).collect();
        telemetry::property("accounts_with_bad_keys", ids);
    }
}

/// The seconds for which the oldest item has waited. An item: its id, and since when it waits, Unix milliseconds. The
/// id of the oldest becomes the property `name`.
fn oldest(name: &'static str, now_ms: i64, waiting: impl Iterator<Item = (String, i64)>) -> u64 {
    let until_now = waiting.filter(|(_, since_ms)| *since_ms <= now_ms);
    let Some((id, since_ms)) = until_now.min_by_key(|(_, since_ms)| *since_ms) else { return 0 };
    telemetry::property(name, id);
    u64::try_from((now_ms - since_ms) / 1000).unwrap_or_default()
}

/// A count as the value of a metric.
pub fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
