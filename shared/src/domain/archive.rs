//! A message as the archive keeps and shows it, its place in the conversation, and the digest over all of them.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ulid::Ulid;

use super::{
    Attachment, AttachmentCopy, AttachmentId, CloudId, CopyState, Message, MessageDigest, MessageType, TicketId,
    signed_links::without_signatures,
};
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
    /// Files that came with it. An answer shows them with their copies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
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

/// The most bytes that the state of a file's copy takes in an answer: an id, a state, a size and a digest.
const COPY_PAYLOAD_BYTES: usize = 256;

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

    /// About how many bytes it takes in the answer of a function as Lambda counts them: the body is an escaped JSON
    /// string. An answer says of each file how far its copy has come.
    pub fn payload_bytes(&self) -> usize {
        payload_bytes(self) + COPY_PAYLOAD_BYTES * self.attachments.len()
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

/// What an archive holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveContents {
    /// How many messages.
    pub message_count: u64,
    /// SHA-256 over its messages and files, lower-case hex.
    pub digest: String,
    /// How many files of its messages are not stored.
    pub attachments_missing: u64,
    /// How many of them are still to be copied.
    pub attachments_pending: u64,
}

/// Computes what an archive holds. SHA-256 is over its messages, one after the other in the archive's order, and then
/// over its files.
#[derive(Clone, Debug, Default)]
pub struct ArchiveDigest {
    hash: Sha256,
    count: u64,
    /// Files of messages, until they are found stored.
    files: HashSet<AttachmentId>,
    unreadable_files: u64,
    pending_files: u64,
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
        self.add_line(&line);
        self.count += 1;
        let files = message.attachments.iter().enumerate();
        self.files.extend(files.map(|(place, file)| AttachmentId::of(&message.message_id, place, file)));
        self.unreadable_files += message.unreadable_attachments;
    }

    /// Adds the stored ones of the ticket's files, in the order of their keys, once all messages are added. Nothing
    /// where no message shows a file now.
    pub fn add_files(&mut self, files: &[AttachmentCopy]) {
        if self.has_files() {
            files.iter().for_each(|file| self.add_file(file));
        }
    }

    /// Whether a message has files.
    pub fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// Adds the next file, if it is stored: its id, name, size and SHA-256, as one line of JSON.
    fn add_file(&mut self, file: &AttachmentCopy) {
        match file.state {
            CopyState::Stored => {
                self.add_line(&serde_json::json!(["file", file.attachment_id, file.name, file.size, file.sha256]));
                self.files.remove(&file.attachment_id);
            }
            CopyState::Pending => self.pending_files += 1,
            CopyState::Failed | CopyState::TooLarge => {}
        }
    }

    fn add_line(&mut self, line: &serde_json::Value) {
        self.hash.update(line.to_string());
        self.hash.update(b"\n");
    }

    /// What the archive holds.
    pub fn finish(self) -> ArchiveContents {
        ArchiveContents {
            message_count: self.count,
            digest: hex(&self.hash.finalize()),
            attachments_missing: self.files.len() as u64 + self.unreadable_files,
            attachments_pending: self.pending_files,
        }
    }
}

#[cfg(test)]
mod tests;
