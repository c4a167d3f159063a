//! One conversation from two lists. Pure, but for a metric.
//!
//! ShowCaseDetail has message ids but may cut a long conversation; ListMessages has all of it, in pages and without
//! ids. A message that only the second has gets a synthetic id, made of its fields and of its position among equal
//! messages, so that the id is the same in every reading.

use std::collections::HashMap;

use super::{
    model::{Accessory, CaseMessage},
    time,
};
use crate::{
    domain::{Attachment, Message, MessageType, matching::Unmatched},
    telemetry::metrics,
    vendors::{
        conversation::{self, TimedMessage},
        lenient::{self, Row, Text},
    },
};

/// Identifies a message in a list without ids.
type ListedMessageKey = (i64, MessageType, String, String);

fn key(message: &Message) -> ListedMessageKey {
    (message.create_time, message.message_type, message.replier.clone().unwrap_or_default(), message.content.clone())
}

/// A list as messages, oldest first. Within the same instant the vendor's order decides, reversed when the list is
/// newest first. Messages without an id get a synthetic one. A row that can't be read is kept as a message of
/// unknown origin.
pub fn messages(listing: Vec<Row<CaseMessage>>) -> Vec<Message> {
    let mut rows = conversation::read_rows(listing, message);
    let mut equals: HashMap<(Option<i64>, ListedMessageKey), u32> = HashMap::new();
    for (message, time) in &mut rows {
        let ordinal = equals.entry((*time, key(message))).or_default();
        if message.message_id.is_empty() {
            message.message_id = synthetic_id(message, time.unwrap_or_default(), *ordinal);
        }
        *ordinal += 1;
    }
    let mut messages = conversation::dated(rows);
    let ends = messages.first().zip(messages.last()).map(|(first, last)| (first.create_time, last.create_time));
    if ends.is_some_and(|(first, last)| first > last) {
        messages.reverse();
    }
    messages.sort_by_key(|message| message.create_time);
    conversation::distinct(messages)
}

/// The number of messages, as the type of the vendor's count.
pub fn length(messages: &[Message]) -> i64 {
    i64::try_from(messages.len()).unwrap_or(i64::MAX)
}

/// The messages of both lists: `all` in its order, with the ids that `with_ids` has for the same message.
pub fn merge(with_ids: Vec<Message>, all: Vec<Message>) -> Vec<Message> {
    let order: Vec<_> = with_ids.iter().map(key).collect();
    let mut unmatched: Unmatched<_, _> = with_ids.into_iter().map(|message| (key(&message), message)).collect();
    let mut merged: Vec<_> =
        all.into_iter().map(|message| unmatched.take(&key(&message), |_| true).unwrap_or(message)).collect();
    merged.extend(order.iter().filter_map(|key| unmatched.take(key, |_| true)));
    merged.sort_by_key(|message| message.create_time);
    merged
}

/// A row as a message; its id is empty where the row has none.
fn message(row: CaseMessage) -> TimedMessage {
    let (message_type, writer_known) = match row.kind.0.or(row.replier_type.0) {
        Some(0) => (MessageType::Customer, true),
        Some(1) => (MessageType::Support, true),
        _ => (MessageType::Support, false),
    };
    let (mut attachments, mut unreadable_attachments) = (Vec::new(), 0);
    for file in row.accessory_list {
        match file {
            Row::Read(Accessory { accessory_id: Text(id), file_actual_name: Text(name) }) => {
                attachments.push(Attachment { name: name.unwrap_or_default(), id, url: None });
            }
            Row::Odd(_) => unreadable_attachments += 1,
        }
    }
    metrics::UNREADABLE_ROWS.add([], unreadable_attachments);
    let message = Message {
        message_id: row.message_id.non_blank().unwrap_or_default(),
        message_type,
        replier: row.replier.0,
        replier_name: row.replier_name.0,
        content: row.content.0.unwrap_or_default(),
        create_time: 0,
        origin_known: writer_known,
        time_known: true,
        attachments,
        unreadable_attachments,
    };
    (message, row.create_time.0.as_deref().and_then(time::parse).map(|time| time.ms))
}

fn synthetic_id(message: &Message, time_ms: i64, ordinal: u32) -> String {
    lenient::synthetic_id(&[
        &time_ms.to_string(),
        &u8::from(message.message_type).to_string(),
        message.replier.as_deref().unwrap_or_default(),
        &message.content,
        &ordinal.to_string(),
    ])
}
