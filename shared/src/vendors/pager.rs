//! A walk through the vendor's pages of an account's tickets.

use std::collections::HashSet;

use super::{ListedTicket, TicketPage, TicketVendor, call::Operation, failure};
use crate::{
    domain::CloudId,
    error::{Error, Result},
};

/// The most pages of one walk: a list that has not ended by then does not end.
pub const MAX_PAGES: u32 = 1_000;

/// How far a walk has come. What a page holds can be used before the next one is read.
///
/// Fails with `vendor_bad_answer` where the pages can't be the whole list: the same page again (a server that ignores
/// the page's number) or no end within [`MAX_PAGES`]. The vendors page by number and not by cursor: a ticket that comes
/// in during the walk shows another one twice, and one that leaves the list lets another slip over a page's edge. So a
/// ticket that is missing is not known to be gone; the next walk has it.
#[derive(Debug)]
pub struct Pager {
    next: Option<u32>,
    pages: HashSet<Vec<CloudId>>,
    walked: u32,
}

impl Default for Pager {
    fn default() -> Self {
        Self { next: Some(0), pages: HashSet::new(), walked: 0 }
    }
}

impl Pager {
    /// The number of the page to be read next; `None` after the last one.
    pub fn next(&self, vendor: &dyn TicketVendor) -> Result<Option<u32>> {
        if self.walked == MAX_PAGES && self.next.is_some() {
            return Err(incomplete(vendor, "more pages than are walked"));
        }
        Ok(self.next)
    }

    /// Takes in the page that was to be read next, and gives its tickets.
    pub fn take_in(&mut self, vendor: &dyn TicketVendor, page: TicketPage) -> Result<Vec<ListedTicket>> {
        let ids: Vec<CloudId> = page.tickets.iter().map(|ticket| ticket.cloud_id.clone()).collect();
        // Pages without a ticket say nothing: older tickets are left out of them.
        if !ids.is_empty() && !self.pages.insert(ids) {
            return Err(incomplete(vendor, "the same page again"));
        }
        self.walked += 1;
        self.next = page.next;
        Ok(page.tickets)
    }
}

fn incomplete(vendor: &dyn TicketVendor, reason: &str) -> Error {
    failure::incomplete(&Operation::read(vendor.capability().vendor, "list_tickets"), reason)
}

#[cfg(test)]
mod tests;
