//! Tickets of ours for tickets of the vendors.

use std::collections::BTreeMap;

use super::Facts;

/// Whoever made it: a create, a reconcile, an adoption.
pub fn one_ticket_of_ours(facts: &Facts) -> Vec<String> {
    let mut ours: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (id, ticket) in &facts.tickets {
        if let (Some(vendor), Some(cloud_id)) = (ticket["type"].as_str(), ticket["cloud_id"].as_str()) {
            ours.entry((vendor, cloud_id)).or_default().push(id);
        }
    }
    let doubles = ours.into_iter().filter(|(_, ids)| ids.len() > 1);
    doubles.map(|((vendor, cloud_id), ids)| format!("{cloud_id} of {vendor} is {ids:?}")).collect()
}

/// Limits: not a ticket whose row has no readable id or of which each call fails, and none while the account has an
/// indeterminate ticket, which it may be.
pub fn console_tickets_adopted(facts: &Facts) -> Vec<String> {
    let known = |cloud_id: &str| facts.tickets.values().any(|ticket| ticket["cloud_id"] == cloud_id);
    let is_indeterminate = |account: &str| {
        facts.tickets.values().any(|ticket| ticket["custom_id"] == account && ticket["state"] == "indeterminate")
    };
    let missing = facts.at_vendors.iter().filter(|(_, there)| {
        facts.console.contains_key(&there.id)
            && facts.adopting.contains(&there.account)
            && there.has_readable_id()
            && facts.failing.as_ref() != Some(&there.id)
            && !is_indeterminate(&there.account)
            && !known(&there.id)
    });
    missing.map(|(vendor, there)| format!("{vendor} {} of {} is not adopted", there.id, there.account)).collect()
}
