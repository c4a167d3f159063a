//! The results of creates.

use serde_json::Value;
use simulators::SimulatedTicket;

use super::Facts;
use crate::history::RecordedAnswer;

/// Limits: only while the vendor's list lags no longer than the settle time. Beyond it, see [`no_ticket_lost`].
pub fn one_ticket_per_key(facts: &Facts) -> Vec<String> {
    if facts.lag_exceeds_settle_time {
        return Vec::new();
    }
    let doubles = facts.creates.iter().filter_map(|create| {
        let ids: Vec<_> = facts.of_key(&create.key).map(|ticket| ticket.id.as_str()).collect();
        (ids.len() > 1).then(|| format!("{} has {} tickets at the vendor: {ids:?}", create.key, ids.len()))
    });
    doubles.collect()
}

/// Limits: a request that took effect later than the settle time does not count against a removal.
pub fn ticket_answers_hold(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for create in &facts.creates {
        for answer in &create.answers {
            let Some(id) = answer.ticket.as_deref().filter(|_| matches!(answer.status, 201 | 202)) else {
                continue;
            };
            match facts.tickets.get(id) {
                Some(ticket) if is_at_vendor(facts, id, ticket) => {}
                // A ticket may be this one; the vendor shows none with its id, or each call about it fails, or it was
                // made so late that it may be a copy.
                Some(ticket)
                    if answer.status == 202
                        && ticket["state"] == "indeterminate"
                        && (facts.lag_exceeds_settle_time
                            || facts.marked(id).all(|there| is_late(facts, there, ticket))
                            || !facts.marked(id).any(|there| is_found(facts, there, id))) => {}
                None if answer.status == 202
                    && (facts.lag_exceeds_settle_time || facts.marked(id).next().is_none()) => {}
                found => {
                    let state = found.map_or("gone", |ticket| ticket["state"].as_str().unwrap_or("?"));
                    let marked = facts.marked(id).count();
                    violations.push(format!(
                        "{}: ticket {id} was answered {}, is {state}, and the vendor has {marked} with its marker",
                        create.key, answer.status
                    ));
                }
            }
        }
    }
    violations.sort();
    violations.dedup();
    violations
}

/// Holds for every lag of the vendor's list.
pub fn no_ticket_lost(facts: &Facts) -> Vec<String> {
    let known = |id: &str| facts.tickets.values().any(|ticket| ticket["cloud_id"] == id);
    let carries_marker = |ticket: &SimulatedTicket| {
        ticket.sent().rsplit_once("ref ").is_some_and(|(_, id)| !id.contains(' ') && shows(ticket, id))
    };
    let ours = facts.at_vendors.iter().filter(|(_, ticket)| carries_marker(ticket));
    // A customer may have copied the marker with the text of a ticket.
    let ours = ours.filter(|(_, ticket)| !facts.console.contains_key(&ticket.id));
    // A person decides about a candidate of its own ticket.
    let is_candidate = |there: &SimulatedTicket| {
        let own = there.sent().rsplit_once("ref ").and_then(|(_, id)| facts.tickets.get(id));
        own.is_some_and(|ticket| has_candidate(ticket, &there.id))
    };
    let ours = ours.filter(|(_, ticket)| !is_candidate(ticket) && facts.failing.as_ref() != Some(&ticket.id));
    let lost = ours.filter(|(_, ticket)| !known(&ticket.id));
    lost.map(|(vendor, ticket)| format!("{vendor} has {} and the store has no ticket with that vendor id", ticket.id))
        .collect()
}

pub fn reads_are_true(facts: &Facts) -> Vec<String> {
    let wrong = facts.final_reads.iter().filter(|(id, status, state)| match facts.tickets.get(id) {
        Some(ticket) => *status != 200 || ticket["state"] != state.as_str(),
        None => *status != 404,
    });
    wrong.map(|(id, status, state)| format!("GET of {id} answers {status} {state}")).collect()
}

/// Refusals of a request as another one under its key.
///
/// Limits: creates only.
pub fn same_request_is_the_same(facts: &Facts) -> Vec<String> {
    let is_refused = |answer: &RecordedAnswer| answer.code.as_deref() == Some("idempotency_key_reused");
    let refused = facts.creates.iter().filter(|create| create.answers.iter().any(is_refused));
    refused.map(|create| format!("{} was refused as another request", create.key)).collect()
}

/// The record of the expired key is still in the table, because DynamoDB deletes it later.
pub fn expired_key_is_new(facts: &Facts) -> Vec<String> {
    let Some(key_reuse) = &facts.key_reuse else { return Vec::new() };
    // The key of an indeterminate ticket stays taken until a person decides.
    let sign = facts.creates.first().map(|create| format!("<{}>", create.key)).unwrap_or_default();
    let is_of_key = |ticket: &&Value| ticket["description"].as_str().is_some_and(|text| text.contains(&sign));
    if facts.tickets.values().filter(is_of_key).any(|ticket| ticket["state"] == "indeterminate") {
        return Vec::new();
    }
    let earlier = facts.creates.first().into_iter().flat_map(|create| &create.answers);
    let used_before =
        earlier.filter_map(|answer| answer.ticket.as_ref()).any(|id| Some(id) == key_reuse.ticket.as_ref());
    if key_reuse.status == 201 && !used_before {
        return Vec::new();
    }
    vec![format!("a key was used again after its lifetime and the answer was {}", key_reuse.status)]
}

/// What the vendor made within this time of the create's beginning is certainly taken for it, milliseconds.
const MADE_BY_CREATE_MS: i64 = 85_000;

/// Whether the vendor made its ticket so late, or its clock or ours says so, that it may be a copy.
fn is_late(facts: &Facts, there: &SimulatedTicket, ticket: &Value) -> bool {
    let start_ms = ticket["create_time"].as_i64().unwrap_or_default();
    (there.created_at_ms - start_ms).abs() > MADE_BY_CREATE_MS - facts.largest_clock_ms
}

fn has_candidate(ticket: &Value, id: &str) -> bool {
    let candidates = ticket["candidates"].as_array();
    candidates.is_some_and(|candidates| candidates.iter().any(|candidate| candidate["vendor_id"] == id))
}

fn is_found(facts: &Facts, ticket: &SimulatedTicket, id: &str) -> bool {
    facts.failing.as_ref() != Some(&ticket.id) && shows(ticket, id)
}

fn shows(ticket: &SimulatedTicket, id: &str) -> bool {
    ticket.description.contains(id) && ticket.has_readable_id()
}

fn is_at_vendor(facts: &Facts, id: &str, ticket: &Value) -> bool {
    facts.marked(id).any(|at_vendor| ticket["cloud_id"] == at_vendor.id.as_str())
}
