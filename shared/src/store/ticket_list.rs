//! Lists of tickets, newest first: of an account, or of a status, or of both statuses merged by time.

use std::{cmp::Reverse, pin::pin};

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::{
    Attributes, Page, Store, StoredTicket, condition::Condition, item, keys, number, query::Index, text,
    update::UPDATE_TIME,
};
use crate::{
    domain::{AccountId, Awaiting, Ticket, TicketId, TicketState, TicketStatus, Vendor},
    error::Result,
};

/// How many items a filtered list reads at the most for one page, so that a rare match can't delay a request.
const MAX_ITEMS_READ: usize = 5_000;

/// Which tickets a list holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TicketFilter {
    /// Of this account only.
    pub account: Option<AccountId>,
    /// Of this vendor only.
    pub vendor: Option<Vendor>,
    /// Of this status only.
    pub status: Option<TicketStatus>,
    /// In this state only.
    pub state: Option<TicketState>,
    /// Of which this side must write next.
    pub awaiting: Option<Awaiting>,
    /// Created at this time or later, Unix milliseconds.
    pub from_ms: Option<i64>,
    /// Created before this time, Unix milliseconds.
    pub to_ms: Option<i64>,
    /// Changed at this time or later, Unix milliseconds: by `update_time`, and on tickets that have none by
    /// `create_time` and `close_time`.
    pub updated_since_ms: Option<i64>,
}

/// A position in a list of tickets; a newer one is greater.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TicketPosition {
    /// Creation time of the last ticket read, Unix milliseconds.
    pub create_time: i64,
    /// Its id.
    pub id: TicketId,
}

impl TicketPosition {
    fn of(ticket: &Ticket) -> Self {
        Self { create_time: ticket.create_time, id: ticket.id.clone() }
    }
}

impl Store {
    /// A page of tickets, newest first. May hold fewer than `limit` and still have a next page.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn tickets(
        &self,
        filter: &TicketFilter,
        limit: usize,
        after: Option<&TicketPosition>,
    ) -> Result<Page<Ticket, TicketPosition>> {
        let mut tickets = Vec::new();
        let mut cut_off: Option<TicketPosition> = None;
        for (index, pk) in partitions(filter) {
            let (found, stopped_at) = self.partition_page(index, pk, filter, limit, after).await?;
            tickets.extend(found);
            cut_off = cut_off.max(stopped_at);
        }
        tickets.sort_by_cached_key(|ticket| Reverse(TicketPosition::of(ticket)));
        // A ticket that was closed between the two reads is in both.
        tickets.dedup_by(|a, b| a.id == b.id);
        // Past the point where one partition stopped reading, another one's tickets must wait for the next page.
        if let Some(cut_off) = &cut_off {
            tickets.retain(|ticket| TicketPosition::of(ticket) >= *cut_off);
        }
        let more = tickets.len() > limit;
        tickets.truncate(limit);
        let next = if more { tickets.last().map(TicketPosition::of) } else { cut_off };
        Ok(Page { items: tickets, next })
    }

    /// Every ticket of the account that was created at `since_ms` (Unix milliseconds) or later, and of which it is not
    /// certain that the vendor has it. The index may lag behind the table by a moment.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn uncertain_tickets(&self, account: &AccountId, since_ms: i64) -> Result<Vec<StoredTicket>> {
        let (low, high) = bounds(&TicketFilter { from_ms: Some(since_ms), ..TicketFilter::default() }, None);
        let keys = Condition::Between(Index::GSI1.sk, text(low), text(high));
        let query = self.query(Index::GSI1, keys::tickets_of_account(account), Some(keys));
        query.filter(Condition::state(&TicketState::UNCERTAIN)).read_all().await
    }

    /// Up to `limit` + 1 matching tickets of one index partition, and where reading stopped if it did before the end.
    async fn partition_page(
        &self,
        index: Index,
        pk: String,
        filter: &TicketFilter,
        limit: usize,
        after: Option<&TicketPosition>,
    ) -> Result<(Vec<Ticket>, Option<TicketPosition>)> {
        let (low, high) = bounds(filter, after);
        if low > high {
            return Ok((Vec::new(), None));
        }
        let keys = Condition::Between(index.sk, text(low), text(high));
        let query = self.query(index, pk, Some(keys)).descending();
        let query = match filter_condition(index, filter) {
            Some(condition) => query.filter(condition),
            None => query.page_size(limit + 1),
        };
        let mut pages = pin!(query.pages());
        let (mut found, mut read) = (Vec::new(), 0);
        while let Some(page) = pages.try_next().await? {
            read += page.scanned;
            for attributes in page.items {
                found.push(item::from_attributes(attributes)?);
            }
            let Some(last_key) = page.last_key else { break };
            if found.len() > limit || read >= MAX_ITEMS_READ {
                return Ok((found, position(&last_key, index)));
            }
        }
        Ok((found, None))
    }
}

/// The index partitions that hold the filter's tickets: the account's, or one for each status.
fn partitions(filter: &TicketFilter) -> Vec<(Index, String)> {
    if let Some(account) = &filter.account {
        return vec![(Index::GSI1, keys::tickets_of_account(account))];
    }
    // No closed ticket awaits anybody.
    let open = filter.awaiting.map(|_| TicketStatus::NotComplete);
    let implied = filter.status.or(filter.state.map(TicketState::status)).or(open);
    let statuses = implied.map_or_else(|| vec![TicketStatus::NotComplete, TicketStatus::Closed], |status| vec![status]);
    statuses.into_iter().map(|status| (Index::GSI2, keys::tickets_of_status(status))).collect()
}

fn filter_condition(index: Index, filter: &TicketFilter) -> Option<Condition> {
    let vendor = filter.vendor.map(|vendor| Condition::equals("type", text(vendor.as_str())));
    let state = filter.state.map(|state| Condition::state(&[state]));
    let status = filter.status.filter(|_| index == Index::GSI1 || filter.state.is_some());
    let status = status.map(|status| Condition::equals("status", number(u8::from(status))));
    let awaiting = filter.awaiting.map(|awaiting| Condition::equals("awaiting", text(awaiting.as_str())));
    let updated = filter.updated_since_ms.map(updated_since);
    let conditions: Vec<_> = [vendor, state, status, awaiting, updated].into_iter().flatten().collect();
    (!conditions.is_empty()).then_some(Condition::All(conditions))
}

fn updated_since(since_ms: i64) -> Condition {
    let since = |name| Condition::Compare(name, ">=", number(since_ms));
    let of_before = since("create_time").or(since("close_time"));
    since(UPDATE_TIME).or(Condition::Missing(UPDATE_TIME).and(of_before))
}

/// Lowest and highest sort key of the wanted tickets, both inclusive.
fn bounds(filter: &TicketFilter, after: Option<&TicketPosition>) -> (String, String) {
    let low = filter.from_ms.map_or_else(|| "0".to_owned(), keys::time);
    // `#` sorts before every character of an id, so `<time>#` is just below all tickets of that time.
    let to = filter.to_ms.map_or_else(|| "9~".to_owned(), |to| format!("{}#", keys::time(to)));
    // The largest text below `<time>#<id>`: DynamoDB has no "between, exclusive".
    let before = after.map(|at| just_below(&keys::by_time(at.create_time, at.id.as_str())));
    let high = before.map_or(to.clone(), |before| before.min(to));
    (low, high)
}

/// A text that is less than `key` and not less than any other ticket's sort key below it: its last character is
/// replaced by the one before it and the highest characters that ids can hold.
fn just_below(key: &str) -> String {
    let mut text = key.to_owned();
    if let Some(last) = text.pop() {
        text.push(char::from_u32(u32::from(last).saturating_sub(1)).unwrap_or('!'));
        text.push('~');
    }
    text
}

fn position(key: &Attributes, index: Index) -> Option<TicketPosition> {
    let sort_key = item::text_of(key, index.sk)?;
    let (time, id) = sort_key.split_once('#')?;
    Some(TicketPosition { create_time: time.parse().ok()?, id: TicketId::parse(id).ok()? })
}
