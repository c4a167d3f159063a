//! The event of a change of an item, if it has one. No I/O.
//!
//! | change | event |
//! |---|---|
//! | ticket: to `open` from `creating`, `unknown` or `indeterminate`, or new and `open` | `TicketCreated` |
//! | ticket: to `closed` | `TicketClosed` |
//! | ticket: to `open` from `closed` | `TicketReopened` |
//! | ticket: any other new `state`, another `vendor_status`, or another archive of a closed one | `TicketUpdated` |
//! | ticket: erased, urged or rated, or a message was withdrawn | `TicketUpdated` |
//! | ticket: removed | `TicketUpdated` with state `removed` |
//! | ticket: new and `creating` | none: an intent, not a fact |
//! | message: new, of support or from the vendor's console | `TicketReplied` with `message_id` |
//! | reply: to `sent` | `TicketReplied` of the customer |
//! | reply: any other new `state`, or removed (`removed`) | `TicketUpdated` with `reply` |
//! | reply: new and `sending` | none: an intent, not a fact |
//! | refresh run: to `complete` or `failed` | `CatalogRefreshed` |
//! | anything else | none |
//!
//! A customer's message that was sent through Polydesk is the event of its reply. Only the attributes of events are
//! read, so that an item may get new ones at any time.

mod actors;

use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        AccountId, CloudId, MessageType, Phase, RefreshRun, ReplyState, RunState, TicketId, TicketState, TicketStatus,
        Vendor,
    },
    events::{
        BusEvent, CATALOG_REFRESHED, CatalogRefreshed, RawVendorStatus, Record, RefreshedVendor, ReplyChange,
        ReplyUpdated, TICKET_CLOSED, TICKET_CREATED, TICKET_REOPENED, TICKET_REPLIED, TICKET_UPDATED, TicketChange,
        TicketReplied, UnreadableRecord,
    },
    store::ticket_of,
};

use self::actors::{ActorId, ClosingItem, ErasedItem, RatedItem, WithdrawnItem};

/// The state in the event of a removed item.
const REMOVED: &str = "removed";

/// The event of a record, if it has one.
pub fn event_of(record: &Record) -> Result<Option<BusEvent>, UnreadableRecord> {
    match record.entity()? {
        "ticket" => ticket(record),
        "message" => message(record),
        "reply" => reply(record),
        "refresh" => refresh(record),
        _ => Ok(None),
    }
}

#[derive(Deserialize)]
struct TicketItem {
    id: TicketId,
    #[serde(rename = "custom_id")]
    account_id: AccountId,
    #[serde(rename = "type")]
    vendor: Vendor,
    cloud_id: Option<CloudId>,
    state: TicketState,
    status: TicketStatus,
    vendor_status: Option<RawVendorStatus>,
    vendor_phase: Option<Phase>,
    message_count: Option<u64>,
    digest: Option<String>,
    urge_time: Option<i64>,
    rating: Option<RatedItem>,
    #[serde(default)]
    withdrawals: Vec<WithdrawnItem>,
    erased: Option<ErasedItem>,
    created_by: Option<ActorId>,
    urged_by: Option<ActorId>,
    resolved_by: Option<ActorId>,
    closed_by: Option<ActorId>,
    #[serde(default)]
    closings: Vec<ClosingItem>,
}

fn ticket(record: &Record) -> Result<Option<BusEvent>, UnreadableRecord> {
    let (detail_type, state, actor, ticket) = match (record.before::<TicketItem>()?, record.after::<TicketItem>()?) {
        (Some(old), None) => (TICKET_UPDATED, REMOVED, actors::of_removed(&old), old),
        (old, Some(new)) => {
            let Some(detail_type) = ticket_event(old.as_ref(), &new) else { return Ok(None) };
            let actor = actors::of_ticket(old.as_ref(), &new);
            (detail_type, new.state.as_str(), actor, new)
        }
        (None, None) => return Err(UnreadableRecord("it has no item")),
    };
    let detail = TicketChange {
        change: record.change(),
        ticket_id: ticket.id,
        account_id: ticket.account_id,
        vendor: ticket.vendor,
        cloud_id: ticket.cloud_id,
        state: state.to_owned(),
        status: ticket.status,
        vendor_status: ticket.vendor_status,
        vendor_phase: ticket.vendor_phase,
        message_count: ticket.message_count,
        digest: ticket.digest,
        urge_time: ticket.urge_time,
        rating: ticket.rating.map(|given| given.rating),
        withdrawals: ticket.withdrawals.into_iter().map(|item| item.withdrawal).collect(),
        actor,
        erased: ticket.erased.is_some(),
    };
    event(detail_type, &detail)
}

/// The type of the event for the change of a ticket, if it has one.
fn ticket_event(old: Option<&TicketItem>, new: &TicketItem) -> Option<&'static str> {
    use TicketState::{Closed, Creating, Indeterminate, Open, Unknown};
    match (old.map(|old| old.state), new.state) {
        (None, Creating) => None,
        (None | Some(Creating | Unknown | Indeterminate), Open) => Some(TICKET_CREATED),
        (Some(before), now) if before == now => {
            let status = old.map(|old| &old.vendor_status);
            let archive = old.map(|old| (old.message_count, &old.digest));
            let is_recounted = now == Closed && archive != Some((new.message_count, &new.digest));
            let is_erased = new.erased.is_some() && old.is_some_and(|old| old.erased.is_none());
            let action = old.map(|old| (old.urge_time, &old.rating, &old.withdrawals));
            let is_acted_on = new.erased.is_none() && action != Some((new.urge_time, &new.rating, &new.withdrawals));
            (is_recounted || is_erased || is_acted_on || status != Some(&new.vendor_status)).then_some(TICKET_UPDATED)
        }
        (_, Closed) => Some(TICKET_CLOSED),
        (Some(Closed), Open) => Some(TICKET_REOPENED),
        _ => Some(TICKET_UPDATED),
    }
}

#[derive(Deserialize)]
struct MessageItem {
    /// Absent in archives of before.
    #[serde(rename = "custom_id")]
    account_id: Option<AccountId>,
    case_id: CloudId,
    message_id: String,
    #[serde(rename = "type")]
    message_type: MessageType,
    #[serde(default)]
    from_console: bool,
}

fn message(record: &Record) -> Result<Option<BusEvent>, UnreadableRecord> {
    let Some(new) = record.after::<MessageItem>()?.filter(|_| record.is_insert()) else { return Ok(None) };
    let is_told = new.message_type == MessageType::Support || new.from_console;
    let Some(account_id) = new.account_id.filter(|_| is_told) else { return Ok(None) };
    let detail = TicketReplied {
        change: record.change(),
        ticket_id: ticket_id(record)?,
        account_id,
        cloud_id: Some(new.case_id),
        message_type: new.message_type,
        message_id: Some(new.message_id),
        from_console: new.from_console,
        actor: None,
        reply: None,
    };
    event(TICKET_REPLIED, &detail)
}

/// The ticket in whose partition the item is.
fn ticket_id(record: &Record) -> Result<TicketId, UnreadableRecord> {
    ticket_of(record.partition()?).ok_or(UnreadableRecord("its partition is no ticket's"))
}

#[derive(Deserialize)]
struct ReplyItem {
    id: String,
    #[serde(rename = "custom_id")]
    account_id: AccountId,
    state: ReplyState,
    message_id: Option<String>,
    created_by: Option<ActorId>,
    resolved_by: Option<ActorId>,
}

fn reply(record: &Record) -> Result<Option<BusEvent>, UnreadableRecord> {
    let (state, reply) = match (record.before::<ReplyItem>()?, record.after::<ReplyItem>()?) {
        (None, Some(new)) if new.state == ReplyState::Sending => return Ok(None),
        (Some(old), Some(new)) if old.state == new.state => return Ok(None),
        (_, Some(new)) => (new.state.as_str(), new),
        (Some(old), None) => (REMOVED, old),
        (None, None) => return Err(UnreadableRecord("it has no item")),
    };
    let (change, ticket_id, account_id) = (record.change(), ticket_id(record)?, reply.account_id);
    let actor = reply.resolved_by.or(reply.created_by).map(|actor| actor.id);
    let reply = ReplyChange { id: reply.id, state: state.to_owned(), message_id: reply.message_id };
    if state != ReplyState::Sent.as_str() {
        return event(TICKET_UPDATED, &ReplyUpdated { change, ticket_id, account_id, actor, reply });
    }
    let detail = TicketReplied {
        change,
        ticket_id,
        account_id,
        cloud_id: None,
        message_type: MessageType::Customer,
        message_id: reply.message_id.clone(),
        from_console: false,
        actor,
        reply: Some(reply),
    };
    event(TICKET_REPLIED, &detail)
}

fn refresh(record: &Record) -> Result<Option<BusEvent>, UnreadableRecord> {
    let Some(new) = record.after::<RefreshRun>()? else { return Ok(None) };
    let before = record.before::<RefreshRun>()?.map(|old| old.state);
    if !matches!(new.state, RunState::Complete | RunState::Failed) || before == Some(new.state) {
        return Ok(None);
    }
    let vendors = new.vendors.into_iter().map(|vendor| RefreshedVendor {
        vendor: vendor.vendor,
        site: vendor.site,
        state: vendor.state,
        added: vendor.added,
        changed: vendor.changed,
        removed: vendor.removed,
        error_code: vendor.error.map(|error| error.code),
    });
    let detail = CatalogRefreshed {
        change: record.change(),
        run_id: new.id,
        vendor: new.vendor,
        actor: new.created_by.map(|actor| actor.id),
        state: new.state,
        vendors: vendors.collect(),
    };
    event(CATALOG_REFRESHED, &detail)
}

fn event(detail_type: &str, detail: &impl Serialize) -> Result<Option<BusEvent>, UnreadableRecord> {
    BusEvent::new(detail_type, detail).map(Some).map_err(|_| UnreadableRecord("its event can't be written"))
}

#[cfg(test)]
mod tests;
