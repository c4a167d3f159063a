//! Huawei's messages: the page without ids, the list with ids, and the customer's own.

use serde_json::{Value, json};

use super::cases::{ended, own};
use super::query::{Query, body, required, texts};
use super::{Answered, Failure, HuaweiRules, Settings, Success};
use crate::simulator::{Admitted, Rules};
use crate::ticket::{Message, Side, Ticket};
use crate::vendor_state::VendorState;
use crate::wire::{hex_id, utc_text};

/// The fields both lists have.
fn common(message: &Message) -> Value {
    json!({
        "type": i32::from(message.from == Side::Support),
        "replier": if message.from == Side::Support { "osm-engineer" } else { "customer" },
        "replier_name": message.name,
        "content": message.content,
        "create_time": utc_text(message.at_ms),
        "is_first_message": i32::from(message.first),
        "accessory_list": [],
    })
}

/// The message list of the detail, with ids.
pub(super) fn with_ids(ticket: &Ticket, settings: &Settings, now_ms: i64) -> Vec<Value> {
    let all: Vec<_> = ticket.shown(now_ms).collect();
    let left_out = all.len().saturating_sub(settings.detail_limit.unwrap_or(usize::MAX));
    let first = if settings.detail_has_newest { left_out } else { 0 };
    let show = all.iter().skip(first).take(all.len() - left_out).map(|message| {
        let mut shown = common(message);
        shown["message_id"] = json!(hex_id(&format!("m/{}", message.id)));
        shown
    });
    show.collect()
}

pub(super) fn list(desk: &VendorState, settings: &Settings, call: &Admitted<'_>, case: &str) -> Answered {
    let ticket = own(desk, call, case)?;
    let query = Query::of(call.request);
    let (offset, limit) = (query.number("offset", 0, 65_535)?, query.number("limit", 10, 100)?);
    let show = |message: &Message| {
        let mut shown = common(message);
        shown["replier_type"] = json!(i32::from(message.from == Side::Support));
        shown["iam_user_type"] = json!(0);
        shown
    };
    let page: Vec<_> = if settings.newest_message_first {
        ticket.shown(call.now_ms).rev().skip(offset).take(limit).map(show).collect()
    } else {
        ticket.shown(call.now_ms).skip(offset).take(limit).map(show).collect()
    };
    Ok(Success::Body(json!({ "count": ticket.shown(call.now_ms).count(), "message_list": page })))
}

pub(super) fn create(
    desk: &mut VendorState,
    settings: &Settings,
    call: &Admitted<'_>,
    case: &str,
) -> Answered {
    let fields = body(call.request, false)?;
    let message =
        fields.get("message").and_then(Value::as_object).ok_or_else(|| Failure::parameter("message"))?;
    let content = required(message, "content", 10_000, settings)?;
    texts(message, "accessory_ids", 10)?;
    if ended(own(desk, call, case)?.status) {
        return Err(Failure::wrong_status());
    }
    desk.add_message(case, Side::Customer, "customer", content, call.now_ms);
    if let Some(ticket) = desk.ticket_mut(case) {
        ticket.status = HuaweiRules::status_after_customer(ticket.status);
    }
    desk.customer_wrote(case, call.operation, call.now_ms);
    Ok(Success::Action)
}
