//! A ticket of which each call fails delays no other.

use std::cmp::Reverse;

use super::Facts;
use crate::{actors::vendor_people::ended, clock::EPOCH_MS};

/// A ticket that ended at its vendor is closed, and a ticket of the console is adopted, by the end of the second run
/// that began afterwards: the first reads them, and one run may be lost to the failing ticket.
///
/// Limits: checked where there is no other fault. A reopened ticket may wait, and one with a reply of the last minutes
/// or of unknown outcome, or with a withdrawn message: the vendor does not show it to the close.
pub fn others_are_not_delayed(facts: &Facts) -> Vec<String> {
    let Some(failing) = facts.failing.as_ref().filter(|_| facts.one_failing_ticket) else { return Vec::new() };
    let others = facts.at_vendors.iter().filter(|(_, there)| there.id != *failing);
    let mut late = Vec::new();
    for (vendor, there) in others {
        let Some((id, ticket)) = facts.tickets.iter().find(|(_, ticket)| ticket["cloud_id"] == there.id.as_str())
        else {
            continue;
        };
        if facts.reopenings.iter().any(|reopening| reopening.cloud_id == there.id) {
            continue;
        }
        let adopted = facts.console.get(&there.id).and_then(|at_ms| facts.second_run_after(*at_ms));
        let known_ms = facts.first_change_ms(id);
        if let (Some(until_ms), Some(known_ms)) = (adopted, known_ms)
            && known_ms > until_ms
        {
            late.push(format!("{id} was adopted at {known_ms}, and the second run ended at {until_ms}"));
        }
        let replied = |message: &simulators::SimulatedMessage| message.at_ms + 60_000 > there.closed_at_ms.unwrap_or(0);
        let is_unknown = facts
            .replies
            .iter()
            .any(|reply| reply.ticket == *id && reply.answers.iter().any(|answer| answer.status == 202));
        let is_withdrawn = there.messages.iter().any(|message| facts.is_withdrawn(&there.id, message));
        if !ended(vendor, there.status) || is_unknown || is_withdrawn || there.messages.iter().any(replied) {
            continue;
        }
        // What is closed before it is known here is found by the run after.
        let since_ms = there.closed_at_ms.max(known_ms);
        let until_ms = since_ms.and_then(|since_ms| facts.second_run_after(since_ms));
        let closed_ms = ticket["close_time"].as_i64();
        if let (Some(until_ms), Some(closed_ms)) = (until_ms, closed_ms)
            && closed_ms > until_ms
        {
            late.push(format!("{id} was closed at {closed_ms}, and the second run ended at {until_ms}"));
        }
    }
    late
}

impl Facts {
    /// The end of the second run of the sync that began after that time; `None` where there was none.
    fn second_run_after(&self, at_ms: i64) -> Option<i64> {
        let ms = |elapsed_ms: u64| EPOCH_MS.saturating_add_unsigned(elapsed_ms);
        let mut runs: Vec<_> = self.sync_runs.iter().filter(|(start_ms, _)| ms(*start_ms) > at_ms).collect();
        runs.sort_by_key(|(start_ms, end_ms)| (*start_ms, Reverse(*end_ms)));
        // Runs that begin together count as one, which ends with the last of them.
        runs.dedup_by_key(|(start_ms, _)| *start_ms);
        runs.get(1).map(|(_, end_ms)| ms(*end_ms))
    }
}
