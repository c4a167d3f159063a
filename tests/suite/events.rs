//! From the table to the bus: every change of a ticket or a catalog is published, in order, and nothing is lost.

mod bus_down;
mod dead_letters;
mod restart;
mod story;

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::support::{ApiEvent, World};

/// All events of tickets and catalogs on the bus so far, as type and detail.
fn published(world: &World) -> Vec<(String, Value)> {
    let events = world.stack.events.events().into_iter();
    events
        .filter(|event| event["source"] == "polydesk" && event["detail-type"] != "CatalogRefreshRequested")
        .map(|event| (event["detail-type"].as_str().unwrap().to_owned(), event["detail"].clone()))
        .collect()
}

/// The events by ticket in the order in which each was on the bus first, as its type with the state after it.
///
/// Asserts what holds for any ticket: an event that comes again is the same, and none is on the bus before an
/// earlier one.
fn published_by_ticket(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut seen = HashSet::new();
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    let mut by_ticket: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (kind, detail) in published(world) {
        let Some(ticket) = detail["ticket_id"].as_str() else { continue };
        if !seen.insert(detail["event_id"].as_str().unwrap().to_owned()) {
            continue;
        }
        let sequence = detail["sequence"].as_str().unwrap().to_owned();
        let before = last.insert(ticket.to_owned(), sequence.clone());
        assert!(before.is_none_or(|before| before < sequence), "{kind} of {ticket} is out of order");
        let state = detail["state"].as_str().map(|state| format!(" {state}")).unwrap_or_default();
        by_ticket.entry(ticket.to_owned()).or_default().push(format!("{kind}{state}"));
    }
    by_ticket
}

/// What is published of a ticket that is created and closed.
const WHOLE_LIFE: [&str; 3] = ["TicketCreated open", "TicketUpdated closing", "TicketClosed closed"];

/// Closes a ticket.
async fn close(world: &World, id: &str) {
    world.call(ApiEvent::close(id)).await.expect(200);
}
