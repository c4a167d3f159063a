//! One conversation out of two listings. Pure.
//!
//! ShowCaseDetail has message ids but may cut a long one; ListMessages pages through all of it without ids. Where
//! the second has more than the first, what the first lacks gets an id made of what the message holds and of its
//! place among equal ones, so that it is the same in every reading.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{model::CaseMessage, time};
use crate::{
    domain::{Attachment, Message, MessageType},
    vendors::lenient,
};

/// What tells messages apart in a listing without ids.
type Key = (i64, MessageTypeNumber, String, String);
type MessageTypeNumber = u8;

fn key(message: &Message) -> Key {
    (
        message.create_time,
        u8::from(message.message_type),
        message.replier.clone().unwrap_or_default(),
        message.content.clone(),
    )
}

/// A listing as messages, oldest first; the vendor's order, turned where it runs backwards, decides within the same
/// instant. Messages without an id get one; those with the same id are one.
pub fn messages(listing: Vec<CaseMessage>) -> Vec<Message> {
    let mut messages: Vec<(Option<String>, Message)> = Vec::with_capacity(listing.len());
    let mut last_time = 0;
    for row in listing {
        // A time that can't be read is taken for its neighbour's: better than no archive.
        let told = row.create_time.as_deref().and_then(time::parse).map(|time| time.ms);
        last_time = told.unwrap_or(last_time);
        let id = lenient::non_blank(row.message_id.clone());
        messages.push((id, message(row, last_time, told.is_some())));
    }
    let ends =
        messages.first().zip(messages.last()).map(|(first, last)| (first.1.create_time, last.1.create_time));
    if ends.is_some_and(|(first, last)| first > last) {
        messages.reverse();
    }
    messages.sort_by_key(|(_, message)| message.create_time);

    let mut equals: HashMap<Key, u32> = HashMap::new();
    let mut seen = HashSet::new();
    let mut distinct = Vec::with_capacity(messages.len());
    for (id, mut message) in messages {
        let key = key(&message);
        let ordinal = equals.entry(key).or_default();
        message.message_id = id.unwrap_or_else(|| synthetic_id(&message, *ordinal));
        *ordinal += 1;
        if seen.insert(message.message_id.clone()) {
            distinct.push(message);
        }
    }
    distinct
}

/// How many messages there are, as the vendor counts.
pub fn length(messages: &[Message]) -> i64 {
    i64::try_from(messages.len()).unwrap_or(i64::MAX)
}

/// Everything that either listing has: `all` in its order, with the ids of `with_ids` where it knows the message.
pub fn merge(with_ids: Vec<Message>, all: Vec<Message>) -> Vec<Message> {
    let mut known: HashMap<Key, VecDeque<Message>> = HashMap::new();
    let order: Vec<Key> = with_ids.iter().map(key).collect();
    for message in with_ids {
        known.entry(key(&message)).or_default().push_back(message);
    }
    let mut merged: Vec<Message> = all
        .into_iter()
        .map(|message| {
            let same = known.get_mut(&key(&message)).and_then(VecDeque::pop_front);
            same.unwrap_or(message)
        })
        .collect();
    for key in order {
        merged.extend(known.get_mut(&key).and_then(VecDeque::pop_front));
    }
    merged.sort_by_key(|message| message.create_time);
    merged
}

fn message(row: CaseMessage, create_time: i64, time_known: bool) -> Message {
    let (message_type, writer_known) = match row.kind.or(row.replier_type) {
        Some(0) => (MessageType::Customer, true),
        Some(1) => (MessageType::Support, true),
        _ => (MessageType::Support, false),
    };
    let files = row.accessory_list.into_iter().map(|file| Attachment {
        name: file.file_actual_name.unwrap_or_default(),
        id: file.accessory_id,
        url: None,
    });
    Message {
        message_id: String::new(),
        message_type,
        replier: row.replier,
        replier_name: row.replier_name,
        content: row.content.unwrap_or_default(),
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
