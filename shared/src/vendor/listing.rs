//! All of an account's tickets out of the vendor's pages.

use std::collections::{HashMap, HashSet};

use super::{Access, ListedTicket, TicketVendor, call::Operation, failure};
use crate::{
    domain::CloudId,
    error::{Error, Result},
};

/// The most pages of one walk: a list that has not ended by then does not end.
pub const MAX_PAGES: u32 = 1_000;

/// Every ticket of the account that was created no earlier than `since_ms` (Unix milliseconds), each once, in the
/// vendor's order; of a ticket that two pages hold, the later reading counts.
///
/// Fails with `vendor_bad_answer` where the pages can't be the whole list: the same page again (a server that ignores
/// the page's number) or no end within [`MAX_PAGES`]. The vendors page by number and not by cursor: when a ticket
/// leaves the list during the walk another can slip over a page's edge. So a ticket that is missing here is not known
/// to be gone; the next walk has it.
pub async fn walk(vendor: &dyn TicketVendor, access: &Access, since_ms: i64) -> Result<Vec<ListedTicket>> {
    let mut tickets: Vec<ListedTicket> = Vec::new();
    let mut places: HashMap<CloudId, usize> = HashMap::new();
    let mut pages: HashSet<Vec<CloudId>> = HashSet::new();
    let mut next = Some(0);
    for _ in 0..MAX_PAGES {
        let Some(page) = next else {
            return Ok(tickets);
        };
        let listed = vendor.list_tickets(access, since_ms, page).await?;
        let ids: Vec<CloudId> = listed.tickets.iter().map(|ticket| ticket.cloud_id.clone()).collect();
        // Pages without a ticket say nothing: older tickets are left out of them.
        if !ids.is_empty() && !pages.insert(ids) {
            return Err(incomplete(vendor, "the same page again"));
        }
        for ticket in listed.tickets {
            match places.get(&ticket.cloud_id).and_then(|place| tickets.get_mut(*place)) {
                Some(known) => *known = ticket,
                None => {
                    places.insert(ticket.cloud_id.clone(), tickets.len());
                    tickets.push(ticket);
                }
            }
        }
        next = listed.next;
    }
    if next.is_none() {
        return Ok(tickets);
    }
    Err(incomplete(vendor, "more pages than are walked"))
}

fn incomplete(vendor: &dyn TicketVendor, reason: &str) -> Error {
    failure::incomplete(&Operation::read(vendor.capability().vendor, "list_tickets"), reason)
}

#[cfg(test)]
mod tests;
