//! I1 and I2: what a create leaves behind.

use serde_json::Value;

use super::Facts;

/// I1: per idempotency key there is at most one ticket at the vendor.
///
/// Limits: only while the vendor's list lags no more than the settle time; beyond it a ticket may be late, but see
/// [`nothing_is_lost`].
pub fn one_ticket_for_each_key(facts: &Facts) -> Vec<String> {
    if facts.lags_beyond {
        return Vec::new();
    }
    let doubles = facts.creates.iter().filter_map(|create| {
        let ids: Vec<_> = facts.of_key(&create.key).map(|ticket| ticket.id.as_str()).collect();
        (ids.len() > 1).then(|| format!("{} has {} tickets at the vendor: {ids:?}", create.key, ids.len()))
    });
    doubles.collect()
}

/// I2: a ticket that was answered 201 is in the store and at the vendor; one that was answered 202 ends as such a ticket or is
/// removed, and then the vendor has none with its marker.
///
/// Limits: what the vendor got later than the settle time allows for is not counted against a removal.
pub fn answers_hold(facts: &Facts) -> Vec<String> {
    let mut broken = Vec::new();
    for create in &facts.creates {
        for answer in &create.answers {
            let Some(id) = answer.ticket.as_deref().filter(|_| matches!(answer.status, 201 | 202)) else {
                continue;
            };
            match facts.tickets.get(id) {
                Some(ticket) if is_at_vendor(facts, id, ticket) => {}
                None if answer.status == 202 && (facts.lags_beyond || facts.marked(id).next().is_none()) => {}
                found => {
                    let state = found.map_or("gone", |ticket| ticket["state"].as_str().unwrap_or("?"));
                    let marked = facts.marked(id).count();
                    broken.push(format!(
                        "{}: ticket {id} was answered {}, is {state}, and the vendor has {marked} with its marker",
                        create.key, answer.status
                    ));
                }
            }
        }
    }
    broken.sort();
    broken.dedup();
    broken
}

/// I2: a ticket of ours that the vendor has is in the store, under its vendor id, however late the vendor's list showed it.
pub fn nothing_is_lost(facts: &Facts) -> Vec<String> {
    let known = |id: &str| facts.tickets.values().any(|ticket| ticket["cloud_id"] == id);
    let ours = facts.at_vendors.iter().filter(|(_, ticket)| ticket.description.contains("ref "));
    let lost = ours.filter(|(_, ticket)| !known(&ticket.id));
    lost.map(|(vendor, ticket)| format!("{vendor} has {} and no ticket of ours knows it", ticket.id))
        .collect()
}

/// I2: `GET /tickets/{id}` tells what became of a ticket that a create named: its state, or 404 where it was removed.
pub fn what_is_shown_is_true(facts: &Facts) -> Vec<String> {
    let wrong = facts.looks.iter().filter(|(id, status, state)| match facts.tickets.get(id) {
        Some(ticket) => *status != 200 || ticket["state"] != state.as_str(),
        None => *status != 404,
    });
    wrong.map(|(id, status, state)| format!("GET of {id} answers {status} {state}")).collect()
}

/// I2: a key whose life is over is a new one: under it another request makes a ticket of its own, though the record is still in the
/// table.
pub fn an_old_key_is_new_again(facts: &Facts) -> Vec<String> {
    let Some(returned) = &facts.returned else { return Vec::new() };
    let earlier = facts.creates.first().into_iter().flat_map(|create| &create.answers);
    let used_before =
        earlier.filter_map(|answer| answer.ticket.as_ref()).any(|id| Some(id) == returned.ticket.as_ref());
    if returned.status == 201 && !used_before {
        return Vec::new();
    }
    vec![format!("a key was used again after its life and answered {}", returned.status)]
}

fn is_at_vendor(facts: &Facts, id: &str, ticket: &Value) -> bool {
    facts.marked(id).any(|at_vendor| ticket["cloud_id"] == at_vendor.id.as_str())
}
