//! Lists of tickets, newest first: of some accounts, or of a status, or of both statuses, merged by time.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::{
    Page, Store, StoredTicket, condition::Condition, keys, number, query::Index, text, time_range, update::UPDATE_TIME,
};
use crate::{
    domain::{AccountId, Awaiting, Ticket, TicketId, TicketState, TicketStatus, Vendor},
    error::Result,
};

/// Which tickets a list holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TicketFilter {
    /// Of these accounts only.
    pub accounts: Option<Vec<AccountId>>,
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
        let (found, stopped_at) = query.read_matching(filter_condition(index, filter), limit).await?;
        Ok((found, stopped_at.as_deref().and_then(position)))
    }
}

/// The index partitions that hold the filter's tickets: one for each account, or one for each status.
fn partitions(filter: &TicketFilter) -> Vec<(Index, String)> {
    if let Some(accounts) = &filter.accounts {
        return accounts.iter().map(|account| (Index::GSI1, keys::tickets_of_account(account))).collect();
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

/// Lowest and highest sort key of the wanted tickets.
fn bounds(filter: &TicketFilter, after: Option<&TicketPosition>) -> (String, String) {
    let after = after.map(|at| keys::by_time(at.create_time, at.id.as_str()));
    time_range::bounds(filter.from_ms, filter.to_ms, after.as_deref())
}

fn position(sort_key: &str) -> Option<TicketPosition> {
    let (time, id) = sort_key.split_once('#')?;
    Some(TicketPosition { create_time: time.parse().ok()?, id: TicketId::parse(id).ok()? })
}
