//! A message as the archive keeps and shows it, its place in the conversation, and the digest over all of them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ulid::Ulid;

use super::{Attachment, CloudId, Message, MessageType, TicketId};

/// A message as kept and as shown (original table `cloud_osm_detail`).
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
        }
    }
}

fn message_ulid(ticket: &TicketId, message: &Message) -> String {
    let hash = Sha256::digest(format!("{ticket}#{}", message.message_id));
    let mut random = [0; 16];
    random.copy_from_slice(&hash[..16]);
    let time_ms = u64::try_from(message.create_time).unwrap_or_default();
    Ulid::from_parts(time_ms, u128::from_be_bytes(random)).to_string()
}

/// Where a message stands in its conversation: by time, then by the vendor's order within the same millisecond.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessagePosition {
    /// When it was written, Unix milliseconds.
    pub create_time: i64,
    /// Its number among the messages of that millisecond, in the vendor's order.
    pub order: usize,
    /// The vendor's id of it.
    pub message_id: String,
}

/// The messages of one reading, oldest first, each with its place.
pub fn place_messages(messages: Vec<Message>) -> Vec<(MessagePosition, Message)> {
    let mut seen_at = HashMap::<i64, usize>::new();
    messages
        .into_iter()
        .map(|message| {
            let count = seen_at.entry(message.create_time).or_default();
            let order = *count;
            *count += 1;
            let (create_time, message_id) = (message.create_time, message.message_id.clone());
            (MessagePosition { create_time, order, message_id }, message)
        })
        .collect()
}

/// SHA-256 over an archive's messages, one after the other in the archive's order.
#[derive(Clone, Debug, Default)]
pub struct ArchiveDigest {
    hash: Sha256,
    count: u64,
}

impl ArchiveDigest {
    /// Takes the next message in: its vendor id, type, writer, text, time and files, as one line of JSON.
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

    /// How many messages were taken in, and the digest in lower-case hex.
    pub fn finish(self) -> (u64, String) {
        (self.count, self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
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
            attachments: Vec::new(),
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

    #[test]
    fn places_keep_the_vendors_order_within_a_millisecond() {
        let placed = place_messages(vec![message("b", 1), message("z", 2), message("a", 2), message("c", 3)]);
        let orders: Vec<_> = placed.iter().map(|(at, _)| (at.message_id.as_str(), at.order)).collect();
        assert_eq!(orders, [("b", 0), ("z", 0), ("a", 1), ("c", 0)]);
        assert!(placed.is_sorted_by(|(a, _), (b, _)| a < b));
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
        assert_eq!(
            digest(&[]),
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into())
        );
    }
}
