//! A message as the archive keeps and shows it, its place in the conversation, and the digest over all of them.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ulid::Ulid;

use super::{Attachment, CloudId, Message, MessageDigest, MessageType, TicketId, signed_links::without_signatures};
use crate::{
    digest::hex,
    seeded_bugs::{self, SeededBug},
};

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
    /// Whether the vendor's time can't be read; `create_time` is that of the message before it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unreadable_time: bool,
    /// Files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// How many entries among its files can't be read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unreadable_attachments: u64,
    /// Whether a person wrote it in the vendor's console and not through Polydesk, as far as could be told when it was
    /// first seen.
    #[serde(default, skip_serializing_if = "is_false")]
    pub from_console: bool,
    /// Its older texts, the oldest first, where the vendor showed it with others before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
}

/// An older text of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revision {
    /// The text, verbatim.
    pub content: String,
    /// When another text was seen in its place, Unix milliseconds.
    pub replaced_time: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_false(flag: &bool) -> bool {
    !flag
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
            unreadable_time: !message.time_known,
            attachments: message.attachments,
            unreadable_attachments: message.unreadable_attachments,
            from_console: false,
            revisions: Vec::new(),
        }
    }

    /// The message with what the vendor shows of it now, seen at `seen_ms`; its older text is a revision of it. `None`
    /// where its text is the same, but for the signatures of links. Its id, time and place stay.
    pub fn revised(mut self, shown: ArchivedMessage, seen_ms: i64) -> Option<Self> {
        if without_signatures(&self.content) == without_signatures(&shown.content) {
            return None;
        }
        let content = std::mem::replace(&mut self.content, shown.content);
        if !seeded_bugs::enabled(SeededBug::EditOverwritesText) {
            self.revisions.push(Revision { content, replaced_time: seen_ms });
        }
        self.attachments = shown.attachments;
        self.unreadable_attachments = shown.unreadable_attachments;
        Some(self)
    }

    /// The digest by which a reading tells whether it is known.
    pub fn message_digest(&self) -> MessageDigest {
        let time = (!self.unreadable_time).then_some(self.create_time);
        MessageDigest::new(time, self.message_type, self.replier.as_deref(), &self.content)
    }

    /// How many bytes it takes in the answer of a function as Lambda counts them: the body is an escaped JSON string.
    pub fn payload_bytes(&self) -> usize {
        payload_bytes(self)
    }
}

/// How many bytes a value takes in the answer of a function as Lambda counts them: the body is an escaped JSON string.
pub fn payload_bytes(value: &impl Serialize) -> usize {
    // JSON has no control characters to escape.
    let is_escaped = |byte: &u8| matches!(byte, b'"' | b'\\');
    serde_json::to_vec(value).map_or(0, |json| json.len() + json.iter().filter(|byte| is_escaped(byte)).count())
}

fn message_ulid(ticket: &TicketId, message: &Message) -> String {
    let hash = Sha256::digest(format!("{ticket}#{}", message.message_id));
    let mut random = [0; 16];
    random.copy_from_slice(&hash[..16]);
    let time_ms = u64::try_from(message.create_time).unwrap_or_default();
    Ulid::from_parts(time_ms, u128::from_be_bytes(random)).to_string()
}

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

/// SHA-256 over an archive's messages, one after the other in the archive's order.
#[derive(Clone, Debug, Default)]
pub struct ArchiveDigest {
    hash: Sha256,
    count: u64,
}

impl ArchiveDigest {
    /// Adds the next message: its vendor id, type, writer, text, time, files and, where it has any, older texts, as one
    /// line of JSON.
    pub fn add(&mut self, message: &ArchivedMessage) {
        let mut line = serde_json::json!([
            message.message_id,
            message.message_type,
            message.replier,
            message.replier_name,
            message.content,
            message.create_time,
            message.attachments,
        ]);
        if let (Some(line), false) = (line.as_array_mut(), message.revisions.is_empty()) {
            line.push(serde_json::json!(message.revisions));
        }
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

    #[test]
    fn another_text_keeps_the_older_ones() {
        let shown = |content: &str| ArchivedMessage { content: content.into(), ..archived("a") };
        assert_eq!(archived("a").revised(shown("您好 👋"), 1), None);
        let link =
            |query: &str| ArchivedMessage { content: format!("<img src=\"https://x/a{query}\"> ok?"), ..archived("a") };
        assert_eq!(link("?Expires=1").revised(link("?Expires=2&Signature=b"), 1), None);
        assert!(link("?Expires=1").revised(link("/b?Expires=1"), 1).is_some());
        let once = archived("a").revised(shown("b"), 1).unwrap();
        let twice = once.clone().revised(shown("您好 👋"), 2).unwrap();
        let revision = |content: &str, replaced_time| Revision { content: content.into(), replaced_time };
        assert_eq!((twice.content.as_str(), &twice.id), ("您好 👋", &once.id));
        assert_eq!(twice.revisions, [revision("您好 👋", 1), revision("b", 2)]);
        let digest = |message: &ArchivedMessage| {
            let mut digest = ArchiveDigest::default();
            digest.add(message);
            digest.finish().1
        };
        assert_ne!(digest(&twice), digest(&archived("a")));
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
