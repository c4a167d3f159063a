//! A message as the archive keeps and shows it, its place in the conversation, and the digest over all of them.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ulid::Ulid;

use super::{Attachment, CloudId, Message, MessageType, TicketId};
use crate::digest::hex;

/// A message as stored and as answered (original table `cloud_osm_detail`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArchivedMessage {
    /// Our id, a ULID made of the message's time and its ids, so that archiving it again gives the same.
    pub id: String,
    /// The vendor's ticket id.
    pub case_id: CloudId,
    /// The vendor's message id.
    pub message_id: String,
    /// `0` written by the customer, `1` by the vendor's support.
    #[serde(rename = "type")]
    pub message_type: MessageType,
    /// The writer's id at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replier: Option<String>,
    /// The writer's name at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replier_name: Option<String>,
    /// The text, verbatim.
    pub content: String,
    /// When it was written, Unix milliseconds.
    pub create_time: i64,
    /// Files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// How many entries among its files can't be read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unreadable_attachments: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl ArchivedMessage {
    /// The archive's form of a message of that ticket.
    pub fn new(ticket: &TicketId, case_id: &CloudId, message: Message) -> Self {
        Self {
            id: message_ulid(ticket, &message),
            case_id: case_id.clone(),
            message_id: message.message_id,
            message_type: message.message_type,
            replier: message.replier,
            replier_name: message.replier_name,
            content: message.content,
            create_time: message.create_time,
            attachments: message.attachments,
            unreadable_attachments: message.unreadable_attachments,
        }
    }

    /// How many bytes it takes in the answer of a function as Lambda counts them: the body is an escaped JSON string.
    pub fn payload_bytes(&self) -> usize {
        serde_json::to_string(self).map_or(0, |json| escaped_bytes(&json))
    }
}

/// The bytes of `text` in a JSON string, without its quotation marks. JSON has no control characters to escape.
pub fn escaped_bytes(json: &str) -> usize {
    json.len() + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

fn message_ulid(ticket: &TicketId, message: &Message) -> String {
    let hash = Sha256::digest(format!("{ticket}#{}", message.message_id));
    let mut random = [0; 16];
    random.copy_from_slice(&hash[..16]);
    let time_ms = u64::try_from(message.create_time).unwrap_or_default();
    Ulid::from_parts(time_ms, u128::from_be_bytes(random)).to_string()
}

/// The distance between the order numbers of neighbours: later messages get numbers between them.
const ORDER_STEP: usize = 1 << 16;

/// A message's position in its conversation: by time, then by the vendor's order within the same millisecond.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessagePosition {
    /// When it was written, Unix milliseconds.
    pub create_time: i64,
    /// Order number within that millisecond, ascending in the vendor's order.
    pub order: usize,
    /// The vendor's id of it.
    pub message_id: String,
}

/// A message with its position.
pub type PlacedMessage = (MessagePosition, ArchivedMessage);

/// Gives order numbers to the messages of one reading that are not in `placed_before` (order numbers by message id),
/// and returns those messages.
///
/// The order numbers of stored messages do not change. A message that the vendor shows later gets a number between its
/// neighbours. Huawei gives times in whole seconds, so many messages share a time. After about sixteen later messages
/// at one position no number is free: the message then has its neighbour's number, and the ids decide the order.
pub fn place_messages(messages: Vec<ArchivedMessage>, placed_before: &HashMap<String, usize>) -> Vec<PlacedMessage> {
    let mut by_time = BTreeMap::<i64, Vec<ArchivedMessage>>::new();
    for message in messages {
        by_time.entry(message.create_time).or_default().push(message);
    }
    by_time.into_values().flat_map(|messages| place_within_millisecond(messages, placed_before)).collect()
}

fn place_within_millisecond(
    messages: Vec<ArchivedMessage>,
    placed_before: &HashMap<String, usize>,
) -> Vec<PlacedMessage> {
    let (mut placed, mut unplaced) = (Vec::new(), Vec::new());
    let mut before = 0;
    for message in messages {
        match placed_before.get(&message.message_id) {
            None => unplaced.push(message),
            Some(&order) => {
                let step = order.saturating_sub(before) / (unplaced.len() + 1);
                number_from(before, step, &mut unplaced, &mut placed);
                before = before.max(order);
            }
        }
    }
    number_from(before, ORDER_STEP, &mut unplaced, &mut placed);
    placed
}

fn number_from(before: usize, step: usize, unplaced: &mut Vec<ArchivedMessage>, placed: &mut Vec<PlacedMessage>) {
    for (index, message) in unplaced.drain(..).enumerate() {
        let (create_time, message_id) = (message.create_time, message.message_id.clone());
        let order = before + (index + 1) * step;
        placed.push((MessagePosition { create_time, order, message_id }, message));
    }
}

/// SHA-256 over an archive's messages, one after the other in the archive's order.
#[derive(Clone, Debug, Default)]
pub struct ArchiveDigest {
    hash: Sha256,
    count: u64,
}

impl ArchiveDigest {
    /// Adds the next message: its vendor id, type, writer, text, time and files, as one line of JSON.
    pub fn add(&mut self, message: &ArchivedMessage) {
        let line = serde_json::json!([
            message.message_id,
            message.message_type,
            message.replier,
            message.replier_name,
            message.content,
            message.create_time,
            message.attachments,
        ]);
        self.hash.update(line.to_string());
        self.hash.update(b"\n");
        self.count += 1;
    }

    /// The number of messages, and the digest in lower-case hex.
    pub fn finish(self) -> (u64, String) {
        (self.count, hex(&self.hash.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, create_time: i64) -> Message {
        Message {
            message_id: id.into(),
            message_type: MessageType::Support,
            replier: None,
            replier_name: Some("小二".into()),
            content: "您好 👋".into(),
            create_time,
            origin_known: true,
            time_known: true,
            attachments: Vec::new(),
            unreadable_attachments: 0,
        }
    }

    fn archived(id: &str) -> ArchivedMessage {
        let (ticket, case) = (TicketId::parse("T1").unwrap(), CloudId::parse("C1").unwrap());
        ArchivedMessage::new(&ticket, &case, message(id, 1_700_000_000_000))
    }

    #[test]
    fn archiving_again_gives_the_same_id() {
        assert_eq!(archived("m1"), archived("m1"));
        assert_ne!(archived("m1").id, archived("m2").id);
        assert_eq!(Ulid::from_string(&archived("m1").id).unwrap().timestamp_ms(), 1_700_000_000_000);
    }

    /// Places the messages of a reading, and adds their order numbers to `placed_before`.
    fn place(reading: &[(&str, i64)], placed_before: &mut HashMap<String, usize>) -> Vec<MessagePosition> {
        let messages = reading.iter().map(|(id, time)| {
            let (ticket, case) = (TicketId::parse("T1").unwrap(), CloudId::parse("C1").unwrap());
            ArchivedMessage::new(&ticket, &case, message(id, *time))
        });
        let placed = place_messages(messages.collect(), placed_before);
        placed_before.extend(placed.iter().map(|(at, _)| (at.message_id.clone(), at.order)));
        placed.into_iter().map(|(at, _)| at).collect()
    }

    fn in_order(mut places: Vec<MessagePosition>) -> Vec<String> {
        places.sort();
        places.into_iter().map(|at| at.message_id).collect()
    }

    #[test]
    fn places_keep_the_vendors_order_within_a_millisecond() {
        let reading = [("b", 1), ("z", 2), ("a", 2), ("c", 3)];
        let placed = place(&reading, &mut HashMap::new());
        let orders: Vec<_> = placed.iter().map(|at| (at.message_id.as_str(), at.order)).collect();
        assert_eq!(orders, [("b", 65_536), ("z", 65_536), ("a", 131_072), ("c", 65_536)]);
        assert_eq!(in_order(placed), ["b", "z", "a", "c"]);
    }

    #[test]
    fn a_later_message_gets_its_place_between_those_of_its_millisecond() {
        // GIVEN a reading that lacks the first, two in the middle and the last
        let whole = [("f", 7), ("e", 7), ("d", 7), ("c", 7), ("b", 7), ("a", 7), ("z", 6)];
        let mut placed_before = HashMap::new();
        let mut places = place(&[("e", 7), ("b", 7)], &mut placed_before);
        // WHEN they are shown, THEN all are in the vendor's order, and earlier numbers do not change
        let later = place(&whole, &mut placed_before);
        assert_eq!(later.len(), 5);
        places.extend(later);
        assert_eq!(in_order(places), ["z", "f", "e", "d", "c", "b", "a"]);
        // The same reading again places nothing.
        assert!(place(&whole, &mut placed_before).is_empty());
    }

    #[test]
    fn a_partly_written_reading_gives_the_same_places_again() {
        let reading = [("c", 7), ("b", 7), ("a", 7)];
        let places = place(&reading, &mut HashMap::new());
        let mut placed_before = HashMap::from([("b".to_owned(), places[1].order)]);
        assert_eq!(place(&reading, &mut placed_before), [places[0].clone(), places[2].clone()]);
    }

    #[test]
    fn without_free_order_numbers_no_message_is_lost() {
        let mut placed_before = HashMap::from([("b".to_owned(), 9), ("a".to_owned(), 9)]);
        let placed = place(&[("b", 7), ("n", 7), ("a", 7), ("m", 7)], &mut placed_before);
        let orders: Vec<_> = placed.iter().map(|at| (at.message_id.as_str(), at.order)).collect();
        assert_eq!(orders, [("n", 9), ("m", 9 + 65_536)]);
        let mut placed_before = HashMap::from([("b".to_owned(), 9), ("a".to_owned(), 4)]);
        let placed = place(&[("b", 7), ("n", 7), ("a", 7), ("m", 7)], &mut placed_before);
        assert!(placed.iter().all(|at| at.order >= 9) && placed.len() == 2, "{placed:?}");
    }

    #[test]
    fn digest_depends_on_order_and_content() {
        let digest = |ids: &[&str]| {
            let mut digest = ArchiveDigest::default();
            ids.iter().for_each(|id| digest.add(&archived(id)));
            digest.finish()
        };
        assert_eq!(digest(&["a", "b"]), digest(&["a", "b"]));
        assert_ne!(digest(&["a", "b"]).1, digest(&["b", "a"]).1);
        assert_eq!(digest(&[]), (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into()));
    }
}
