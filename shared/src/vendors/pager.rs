//! Paged lists of the vendors: which page comes next, and the checks that the pages are the whole list. Pure.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{ListedTicket, TicketPage, call::VendorOperation, failure};
use crate::{domain::Vendor, error::Result};

/// The most pages of one list. A list with more pages is taken for one without an end.
pub const MAX_PAGES: u32 = 1_000;

/// Reads a list page by page. The rows of a page can be used before the next page is read.
///
/// The position of a page is its number or its offset, as the vendor demands. The vendors have no cursor: a row that is
/// added while the list is read moves another row to the next page, so that two pages list it. A removed row moves
/// another one to the page before, so that no page lists it. A missing ticket may therefore exist; the next reading
/// lists it.
#[derive(Debug)]
pub struct Pager {
    operation: VendorOperation,
    next: Option<u32>,
    pages_read: u32,
    /// Hashes of the pages that had rows.
    seen: HashSet<u64>,
}

impl Pager {
    /// A pager for the list of `operation`, at position 0.
    pub fn new(operation: VendorOperation) -> Self {
        Self { operation, next: Some(0), pages_read: 0, seen: HashSet::new() }
    }

    /// A pager for [`list_tickets`](super::TicketVendor::list_tickets).
    pub fn of_tickets(vendor: Vendor) -> Self {
        Self::new(VendorOperation::read(vendor, "list_tickets"))
    }

    /// The same, which begins at another position.
    pub fn starting_at(self, position: u32) -> Self {
        Self { next: Some(position), ..self }
    }

    /// The position of the page to read next; `None` after the last page.
    ///
    /// # Errors
    /// `vendor_bad_answer` when the list has not ended after [`MAX_PAGES`] pages.
    pub fn next_page(&self) -> Result<Option<u32>> {
        if self.pages_read == MAX_PAGES && self.next.is_some() {
            return Err(failure::incomplete(&self.operation, "a list without an end"));
        }
        Ok(self.next)
    }

    /// Records the rows of the page at [`next_page`](Self::next_page), and the position that follows it.
    ///
    /// # Errors
    /// `vendor_bad_answer` when an earlier page had the same rows: the server ignores the position.
    pub fn accept(&mut self, rows: &[impl Hash], next: Option<u32>) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        rows.hash(&mut hasher);
        // Several pages can be empty: tickets that are too old are left out of them.
        if !rows.is_empty() && !self.seen.insert(hasher.finish()) {
            return Err(failure::incomplete(&self.operation, "the same page again"));
        }
        self.pages_read += 1;
        self.next = next;
        Ok(())
    }

    /// Records a page of tickets and returns its tickets. The status of a ticket does not count: it can change.
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub fn accept_tickets(&mut self, page: TicketPage) -> Result<Vec<ListedTicket>> {
        let ids: Vec<_> = page.tickets.iter().map(|ticket| &ticket.cloud_id).collect();
        self.accept(&ids, page.next)?;
        Ok(page.tickets)
    }
}

/// Whether a page of `rows` rows, with `before` rows on the pages before it, is followed by another page.
///
/// Without a total only an empty page is the end: the server may have smaller pages than the request asks for. An empty
/// page before the total is an error, with the reason, unless [`is_one_short`].
pub(super) fn has_next(before: i64, rows: usize, total: Option<i64>) -> Result<bool, &'static str> {
    let reached = before.saturating_add(i64::try_from(rows).unwrap_or(i64::MAX));
    match total {
        Some(total) if rows == 0 && total > reached && !is_one_short(before, rows, Some(total)) => {
            Err("an empty page before the total")
        }
        Some(total) => Ok(rows > 0 && total > reached),
        None => Ok(rows > 0),
    }
}

/// Whether a list that has rows ends one row before its total: the total is too high, or one row is not shown.
pub(super) fn is_one_short(before: i64, rows: usize, total: Option<i64>) -> bool {
    before > 0 && rows == 0 && total == before.checked_add(1)
}

/// The offset after a page of `rows` rows at `offset`; `None` at the end of the list. Fails as [`has_next`].
pub(super) fn next_offset(offset: u32, rows: usize, total: Option<i64>) -> Result<Option<u32>, &'static str> {
    let next = offset.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
    Ok(has_next(offset.into(), rows, total)?.then_some(next))
}

#[cfg(test)]
mod tests;
