//! Alibaba's messages: all of a ticket's messages at once, in no order.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::AlibabaSuccess;
use crate::files::{Links, object};
use crate::row_defect::with_defect;
use crate::simulator::AuthorizedCall;
use crate::ticket::{MessageAuthor, SimulatedMessage, SimulatedTicket};
use crate::wire::sha256_hex;

/// A number that is the same for a message every time, unrelated to its place.
fn shuffled(message: &SimulatedMessage) -> String {
    sha256_hex(&message.id.to_be_bytes())
}

pub(super) fn dialog_id(id: u64) -> u64 {
    46_430_000 + id
}

pub(super) fn ticket_messages(
    ticket: &SimulatedTicket,
    call: &AuthorizedCall<'_>,
    links: &Links<'_>,
) -> AlibabaSuccess {
    let mut messages: Vec<_> = ticket.shown(call.now_ms).collect();
    messages.sort_by_cached_key(|message| shuffled(message));
    let data: Vec<_> = messages.into_iter().map(|message| message_json(message, call.request, links)).collect();
    AlibabaSuccess::data(0, json!(data))
}

fn message_json(message: &SimulatedMessage, request: &Request<Bytes>, links: &Links<'_>) -> Value {
    let role = if message.from == MessageAuthor::Customer { 3 } else { 2 };
    // Absent values come as null, as the text "null", as an empty text or not at all.
    let (tip, schema) = match message.id % 3 {
        0 => (json!("null"), json!("null")),
        1 => (Value::Null, json!("")),
        _ => (json!(""), Value::Null),
    };
    let mut body = json!({
        "DialogId": dialog_id(message.id),
        "CreateTime": message.at_ms,
        "Type": 2,
        "Status": 2,
        "Tip": tip,
        "Dialog": { "Content": message.content, "Schema": schema },
        "User": { "Role": role, "Name": message.name },
    });
    if !message.files.is_empty() {
        // A link is another one in every answer, since it is signed for a short time.
        let shown = message.files.iter().enumerate().map(|(place, file)| {
            let link = file.link.clone().unwrap_or_else(|| links.link(request, &object(message, place), &file.name));
            json!({ "Name": file.name, "Url": link })
        });
        body["Attachments"] = shown.collect();
    } else if message.id % 5 == 1 {
        body["Attachments"] = json!([]);
    } else if message.id % 5 == 2 {
        body["Attachments"] = Value::Null;
    }
    with_defect(body, message.defect, "DialogId", "CreateTime")
}
