//! Events of committed changes. The changes are read from the table's stream. The mapping from a change to its event is
//! written here a second time, from the description of the events and not from the product's code.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Facts;
use crate::io::table::plain_item;

/// The dead-letter queue is redriven before this check.
pub fn every_change_has_its_event(facts: &Facts) -> Vec<String> {
    let mut expected = BTreeMap::new();
    for record in &facts.changes {
        if let Some(event) = expected_event(record) {
            expected.insert(record["eventID"].as_str().unwrap_or_default().to_owned(), event);
        }
    }
    let mut violations = Vec::new();
    let mut seen = BTreeMap::new();
    for event in product_events(facts) {
        let id = event["detail"]["event_id"].as_str().unwrap_or_default().to_owned();
        let published = (text(&event["detail-type"]), state_in(event));
        match expected.get(&id) {
            Some(wanted) if *wanted == published => {}
            Some(wanted) => violations.push(format!("{id} was published as {published:?}, expected {wanted:?}")),
            None => violations.push(format!("{id} {published:?} is on the bus, and no such change was committed")),
        }
        seen.insert(id, ());
    }
    let missing = expected.iter().filter(|(id, _)| !seen.contains_key(*id));
    violations.extend(missing.map(|(id, event)| format!("{id} {event:?} was committed and is not on the bus")));
    violations.sort();
    violations.dedup();
    violations
}

/// A repeated event counts at its first time.
///
/// Limits: not checked where dead letters were redriven, since those come out of order.
pub fn events_in_order(facts: &Facts) -> Vec<String> {
    if facts.dead_letters_redriven {
        return Vec::new();
    }
    let mut newest = HashMap::<String, (String, Vec<String>)>::new();
    let mut violations = Vec::new();
    for event in product_events(facts) {
        let detail = &event["detail"];
        let of = text(&detail["ticket_id"]) + &text(&detail["run_id"]);
        let (id, number) = (text(&detail["event_id"]), text(&detail["sequence"]));
        let (newest, seen) = newest.entry(of.clone()).or_default();
        if seen.contains(&id) {
            continue;
        }
        if number < *newest {
            violations.push(format!("{of}: {id} comes after a later change"));
        }
        *newest = number;
        seen.push(id);
    }
    violations
}

fn product_events(facts: &Facts) -> impl Iterator<Item = &Value> {
    facts.events.iter().filter(|event| event["detail-type"] != "CatalogRefreshRequested")
}

/// The state in an event: of the reply, where it has one, else of the ticket or run.
fn state_in(event: &Value) -> String {
    let detail = &event["detail"];
    match (&detail["reply"], event["detail-type"].as_str()) {
        (Value::Object(reply), _) => text(&reply["state"]),
        (_, Some("TicketReplied")) if detail["from_console"] == true => "console".to_owned(),
        (_, Some("TicketReplied")) => "support".to_owned(),
        _ => text(&detail["state"]),
    }
}

/// Type and state of the event of a change.
fn expected_event(record: &Value) -> Option<(String, String)> {
    let image = |name: &str| Some(plain_item(record["dynamodb"].get(name)?)).filter(|item| !item["PK"].is_null());
    let (old, new) = (image("OldImage"), image("NewImage"));
    let entity = text(&new.as_ref().or(old.as_ref())?["entity"]);
    let state = |item: &Option<Value>| item.as_ref().map(|item| text(&item["state"]));
    let (before, after) = (state(&old), state(&new));
    let event = |kind: &str, state: &str| Some((kind.to_owned(), state.to_owned()));
    match (entity.as_str(), before.as_deref(), after.as_deref()) {
        ("ticket", Some(_), None) | ("reply", Some(_), None) => event("TicketUpdated", "removed"),
        ("ticket", None, Some("creating")) | ("reply", None, Some("sending")) => None,
        ("ticket", None | Some("creating" | "unknown" | "indeterminate"), Some("open")) => {
            event("TicketCreated", "open")
        }
        ("ticket", before, Some("closed")) if before != Some("closed") => event("TicketClosed", "closed"),
        ("ticket", Some("closed"), Some("open")) => event("TicketReopened", "open"),
        ("ticket", before, Some(now)) if before != Some(now) => event("TicketUpdated", now),
        ("ticket", _, Some(now)) => {
            let of = |item: &Option<Value>, name: &str| item.as_ref().map_or(Value::Null, |item| item[name].clone());
            let changed = |name: &str| of(&old, name) != of(&new, name);
            // The post-close recheck added messages to the archive.
            let recounted = now == "closed" && (changed("digest") || changed("message_count"));
            let acted_on = changed("urge_time") || changed("rating") || changed("withdrawals");
            if changed("vendor_status") || recounted || acted_on { event("TicketUpdated", now) } else { None }
        }
        ("message", None, Some(_)) => {
            let new = new.unwrap_or_default();
            match (&new["type"], &new["from_console"]) {
                (_, Value::Bool(true)) => event("TicketReplied", "console"),
                (support, _) if *support == 1 => event("TicketReplied", "support"),
                _ => None,
            }
        }
        ("reply", before, Some("sent")) if before != Some("sent") => event("TicketReplied", "sent"),
        ("reply", before, Some(now)) if before != Some(now) => event("TicketUpdated", now),
        ("refresh", before, Some(now @ ("complete" | "failed"))) if before != Some(now) => {
            event("CatalogRefreshed", now)
        }
        _ => None,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
