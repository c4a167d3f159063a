//! I5: closed at the vendor and closed here are the same, in the end.

use super::Facts;
use crate::actors::people::ended;

/// I5: a ticket of ours that ended at the vendor, whoever closed it, is archived.
pub fn what_ended_is_archived(facts: &Facts) -> Vec<String> {
    let ended = facts.at_vendors.iter().filter(|(vendor, ticket)| ended(vendor, ticket.status));
    let not_archived = ended.filter_map(|(vendor, ticket)| {
        let ours = facts.tickets.values().find(|ours| ours["cloud_id"] == ticket.id.as_str())?;
        (ours["state"] != "closed")
            .then(|| format!("{vendor} ended {} and ours is {}", ticket.id, ours["state"]))
    });
    not_archived.collect()
}

/// I5: a ticket that is closed here has ended at the vendor.
///
/// Limits: a person may have opened it again there.
pub fn what_is_closed_has_ended(facts: &Facts) -> Vec<String> {
    let closed = facts.tickets.iter().filter(|(_, ticket)| ticket["state"] == "closed");
    let not_ended = closed.filter_map(|(id, ticket)| {
        let (vendor, there) =
            facts.at_vendors.iter().find(|(_, there)| ticket["cloud_id"] == there.id.as_str())?;
        let reopened = facts.reopenings.iter().any(|reopening| reopening.cloud_id == there.id);
        (!reopened && !ended(vendor, there.status))
            .then(|| format!("{id} is closed, and {vendor} has {} in status {}", there.id, there.status))
    });
    not_ended.collect()
}
