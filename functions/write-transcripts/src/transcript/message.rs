//! A message of a transcript, with its older texts and its files.

use serde::{Deserialize, Serialize};
use shared::domain::{
    ArchivedMessage, AttachmentCopy, MessageType, Withdrawal, signed_links::unsigned, withdrawn_time,
};

use crate::time;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Writer {
    /// The customer.
    Customer,
    /// The vendor's support, or its system.
    Support,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptMessage {
    /// Our id.
    pub id: String,
    /// The vendor's id of it.
    pub message_id: String,
    /// Who wrote it.
    pub writer: Writer,
    /// The writer's id at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replier: Option<String>,
    /// The writer's name at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replier_name: Option<String>,
    /// Whether a person wrote it in the vendor's console.
    pub from_console: bool,
    /// When it was written, Unix milliseconds.
    pub create_time: i64,
    /// The same as RFC 3339; absent for a time that no calendar has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time_utc: Option<String>,
    /// Whether the vendor's time can't be read; the time is that of the message before it.
    pub unreadable_time: bool,
    /// When it was withdrawn at the vendor through Polydesk, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_time: Option<i64>,
    /// The same as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_time_utc: Option<String>,
    /// The text as the vendor has it, without the signatures of links. It may be HTML.
    pub content: String,
    /// Its older texts, the oldest first.
    pub revisions: Vec<TranscriptRevision>,
    /// Its files.
    pub attachments: Vec<TranscriptFile>,
    /// How many entries among its files can't be read.
    pub unreadable_attachments: u64,
}

/// An older text of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptRevision {
    /// The text, without the signatures of links.
    pub content: String,
    /// When another text was seen in its place, Unix milliseconds.
    pub replaced_time: i64,
    /// The same as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_time_utc: Option<String>,
}

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptFile {
    /// Our id of the file; absent where no copy of it was ever begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_id: Option<String>,
    /// Its name.
    pub name: String,
    /// How far its copy has come; `not_copied` where none was begun.
    pub state: String,
    /// Its size in bytes, once it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 of its bytes, lower-case hex, once it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl TranscriptMessage {
    /// The archived message, with the withdrawals of its ticket and the copies of its files.
    pub(super) fn new(message: ArchivedMessage, withdrawals: &[Withdrawal], copies: &[AttachmentCopy]) -> Self {
        let withdrawn_time = withdrawn_time(withdrawals, &message.message_id);
        let revisions = message.revisions.into_iter().map(|revision| TranscriptRevision {
            content: unsigned(&revision.content).into_owned(),
            replaced_time: revision.replaced_time,
            replaced_time_utc: time::rfc3339(revision.replaced_time),
        });
        Self {
            attachments: TranscriptFile::of_message(&message.message_id, &message.attachments, copies),
            id: message.id,
            message_id: message.message_id,
            writer: match message.message_type {
                MessageType::Customer => Writer::Customer,
                MessageType::Support => Writer::Support,
            },
            replier: message.replier,
            replier_name: message.replier_name,
            from_console: message.from_console,
            create_time: message.create_time,
            create_time_utc: time::rfc3339(message.create_time),
            unreadable_time: message.unreadable_time,
            withdrawn_time,
            withdrawn_time_utc: withdrawn_time.and_then(time::rfc3339),
            content: unsigned(&message.content).into_owned(),
            revisions: revisions.collect(),
            unreadable_attachments: message.unreadable_attachments,
        }
    }
}
