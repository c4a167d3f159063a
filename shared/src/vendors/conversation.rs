//! What every vendor's conversation needs: rows that can't be read, times that are missing, ids that are missing or not
//! unique. Pure but for a metric.
//!
//! A conversation may have a hundred thousand messages. So the answer is kept as it came, with the place of each row,
//! and a message is decoded when it is needed.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::lenient::{self, Row};
use crate::{
    domain::{Attachment, Message, MessageType, signed_links::without_signatures},
    telemetry::metrics,
};

/// A message with its time, `None` where the vendor's can't be read. Its id is empty where the row has none.
pub type TimedMessage = (Message, Option<i64>);

/// Messages that are decoded one by one.
pub type Messages = Box<dyn Iterator<Item = Message> + Send>;

/// Up to so many messages are kept as they were decoded for sorting; more are decoded once more.
const KEPT_DECODED: usize = 1_000;

/// The rows of a list in the JSON text that they came in.
#[derive(Clone, Debug, Default)]
pub struct RawRows {
    json: Bytes,
    rows: Vec<Range<usize>>,
}

impl RawRows {
    /// The rows, each a part of `json`.
    pub fn new<'a>(json: &'a Bytes, rows: impl IntoIterator<Item = &'a str>) -> Self {
        let start = json.as_ptr().addr();
        let place = |row: &str| {
            let from = row.as_ptr().addr().saturating_sub(start);
            from..from + row.len()
        };
        Self { json: json.clone(), rows: rows.into_iter().map(place).collect() }
    }

    fn json(&self, row: usize) -> &[u8] {
        self.rows.get(row).and_then(|place| self.json.get(place.clone())).unwrap_or_default()
    }
}

/// The order of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By time, then by id, numbers by their value: the vendor documents no order.
    ById,
    /// By time, then in the list's order. A list that is newest first is reversed.
    AsListed,
    /// By time, then in the reverse of the list's order.
    NewestFirst,
}

/// One row of a list.
#[derive(Clone, Debug)]
pub struct ReadRow {
    message: Message,
    time: Option<i64>,
    /// Of a row that can't be read: what is the same in every reading.
    stable: Option<String>,
}

impl ReadRow {
    /// The row with its message. A row that can't be read (its JSON) is kept, as a message of unknown origin with that
    /// JSON as its text: it may be anybody's message.
    pub fn new<T>(row: Result<T, String>, read: impl FnOnce(T) -> TimedMessage) -> Self {
        match row {
            Ok(row) => {
                let (message, time) = read(row);
                Self { message, time, stable: None }
            }
            Err(json) => {
                let stable = serde_json::from_str(&json).map(|row| without_queries(&row).to_string());
                let stable = Some(stable.unwrap_or_else(|_| json.clone()));
                Self { message: unreadable(json), time: None, stable }
            }
        }
    }

    /// The vendor's time, where it can be read.
    pub fn time(&self) -> Option<i64> {
        self.time
    }

    /// The digest of what the row shows.
    pub fn digest(&self) -> u64 {
        let Message { message_id, message_type, replier, content, .. } = &self.message;
        digest(&(message_id, self.time, message_type, replier, content, &self.stable))
    }

    /// The vendor's id; else one that is made of the row and of its number among equal rows, the same in every reading.
    fn id(&self, number: u32) -> String {
        let Message { message_id, message_type, replier, content, .. } = &self.message;
        if let Some(stable) = &self.stable {
            return lenient::synthetic_id(&[stable, &(number + 1).to_string()]);
        }
        if !message_id.is_empty() {
            return message_id.clone();
        }
        let (time, writer) = (self.time.unwrap_or_default().to_string(), u8::from(*message_type).to_string());
        let replier = replier.as_deref().unwrap_or_default();
        lenient::synthetic_id(&[&time, &writer, replier, &without_signatures(content), &number.to_string()])
    }

    /// What rows share that are numbered together: an id of their own does not count.
    fn equal_key(&self) -> u64 {
        let Message { message_type, replier, content, .. } = &self.message;
        digest(&(self.time, message_type, replier, without_signatures(content), &self.stable))
    }
}

/// How many equal rows there were, by what they share.
#[derive(Default)]
pub struct Numbers(HashMap<u64, u32>);

/// A row's place in its conversation.
struct Entry {
    row: usize,
    /// Its number among equal rows.
    number: u32,
    time_ms: i64,
    /// Whether an equal id is another message's.
    is_second: bool,
    decoded: Option<ReadRow>,
}

impl Entry {
    fn message(self, row: ReadRow) -> Message {
        let (mut id, time_known) = (row.id(self.number), row.time.is_some());
        if self.is_second {
            let time = row.time.unwrap_or_default().to_string();
            let writer = u8::from(row.message.message_type).to_string();
            id = lenient::synthetic_id(&[&id, &time, &writer, &without_signatures(&row.message.content)]);
        }
        let origin_known = row.message.origin_known && time_known;
        Message { message_id: id, create_time: self.time_ms, time_known, origin_known, ..row.message }
    }
}

/// The rows of a whole conversation as messages, and the number of messages. Each message is there once. Messages with
/// the same id and another time, writer or text are several.
pub fn messages<T: DeserializeOwned + 'static>(
    rows: RawRows,
    order: Order,
    read: fn(T) -> TimedMessage,
) -> (Messages, usize) {
    let count = rows.rows.len();
    let decode = move |row: usize| ReadRow::new(lenient::row(rows.json(row)), read);
    let entries = arrange((0..count).map(&decode), count <= KEPT_DECODED, order, &mut Numbers::default());
    let len = entries.len();
    let messages = entries.into_iter().map(move |mut entry| {
        let row = entry.decoded.take().unwrap_or_else(|| decode(entry.row));
        entry.message(row)
    });
    (Box::new(messages), len)
}

/// The same of rows that are decoded, which are a part of a conversation; `numbers` are those of its earlier parts.
pub fn messages_of(rows: Vec<ReadRow>, order: Order, numbers: &mut Numbers) -> Vec<Message> {
    let decoded = arrange(rows.into_iter(), true, order, numbers).into_iter();
    decoded.filter_map(|mut entry| entry.decoded.take().map(|row| entry.message(row))).collect()
}

/// The places of the rows, each message once, in the order of the conversation.
fn arrange(rows: impl Iterator<Item = ReadRow>, keep: bool, order: Order, numbers: &mut Numbers) -> Vec<Entry> {
    let (mut entries, mut times, mut sorted_by, mut contents) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut unreadable = 0;
    for (place, row) in rows.enumerate() {
        unreadable += u64::from(row.stable.is_some());
        let number = numbers.0.entry(row.equal_key()).or_default();
        let id = row.id(*number);
        let content = digest(&(row.message.message_type, &row.message.content));
        contents.push((digest(&id), (row.time.unwrap_or(i64::MAX), content)));
        times.push(row.time);
        if order == Order::ById {
            let value: u64 = id.parse().unwrap_or(u64::MAX);
            sorted_by.push((value, id));
        }
        let decoded = keep.then_some(row);
        entries.push(Entry { row: place, number: *number, time_ms: 0, is_second: false, decoded });
        *number += 1;
    }
    metrics::UNREADABLE_ROWS.add([], unreadable);
    let times = dated(&times);
    entries.iter_mut().zip(&times).for_each(|(entry, time)| entry.time_ms = *time);
    let newest_first = times.first() > times.last() || order == Order::NewestFirst;
    match order {
        Order::ById => entries.sort_by_key(|entry| (entry.time_ms, sorted_by.get(entry.row))),
        Order::AsListed | Order::NewestFirst => {
            if newest_first {
                entries.reverse();
            }
            entries.sort_by_key(|entry| entry.time_ms);
        }
    }
    each_once(&mut entries, &contents);
    entries
}

/// The times in the list's order. A row without a time has that of the row before it, the first that of the first one
/// with a time.
fn dated(times: &[Option<i64>]) -> Vec<i64> {
    let mut last = times.iter().find_map(|time| *time).unwrap_or_default();
    let date = |time: &Option<i64>| {
        last = time.unwrap_or(last);
        last
    };
    times.iter().map(date).collect()
}

/// Leaves out rows that say the same, and marks those whose id another message has. `contents` are the digest of each
/// row's id, its own time, and the digest of its writer and text. The first message of an id keeps it: by time, then by
/// its digest, so that it is the same one in every order of the list.
fn each_once(entries: &mut Vec<Entry>, contents: &[(u64, (i64, u64))]) {
    let mut firsts = HashMap::<u64, (i64, u64)>::new();
    let of = |entry: &Entry| contents.get(entry.row).copied().unwrap_or_default();
    for entry in entries.iter() {
        let (id, content) = of(entry);
        let first = firsts.entry(id).or_insert(content);
        *first = (*first).min(content);
    }
    let mut seen = HashSet::new();
    entries.retain_mut(|entry| {
        let (id, content) = of(entry);
        entry.is_second = firsts.get(&id) != Some(&content);
        seen.insert((id, content))
    });
}

fn digest(value: &impl Hash) -> u64 {
    // Its keys are fixed.
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn unreadable(content: String) -> Message {
    Message {
        message_id: String::new(),
        message_type: MessageType::Support,
        replier: None,
        replier_name: None,
        content,
        create_time: 0,
        origin_known: false,
        time_known: false,
        attachments: Vec::new(),
        unreadable_attachments: 0,
    }
}

/// A message's files, and how many of its entries can't be read. The list may be JSON as text; null, a blank text and
/// `"null"` are no files.
pub fn files<T: DeserializeOwned>(list: Option<Value>, read: impl Fn(T) -> Attachment) -> (Vec<Attachment>, u64) {
    let list = match list {
        None | Some(Value::Null) => return (Vec::new(), 0),
        Some(Value::String(text)) if matches!(text.trim(), "" | "null") => return (Vec::new(), 0),
        Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        Some(value) => value,
    };
    let rows: Vec<Row<T>> = serde_json::from_value(list).unwrap_or_else(|_| vec![Row::Odd(Value::Null)]);
    let (mut files, mut unreadable) = (Vec::new(), 0);
    for row in rows {
        match row {
            Row::Read(file) => files.push(read(file)),
            Row::Odd(_) => unreadable += 1,
        }
    }
    metrics::UNREADABLE_ROWS.add([], unreadable);
    (files, unreadable)
}

/// The row with the queries of its links cut off: vendors sign links for a short time, and the id must be the same in
/// every reading.
fn without_queries(row: &Value) -> Value {
    match row {
        Value::String(text) if text.contains("://") => text.split('?').next().unwrap_or_default().into(),
        Value::Array(items) => items.iter().map(without_queries).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), without_queries(value))).collect(),
        other => other.clone(),
    }
}
