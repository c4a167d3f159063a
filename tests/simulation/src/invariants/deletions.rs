//! Tickets that were deleted at their vendors.

use serde_json::Value;
use simulators::SimulatedMessage;

use super::{
    Facts,
    archives::{has_text_of, has_time, same},
};

/// Each message has a row of its own.
///
/// Limits: only messages that were shown for long enough before the deletion, see `actors::deleter`.
pub fn shown_is_kept(facts: &Facts) -> Vec<String> {
    let mut lost = Vec::new();
    for deletion in &facts.deletions {
        let ticket = facts.tickets.iter().find(|(_, ticket)| ticket["cloud_id"] == deletion.cloud_id.as_str());
        let mut archive = ticket.map(|(id, _)| facts.archive(id)).unwrap_or_default();
        for message in &deletion.shown {
            match archive.iter().position(|archived| is_row_of(archived, message)) {
                Some(row) => _ = archive.remove(row),
                None => {
                    lost.push(format!("{} was deleted, and {:?} is not stored", deletion.cloud_id, message.content))
                }
            }
        }
    }
    lost
}

fn is_row_of(archived: &Value, message: &SimulatedMessage) -> bool {
    if has_time(message) { same(archived, message) } else { has_text_of(archived, message) }
}
