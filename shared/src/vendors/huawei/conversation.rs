//! One conversation from two lists. Pure.
//!
//! ShowCaseDetail has message ids but may cut a long conversation; ListMessages has all of it, in pages and without
//! ids. A message that only the second has gets a synthetic id, made of its fields and of its position among equal
//! messages, so that the id is the same in every reading.

use std::collections::HashMap;

use super::{model::CaseMessage, time};
use crate::{
    domain::{Attachment, Message, MessageType, matching::Unmatched},
    vendors::{answer::distinct, lenient},
};

/// Identifies a message in a list without ids.
type ListedMessageKey = (i64, MessageType, String, String);

fn key(message: &Message) -> ListedMessageKey {
    (message.create_time, message.message_type, message.replier.clone().unwrap_or_default(), message.content.clone())
}

/// A list as messages, oldest first. Within the same instant the vendor's order decides, reversed when the list is
/// newest first. Messages without an id get a synthetic one; messages with the same id are one message.
pub fn messages(listing: Vec<CaseMessage>) -> Vec<Message> {
    let mut messages: Vec<(Option<String>, Message)> = Vec::with_capacity(listing.len());
    let mut last_time = 0;
    for row in listing {
        // A message whose time can't be read gets the time of the message before it: better than no archive.
        let own_time = row.create_time.0.as_deref().and_then(time::parse).map(|time| time.ms);
        last_time = own_time.unwrap_or(last_time);
        let id = row.message_id.clone().non_blank();
        messages.push((id, message(row, last_time, own_time.is_some())));
    }
    let ends = messages.first().zip(messages.last()).map(|(first, last)| (first.1.create_time, last.1.create_time));
    if ends.is_some_and(|(first, last)| first > last) {
        messages.reverse();
    }
    messages.sort_by_key(|(_, message)| message.create_time);

    let mut equals: HashMap<ListedMessageKey, u32> = HashMap::new();
    let messages = messages.into_iter().map(|(id, mut message)| {
        let ordinal = equals.entry(key(&message)).or_default();
        message.message_id = id.unwrap_or_else(|| synthetic_id(&message, *ordinal));
        *ordinal += 1;
        message
    });
    distinct(messages, |message| message.message_id.clone())
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

fn message(row: CaseMessage, create_time: i64, time_known: bool) -> Message {
    let (message_type, writer_known) = match row.kind.0.or(row.replier_type.0) {
        Some(0) => (MessageType::Customer, true),
        Some(1) => (MessageType::Support, true),
        _ => (MessageType::Support, false),
    };
    let files = row.accessory_list.into_iter().map(|file| Attachment {
        name: file.file_actual_name.0.unwrap_or_default(),
        id: file.accessory_id.0,
        url: None,
    });
    Message {
        message_id: String::new(),
        message_type,
        replier: row.replier.0,
        replier_name: row.replier_name.0,
        content: row.content.0.unwrap_or_default(),
        create_time,
        origin_known: writer_known && time_known,
        attachments: files.collect(),
    }
}

fn synthetic_id(message: &Message, ordinal: u32) -> String {
    lenient::synthetic_id(&[
        &message.create_time.to_string(),
        &u8::from(message.message_type).to_string(),
        message.replier.as_deref().unwrap_or_default(),
        &message.content,
        &ordinal.to_string(),
    ])
}
