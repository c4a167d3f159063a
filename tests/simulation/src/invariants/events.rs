//! I6: every committed change has its event. What was committed is read from the table's stream itself, and which event a change
//! is stands here once more, written from the description of the events, not from the product's code.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Facts;
use crate::io::table::plain_item;

/// I6: every committed change that is an event is on the bus, under its own id, with its type and state; no event tells of anything
/// else.
///
/// Limits: what waits in the queue of dead letters is handed over again before this is checked.
pub fn every_change_has_its_event(facts: &Facts) -> Vec<String> {
    let mut expected = BTreeMap::new();
    for record in &facts.changes {
        if let Some(event) = expected_event(record) {
            expected.insert(record["eventID"].as_str().unwrap_or_default().to_owned(), event);
        }
    }
    let mut broken = Vec::new();
    let mut seen = BTreeMap::new();
    for event in product_events(facts) {
        let id = event["detail"]["event_id"].as_str().unwrap_or_default().to_owned();
        let told = (text(&event["detail-type"]), state_in(event));
        match expected.get(&id) {
            Some(wanted) if *wanted == told => {}
            Some(wanted) => broken.push(format!("{id} was told as {told:?}, it is {wanted:?}")),
            None => broken.push(format!("{id} {told:?} is on the bus, and no such change was committed")),
        }
        seen.insert(id, ());
    }
    let missing = expected.iter().filter(|(id, _)| !seen.contains_key(*id));
    broken.extend(missing.map(|(id, event)| format!("{id} {event:?} was committed and is not on the bus")));
    broken.sort();
    broken.dedup();
    broken
}

/// I6: the events of one ticket come in the order of its changes; an event that comes again is counted at its first time.
///
/// Limits: what was parked in the queue comes when it is handed over.
pub fn events_come_in_order(facts: &Facts) -> Vec<String> {
    if facts.letters_redriven {
        return Vec::new();
    }
    let mut newest = HashMap::<String, (String, Vec<String>)>::new();
    let mut broken = Vec::new();
    for event in product_events(facts) {
        let detail = &event["detail"];
        let of = text(&detail["ticket_id"]) + &text(&detail["run_id"]);
        let (id, number) = (text(&detail["event_id"]), text(&detail["sequence"]));
        let (newest, seen) = newest.entry(of.clone()).or_default();
        if seen.contains(&id) {
            continue;
        }
        if number < *newest {
            broken.push(format!("{of}: {id} comes after a later change"));
        }
        *newest = number;
        seen.push(id);
    }
    broken
}

fn product_events(facts: &Facts) -> impl Iterator<Item = &Value> {
    facts.events.iter().filter(|event| event["detail-type"] != "CatalogRefreshRequested")
}

/// The state that an event tells: of the reply, where it is about one, else of the ticket or run.
fn state_in(event: &Value) -> String {
    let detail = &event["detail"];
    match (&detail["reply"], event["detail-type"].as_str()) {
        (Value::Object(reply), _) => text(&reply["state"]),
        (_, Some("TicketReplied")) => "support".to_owned(),
        _ => text(&detail["state"]),
    }
}

/// Type and state of the event that a change is.
fn expected_event(record: &Value) -> Option<(String, String)> {
    let image =
        |name: &str| Some(plain_item(record["dynamodb"].get(name)?)).filter(|item| !item["PK"].is_null());
    let (old, new) = (image("OldImage"), image("NewImage"));
    let entity = text(&new.as_ref().or(old.as_ref())?["entity"]);
    let state = |item: &Option<Value>| item.as_ref().map(|item| text(&item["state"]));
    let (before, after) = (state(&old), state(&new));
    let told = |kind: &str, state: &str| Some((kind.to_owned(), state.to_owned()));
    match (entity.as_str(), before.as_deref(), after.as_deref()) {
        ("ticket", Some(_), None) | ("reply", Some(_), None) => told("TicketUpdated", "removed"),
        ("ticket", None, Some("creating")) | ("reply", None, Some("sending")) => None,
        ("ticket", None | Some("creating" | "unknown"), Some("open")) => told("TicketCreated", "open"),
        ("ticket", before, Some("closed")) if before != Some("closed") => told("TicketClosed", "closed"),
        ("ticket", before, Some(now)) if before != Some(now) => told("TicketUpdated", now),
        ("ticket", _, Some(now)) => {
            let of = |item: &Option<Value>, name: &str| {
                item.as_ref().map_or(Value::Null, |item| item[name].clone())
            };
            let changed = |name: &str| of(&old, name) != of(&new, name);
            let waits = new.as_ref().is_some_and(|new| new["vendor_phase"] == "awaiting_customer");
            // A closed ticket's archive, counted again after messages that were shown late.
            let recounted = now == "closed" && (changed("digest") || changed("message_count"));
            match (changed("vendor_phase") && waits, changed("vendor_status") || recounted) {
                (true, _) => told("TicketReplied", "support"),
                (false, true) => told("TicketUpdated", now),
                (false, false) => None,
            }
        }
        ("reply", before, Some("sent")) if before != Some("sent") => told("TicketReplied", "sent"),
        ("reply", before, Some(now)) if before != Some(now) => told("TicketUpdated", now),
        ("refresh", before, Some(now @ ("complete" | "failed"))) if before != Some(now) => {
            told("CatalogRefreshed", now)
        }
        _ => None,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
