//! One reading of a conversation, page by page, and the checks that its pages are all of it. Pure.
//!
//! A page is the whole conversation as far as the vendor shows it with ids, or a part of a list without ids. The
//! messages of one moment may lie on two parts, so those of a part's last moment wait for the next part.

use std::collections::BTreeMap;

use super::{
    call::VendorOperation,
    conversation::{self, Messages, Numbers, Order, ReadRow},
    failure,
    pager::{self, Pager},
};
use crate::{
    domain::{KnownMessages, Message, MessagePosition, Placement, Vendor, known_messages::is_synthetic_id},
    error::{Error, Result},
};

/// One page of a conversation.
pub struct MessagePage {
    /// What it shows.
    pub messages: PageMessages,
    /// How many messages the vendor counts, where it says so.
    pub counted: Option<i64>,
    /// The position of the next page, if there is one.
    pub next: Option<u32>,
}

/// The messages of a page.
pub enum PageMessages {
    /// Those that the vendor shows with ids, and their number: all of them, oldest first, or a part if more pages
    /// follow.
    Whole(Messages, usize),
    /// A part of a list without ids, in the vendor's order.
    Part {
        /// The rows.
        rows: Vec<ReadRow>,
        /// Whether it is the last part.
        is_last: bool,
    },
}

/// The state of a reading.
pub struct Reading {
    operation: VendorOperation,
    pager: Pager,
    /// What the first page counts.
    counted: Option<i64>,
    /// What the first part counts.
    part_count: Option<Option<i64>>,
    part_rows: usize,
    /// The most messages that the vendor showed at once.
    shown: usize,
    newest_first: bool,
    /// The rows that wait for the next part.
    waiting: Vec<ReadRow>,
    numbers: Numbers,
}

impl Reading {
    /// A reading that begins at position 0.
    pub fn new(vendor: Vendor) -> Self {
        let operation = VendorOperation::messages(vendor, "list_messages");
        Self {
            operation,
            pager: Pager::new(operation),
            counted: None,
            part_count: None,
            part_rows: 0,
            shown: 0,
            newest_first: false,
            waiting: Vec::new(),
            numbers: Numbers::default(),
        }
    }

    /// The position of the page to read next; `None` after the last page.
    ///
    /// # Errors
    /// `vendor_bad_answer` when the list has no end.
    pub fn next_page(&self) -> Result<Option<u32>> {
        self.pager.next_page()
    }

    /// How many messages the vendor showed so far.
    pub fn shown(&self) -> u64 {
        u64::try_from(self.shown).unwrap_or(u64::MAX)
    }

    /// Takes the page at [`next_page`](Self::next_page), and gives the messages that are complete by it: oldest first,
    /// all of a moment together.
    ///
    /// # Errors
    /// `vendor_bad_answer` when the pages are not one whole conversation: a page comes again, the count changes, or the
    /// vendor shows fewer messages than it counts. A count may be too high by one.
    pub fn accept(&mut self, page: MessagePage) -> Result<Messages> {
        let messages = match page.messages {
            PageMessages::Whole(messages, len) => {
                self.pager.accept(&[] as &[u64], page.next)?;
                self.counted = self.counted.or(page.counted);
                self.shown = self.shown.max(len);
                messages
            }
            PageMessages::Part { rows, is_last } => {
                // With the newest message first the pages have moved, and one may be on two pages.
                if *self.part_count.get_or_insert(page.counted) != page.counted {
                    return Err(self.incomplete("another count on another page"));
                }
                let digests: Vec<_> = rows.iter().map(ReadRow::digest).collect();
                self.pager.accept(&digests, page.next)?;
                self.part_rows += rows.len();
                self.shown = self.shown.max(self.part_rows);
                self.waiting.extend(rows);
                let complete = self.take_complete(is_last);
                let order = if self.newest_first { Order::NewestFirst } else { Order::AsListed };
                Box::new(conversation::messages_of(complete, order, &mut self.numbers).into_iter())
            }
        };
        let shown = i64::try_from(self.shown).unwrap_or(i64::MAX);
        let is_short = self.counted.is_some_and(|counted| counted > shown);
        if page.next.is_none() && is_short && !pager::is_one_short(shown, 0, self.counted) {
            return Err(self.incomplete("fewer messages than are counted"));
        }
        Ok(messages)
    }

    /// The waiting rows without those of the last moment.
    fn take_complete(&mut self, is_last: bool) -> Vec<ReadRow> {
        let times = || self.waiting.iter().filter_map(ReadRow::time);
        let (first, last) = (times().next(), times().next_back());
        self.newest_first |= first > last;
        if is_last {
            return std::mem::take(&mut self.waiting);
        }
        // A row without a time belongs to the moment before it.
        let other = self.waiting.iter().rposition(|row| row.time().is_some() && row.time() != last);
        let start = other.map_or(0, |other| {
            let after = self.waiting.iter().skip(other + 1).take_while(|row| row.time().is_none()).count();
            other + 1 + after
        });
        self.waiting.drain(..start).collect()
    }

    fn incomplete(&self, reason: &str) -> Error {
        failure::incomplete(&self.operation, reason)
    }
}

/// The messages of all pages in one list.
#[derive(Default)]
pub struct Collected {
    known: KnownMessages,
    messages: BTreeMap<MessagePosition, Message>,
}

impl Collected {
    /// Adds the messages of a page. Where one has a vendor's id on one page and none on another, it keeps the vendor's.
    pub fn add(&mut self, page: Messages) {
        let page: Vec<_> = page.collect();
        let placements = self.known.place(&page);
        for (message, placement) in page.into_iter().zip(placements) {
            match placement {
                Placement::New(position) => {
                    self.messages.insert(position, message);
                }
                Placement::OtherId(position) if !is_synthetic_id(&message.message_id) => {
                    if let Some(known) = self.messages.get_mut(&position) {
                        known.message_id = message.message_id;
                    }
                }
                Placement::OtherId(_) | Placement::Known { .. } => {}
            }
        }
    }

    /// All of them, oldest first.
    pub fn finish(self) -> Vec<Message> {
        self.messages.into_values().collect()
    }
}
