//! Urging and rating at the vendors.

use super::Facts;
use crate::history::{ActionRequest, CallerAction};

/// Limits: an urge has no text, so of a ticket there are no more of them than keys. What the answer to one holds is not
/// documented, so an answer of another shape counts as success.
pub fn actions_once_per_key(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for request in &facts.actions {
        let (there, fewest, most) = match request.action {
            CallerAction::Rate => (ratings(facts, request), usize::from(is_done(request)), 1),
            CallerAction::Urge => {
                let equal = |other: &&ActionRequest| other.action == request.action && other.ticket == request.ticket;
                (urges(facts, request), 0, facts.actions.iter().filter(equal).count())
            }
            CallerAction::Withdraw(_) => continue,
        };
        if !(fewest..=most).contains(&there) {
            let ActionRequest { key, action, answers, .. } = request;
            violations.push(format!("{key} ({action:?}) was answered {answers:?}, and is at the vendor {there} times"));
        }
    }
    violations
}

fn is_done(request: &ActionRequest) -> bool {
    request.answers.contains(&200)
}

fn ratings(facts: &Facts, request: &ActionRequest) -> usize {
    let there = facts.tickets.get(&request.ticket).and_then(|ticket| facts.at_vendor(ticket));
    let ratings = there.into_iter().flat_map(|there| &there.ratings);
    ratings.filter(|rating| rating.comment == request.key).count()
}

fn urges(facts: &Facts, request: &ActionRequest) -> usize {
    let Some(ticket) = facts.tickets.get(&request.ticket) else { return 0 };
    facts.urges.iter().filter(|id| ticket["cloud_id"] == id.as_str()).count()
}
