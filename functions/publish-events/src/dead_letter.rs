//! A dead letter: an event that can be published later, or an unreadable record of the stream.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shared::events::{BusEvent, UnreadableRecord};

use crate::batch::Outgoing;

/// The attributes of an item that may be in the queue: keys, ids, states. No names, texts, addresses or people.
const SHOWN: [&str; 14] = [
    "PK",
    "SK",
    "entity",
    "id",
    "ticket_id",
    "custom_id",
    "cloud_id",
    "case_id",
    "message_id",
    "type",
    "state",
    "status",
    "vendor_status",
    "create_time",
];

/// The longest value in a dead letter, in bytes: ids and states are shorter, and a misplaced text is cut off.
const MAX_SHOWN_BYTES: usize = 256;

/// A message in the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum DeadLetter {
    /// An event that can be published later, with the fields of [`Outgoing`].
    Event {
        reason: String,
        partition: String,
        sequence: String,
        /// When the change was committed, Unix milliseconds.
        time: i64,
        detail_type: String,
        detail: Value,
    },
    /// A record of the stream that can't be read, without the content of its item.
    Record { reason: String, record: Value },
}

impl DeadLetter {
    /// An event that the bus does not take.
    pub fn event(outgoing: Outgoing, reason: String) -> serde_json::Result<Self> {
        let Outgoing { partition, sequence, time_ms: time, event } = outgoing;
        let detail = serde_json::from_str(&event.detail)?;
        Ok(Self::Event { reason, partition, sequence, time, detail_type: event.detail_type, detail })
    }

    pub fn record(record: &Value, unreadable: UnreadableRecord) -> Self {
        Self::Record { reason: unreadable.0.to_owned(), record: without_content(record) }
    }

    /// The event; `None` for an unreadable record, which can't be published.
    pub fn into_outgoing(self) -> Option<Outgoing> {
        let Self::Event { partition, sequence, time, detail_type, detail, .. } = self else { return None };
        let event = BusEvent { detail_type, detail: detail.to_string() };
        Some(Outgoing { partition, sequence, time_ms: time, event })
    }
}

/// A record with the stream's own fields, and of its item only what [`SHOWN`] names.
fn without_content(record: &Value) -> Value {
    let own = ["eventID", "eventName", "eventSource", "awsRegion"];
    let mut shown: Map<String, Value> = own.into_iter().filter_map(|name| field(record, name)).collect();
    let change = &record["dynamodb"];
    let own = ["SequenceNumber", "ApproximateCreationDateTime", "SizeBytes", "StreamViewType"];
    let mut images: Map<String, Value> = own.into_iter().filter_map(|name| field(change, name)).collect();
    for name in ["Keys", "NewImage", "OldImage"] {
        if change[name].is_object() {
            let attributes = SHOWN.into_iter().filter_map(|attribute| field(&change[name], attribute));
            images.insert(name.to_owned(), attributes.collect());
        }
    }
    shown.insert("dynamodb".to_owned(), Value::Object(images));
    Value::Object(shown)
}

fn field(object: &Value, name: &str) -> Option<(String, Value)> {
    let value = object.get(name)?;
    let long = value.to_string().len() > MAX_SHOWN_BYTES;
    Some((name.to_owned(), if long { json!("left out: too long") } else { value.clone() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_shows_no_content() {
        let image = json!({
            "PK": {"S": "TICKET#T1"}, "SK": {"S": "TICKET"}, "entity": {"S": "ticket"}, "state": {"S": "odd"},
            "name": {"S": "canary"}, "description": {"S": "canary"}, "email": {"S": "canary"},
            "content": {"S": "canary"}, "replier_name": {"S": "canary"}, "id": {"S": "canary".repeat(100)},
        });
        let record = json!({
            "eventID": "e1",
            "eventName": "INSERT",
            "canary": "canary",
            "dynamodb": {"Keys": {"PK": {"S": "TICKET#T1"}}, "NewImage": image, "SequenceNumber": "1", "x": "canary"},
        });
        let dead_letter = DeadLetter::record(&record, UnreadableRecord("why"));
        let expected = json!({
            "kind": "record",
            "reason": "why",
            "record": {
                "eventID": "e1",
                "eventName": "INSERT",
                "dynamodb": {
                    "Keys": {"PK": {"S": "TICKET#T1"}},
                    "NewImage": {
                        "PK": {"S": "TICKET#T1"}, "SK": {"S": "TICKET"}, "entity": {"S": "ticket"},
                        "state": {"S": "odd"}, "id": "left out: too long",
                    },
                    "SequenceNumber": "1",
                },
            },
        });
        assert_eq!(serde_json::to_value(&dead_letter).unwrap(), expected);
        assert_eq!(dead_letter.into_outgoing(), None);
        let nothing = DeadLetter::record(&json!("canary"), UnreadableRecord("why"));
        assert!(!serde_json::to_string(&nothing).unwrap().contains("canary"));
    }

    #[test]
    fn a_parked_event_is_read_back_unchanged() {
        let event = BusEvent { detail_type: "TicketClosed".into(), detail: r#"{"a":1}"#.into() };
        let outgoing = Outgoing { partition: "TICKET#T1".into(), sequence: "0007".into(), time_ms: 5, event };
        let dead_letter = serde_json::to_string(&DeadLetter::event(outgoing.clone(), "why".into()).unwrap()).unwrap();
        let dead_letter: DeadLetter = serde_json::from_str(&dead_letter).unwrap();
        assert_eq!(dead_letter.into_outgoing(), Some(outgoing));
    }
}
