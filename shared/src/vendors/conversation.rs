//! What every vendor's conversation needs: rows that can't be read, times that are missing, ids that are not unique.
//! Pure but for a metric.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::lenient::{self, Row};
use crate::{
    domain::{Message, MessageType},
    telemetry::metrics,
};

/// A message with its time, `None` where the vendor's can't be read.
pub type TimedMessage = (Message, Option<i64>);

/// The rows as messages, each read by `read`. A row that can't be read is kept, as a message of unknown origin with the
/// row's JSON as its text: it may be anybody's message.
pub fn read_rows<T>(rows: Vec<Row<T>>, read: impl Fn(T) -> TimedMessage) -> Vec<TimedMessage> {
    let mut equals: HashMap<String, u32> = HashMap::new();
    let message = |row| match row {
        Row::Read(row) => read(row),
        Row::Odd(row) => {
            metrics::UNREADABLE_ROWS.add([], 1);
            let stable = without_queries(&row).to_string();
            let ordinal = equals.entry(stable.clone()).or_default();
            *ordinal += 1;
            unreadable(lenient::synthetic_id(&[&stable, &ordinal.to_string()]), row.to_string())
        }
    };
    rows.into_iter().map(message).collect()
}

fn unreadable(message_id: String, content: String) -> TimedMessage {
    let message = Message {
        message_id,
        message_type: MessageType::Support,
        replier: None,
        replier_name: None,
        content,
        create_time: 0,
        origin_known: false,
        time_known: false,
        attachments: Vec::new(),
        unreadable_attachments: 0,
    };
    (message, None)
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

/// The messages in the same order. A message without a time gets that of the message before it, the first that of the
/// first one with a time.
pub fn dated(messages: Vec<TimedMessage>) -> Vec<Message> {
    let mut last_time = messages.iter().find_map(|(_, time)| *time).unwrap_or_default();
    let date = |(message, time): TimedMessage| {
        last_time = time.unwrap_or(last_time);
        let time_known = time.is_some();
        Message { create_time: last_time, time_known, origin_known: message.origin_known && time_known, ..message }
    };
    messages.into_iter().map(date).collect()
}

/// Each message once. Messages with the same id and another time, writer or text are several: the first keeps the id,
/// the others get one that is made of their fields.
pub fn distinct(messages: Vec<Message>) -> Vec<Message> {
    let (mut ids, mut seen) = (HashSet::new(), HashSet::new());
    let mut distinct = Vec::with_capacity(messages.len());
    for mut message in messages {
        let Message { message_id: id, create_time, message_type, content, .. } = &message;
        if !seen.insert((id.clone(), *create_time, *message_type, content.clone())) {
            continue;
        }
        if !ids.insert(id.clone()) {
            let (time, writer) = (create_time.to_string(), u8::from(*message_type).to_string());
            message.message_id = lenient::synthetic_id(&[id, &time, &writer, content]);
        }
        distinct.push(message);
    }
    distinct
}
