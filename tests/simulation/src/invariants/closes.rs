//! Closed in the store and ended at the vendor are the same.

use super::Facts;
use crate::actors::vendor_people::ended;

/// A ticket counts whoever closed it.
///
/// Limits: not a ticket whose row in lists has no readable id, none that was deleted, and none of which each call
/// fails.
pub fn ended_is_closed(facts: &Facts) -> Vec<String> {
    let ended = facts.at_vendors.iter().filter(|(vendor, ticket)| ended(vendor, ticket.status));
    let not_closed = ended.filter_map(|(vendor, ticket)| {
        let ours = facts.tickets.values().find(|ours| ours["cloud_id"] == ticket.id.as_str())?;
        let can_be_read = ticket.has_readable_id() && !ticket.deleted && facts.failing.as_ref() != Some(&ticket.id);
        (can_be_read && ours["state"] != "closed")
            .then(|| format!("{vendor} ended {} and the store has it as {}", ticket.id, ours["state"]))
    });
    not_closed.collect()
}

/// A ticket counts whoever opened it again: the last hour of a schedule is long enough to find it.
///
/// Limits: not one that was deleted, and of the reopened ones none whose row in lists has no readable id, that was
/// deleted later, or of which each call fails.
pub fn closed_has_ended(facts: &Facts) -> Vec<String> {
    let closed = facts.tickets.iter().filter(|(_, ticket)| ticket["state"] == "closed");
    let not_ended = closed.filter_map(|(id, ticket)| {
        let (vendor, there) = facts.at_vendors.iter().find(|(_, there)| ticket["cloud_id"] == there.id.as_str())?;
        let is_reopened = facts.reopenings.iter().any(|reopening| reopening.cloud_id == there.id);
        let is_lost = !there.has_readable_id() || there.deleted || facts.failing.as_ref() == Some(&there.id);
        let deleted = there.deleted && ticket["vendor_status"] == "deleted";
        let may_be_closed = ended(vendor, there.status) || deleted || is_reopened && is_lost;
        (!may_be_closed).then(|| format!("{id} is closed, and {vendor} has {} in status {}", there.id, there.status))
    });
    not_ended.collect()
}
