//! Alibaba's messages: all of a ticket's messages at once, in no order.

use serde_json::{Value, json};

use super::AlibabaSuccess;
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

pub(super) fn ticket_messages(ticket: &SimulatedTicket, call: &AuthorizedCall<'_>) -> AlibabaSuccess {
    let mut messages: Vec<_> = ticket.shown(call.now_ms).collect();
    messages.sort_by_cached_key(|message| shuffled(message));
    let data: Vec<_> = messages.into_iter().map(|message| message_json(message, call.now_ms)).collect();
    AlibabaSuccess::data(0, json!(data))
}

fn message_json(message: &SimulatedMessage, now_ms: i64) -> Value {
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
    match message.id % 5 {
        // A link that is another one in every answer, since it is signed for a short time.
        0 => {
            let url = format!(
                "https://workorder.oss-cn-beijing.aliyuncs.com/20221003/{}/image.png?Expires={}&Signature=demo",
                message.id,
                now_ms / 1000 + 3600
            );
            body["Attachments"] = json!([{ "Name": "003.jpg", "Url": url }]);
        }
        1 => body["Attachments"] = json!([]),
        2 => body["Attachments"] = Value::Null,
        _ => {}
    }
    with_defect(body, message.defect, "DialogId", "CreateTime")
}
