//! Huawei's messages: the page without ids, the list with ids, and the customer's own.

use serde_json::{Value, json};

use super::accessories::{accessory_id, named};
use super::cases::{ended, own};
use super::query::{QueryParameters, body, required};
use super::{HuaweiFailure, HuaweiResult, HuaweiRules, HuaweiSettings, HuaweiSuccess};
use crate::row_defect::with_defect;
use crate::simulator::{AuthorizedCall, VendorRules};
use crate::ticket::{MessageAuthor, SimulatedMessage, SimulatedTicket};
use crate::vendor_state::VendorState;
use crate::wire::{hex_id, utc_text};

/// The fields both lists have.
fn common(message: &SimulatedMessage) -> Value {
    json!({
        "type": i32::from(message.from == MessageAuthor::Support),
        "replier": if message.from == MessageAuthor::Support { "osm-engineer" } else { "customer" },
        "replier_name": message.name,
        "content": message.content,
        "create_time": utc_text(message.at_ms),
        "is_first_message": i32::from(message.first),
        "accessory_list": message.files.iter().enumerate().map(|(place, file)| {
            json!({ "accessory_id": accessory_id(message, place, file), "file_actual_name": file.name })
        }).collect::<Value>(),
    })
}

/// The message list of the detail, with ids.
pub(super) fn with_ids(ticket: &SimulatedTicket, settings: &HuaweiSettings, now_ms: i64) -> Vec<Value> {
    let all: Vec<_> = ticket.shown(now_ms).collect();
    let left_out = all.len().saturating_sub(settings.detail_limit.unwrap_or(usize::MAX));
    let first = if settings.detail_has_newest { left_out } else { 0 };
    let show = all.iter().skip(first).take(all.len() - left_out).map(|message| {
        let mut shown = common(message);
        shown["message_id"] = json!(message_id(message));
        with_defect(shown, message.defect, "message_id", "create_time")
    });
    show.collect()
}

pub(super) fn list(
    state: &VendorState,
    settings: &HuaweiSettings,
    call: &AuthorizedCall<'_>,
    case: &str,
) -> HuaweiResult {
    let ticket = own(state, call, case)?;
    let query = QueryParameters::of(call.request);
    let (offset, limit) = (query.number("offset", 0, 65_535)?, query.number("limit", 10, 100)?);
    let page: Vec<_> = if settings.newest_message_first {
        ticket.shown(call.now_ms).rev().skip(offset).take(limit).map(row).collect()
    } else {
        ticket.shown(call.now_ms).skip(offset).take(limit).map(row).collect()
    };
    Ok(HuaweiSuccess::Body(json!({ "count": ticket.shown(call.now_ms).count(), "message_list": page })))
}

/// A row without an id, as the lists of messages have it.
fn row(message: &SimulatedMessage) -> Value {
    let mut shown = common(message);
    shown["replier_type"] = json!(i32::from(message.from == MessageAuthor::Support));
    shown["iam_user_type"] = json!(0);
    with_defect(shown, message.defect, "message_id", "create_time")
}

/// The messages that the tickets show since the mark.
pub(super) fn list_new(state: &VendorState, call: &AuthorizedCall<'_>) -> HuaweiResult {
    let query = QueryParameters::of(call.request);
    let ids: Vec<_> = query.all("case_ids").flat_map(|ids| ids.split(',')).filter(|id| !id.is_empty()).collect();
    if ids.len() > 100 {
        return Err(HuaweiFailure::parameter("case_ids"));
    }
    let mark = query.text("last_message_time_id", 32)?.map(str::parse::<i64>).transpose();
    let mark = mark.map_err(|_| HuaweiFailure::parameter("last_message_time_id"))?.unwrap_or_default();
    let tickets: Vec<_> = ids.iter().filter_map(|id| own(state, call, id).ok()).collect();
    let statuses: Vec<_> =
        tickets.iter().map(|ticket| json!({ "status": ticket.status, "incident_id": ticket.id })).collect();
    let new = tickets.iter().filter_map(|ticket| {
        let is_new = |message: &&SimulatedMessage| message.at_ms.max(message.visible_at_ms) >= mark;
        let messages: Vec<_> = ticket.shown(call.now_ms).filter(is_new).map(row).collect();
        (!messages.is_empty()).then(|| json!({ "incident_id": ticket.id, "message_list": messages }))
    });
    let new: Vec<_> = new.collect();
    let body = json!({ "imstatus": statuses, "immsg": new, "last_message_time_id": call.now_ms.to_string() });
    Ok(HuaweiSuccess::Body(body))
}

pub(super) fn create(
    state: &mut VendorState,
    settings: &HuaweiSettings,
    call: &AuthorizedCall<'_>,
    case: &str,
) -> HuaweiResult {
    let fields = body(call.request, false)?;
    let message =
        fields.get("message").and_then(Value::as_object).ok_or_else(|| HuaweiFailure::parameter("message"))?;
    let content = required(message, "content", 10_000, settings)?;
    let files = named(state, settings, call, message)?;
    if ended(own(state, call, case)?.status) {
        return Err(HuaweiFailure::wrong_status());
    }
    state.add_message(case, MessageAuthor::Customer, "customer", content, call.now_ms);
    state.attach(case, files);
    if let Some(ticket) = state.ticket_mut(case) {
        ticket.status = HuaweiRules::status_after_customer(ticket.status);
    }
    state.after_customer_message(case, call.operation, call.now_ms);
    Ok(HuaweiSuccess::Action)
}

/// Withdraws a message of the customer's: the conversation no longer shows it.
pub(super) fn withdraw(state: &mut VendorState, call: &AuthorizedCall<'_>, case: &str) -> HuaweiResult {
    own(state, call, case)?;
    let id = call.request.uri().path().rsplit('/').nth(1).unwrap_or_default();
    let is_it = |message: &&mut SimulatedMessage| {
        message_id(message) == id && message.from == MessageAuthor::Customer && !message.first
    };
    let message = state.ticket_mut(case).and_then(|ticket| ticket.messages.iter_mut().find(is_it));
    let message = message.ok_or_else(|| HuaweiFailure::parameter("message_id"))?;
    message.deleted = true;
    Ok(HuaweiSuccess::Action)
}

/// The id of a message of the customer's or of support's.
pub fn message_id(message: &SimulatedMessage) -> String {
    hex_id(&format!("m/{}", message.id))
}
