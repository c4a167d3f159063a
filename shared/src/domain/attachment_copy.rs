//! The copy of a message's file in the bucket: which file it is, and how far copying has come.

use serde::{Deserialize, Serialize};

use super::{Attachment, AttachmentId, MessagePosition, TicketId, Vendor};
use crate::{digest::sha256_hex, problem_code::ProblemCode};

/// For how long a file that can't be copied is tried, milliseconds: a day.
pub const COPY_TIME_MS: i64 = 24 * 60 * 60 * 1000;
/// The time after the first attempt that failed, milliseconds; it doubles with every further one.
const FIRST_WAIT_MS: i64 = 5 * 60 * 1000;
/// The longest time between two attempts, as a power of two of the first: 160 minutes.
const LONGEST_DOUBLING: u32 = 5;

/// How far the copy of a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CopyState {
    /// It is to be copied, or to be tried again.
    Pending,
    /// It is in the bucket.
    Stored,
    /// It could not be copied within a day.
    Failed,
    /// It has more bytes than this stack stores.
    TooLarge,
}

impl CopyState {
    /// The state as text, as in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            CopyState::Pending => "pending",
            CopyState::Stored => "stored",
            CopyState::Failed => "failed",
            CopyState::TooLarge => "too_large",
        }
    }
}

/// The copy of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentCopy {
    /// Our id of the file.
    pub attachment_id: AttachmentId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The ticket's vendor.
    pub vendor: Vendor,
    /// Where the message is in the ticket's conversation.
    pub message: MessagePosition,
    /// The file's place among those of its message, from 0.
    pub place: usize,
    /// The file's name, verbatim.
    pub name: String,
    /// How far the copy has come.
    pub state: CopyState,
    /// When the file was first seen, Unix milliseconds.
    pub create_time: i64,
    /// How often it was tried.
    #[serde(default)]
    pub attempts: u32,
    /// Its size in bytes, once it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 of its bytes, lower-case hex, once it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What the bucket named its content, in quotes, once it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Where it is in the bucket, once it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_key: Option<String>,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ProblemCode>,
}

impl AttachmentCopy {
    /// The copies that are to be made of the files of a message, in their order. `now_ms`: when they were seen.
    pub fn of_message(
        vendor: Vendor,
        ticket: &TicketId,
        message: &MessagePosition,
        attachments: &[Attachment],
        now_ms: i64,
    ) -> Vec<Self> {
        let copy = |(place, attachment): (usize, &Attachment)| Self {
            attachment_id: AttachmentId::of(&message.message_id, place, attachment),
            ticket_id: ticket.clone(),
            vendor,
            message: message.clone(),
            place,
            name: attachment.name.clone(),
            state: CopyState::Pending,
            create_time: now_ms,
            attempts: 0,
            size: None,
            sha256: None,
            etag: None,
            object_key: None,
            error: None,
        };
        attachments.iter().enumerate().map(copy).collect()
    }

    /// Where the file is stored in the bucket: `attachments/<ticket>/<attachment>/<name>`.
    pub fn key(&self) -> String {
        format!("attachments/{}/{}/{}", self.ticket_id, self.attachment_id, safe_name(&self.name))
    }

    /// The state after an attempt that failed at `now_ms` with `error`: it is tried for a day, unless it is too large.
    pub fn state_after(&self, error: ProblemCode, now_ms: i64) -> CopyState {
        if error == ProblemCode::FileTooLarge {
            CopyState::TooLarge
        } else if now_ms.saturating_sub(self.create_time) >= COPY_TIME_MS {
            CopyState::Failed
        } else {
            CopyState::Pending
        }
    }

    /// When it is tried again after an attempt that failed at `now_ms`, Unix milliseconds: after 5 minutes, which
    /// double with every attempt up to 160, and for the last time when the day is over.
    pub fn next_try_ms(&self, now_ms: i64) -> i64 {
        let wait_ms = FIRST_WAIT_MS << self.attempts.saturating_sub(1).min(LONGEST_DOUBLING);
        let day_over_ms = self.create_time.saturating_add(COPY_TIME_MS);
        now_ms.saturating_add(wait_ms).min(day_over_ms.max(now_ms))
    }
}

impl AttachmentId {
    /// The id of a file: made of its message, its place there, and the vendor's id of it or its name. Its link is not
    /// part of it: that is another one in every reading.
    pub fn of(message_id: &str, place: usize, attachment: &Attachment) -> Self {
        let file = attachment.id.as_deref().map_or(("name", attachment.name.as_str()), |id| ("id", id));
        let text = serde_json::json!([message_id, place, file.0, file.1]).to_string();
        Self::of_hex(sha256_hex(text)[..32].to_owned())
    }
}

/// The name in a form that any object storage and any file system takes: ASCII letters, digits, `.`, `-` and `_`, at
/// most 100, and no dot at the begin.
pub(super) fn safe_name(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let name: Vec<char> = name.chars().collect();
    // The end of a name says what kind of file it is.
    let last = &name[name.len().saturating_sub(100)..];
    let text: String = last.iter().copied().map(safe).collect();
    match text.trim_start_matches('.') {
        "" => "file".to_owned(),
        text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, id: Option<&str>, url: Option<&str>) -> Attachment {
        Attachment { name: name.into(), id: id.map(str::to_owned), url: url.map(str::to_owned) }
    }

    fn copy(name: &str) -> AttachmentCopy {
        let message = MessagePosition { create_time: 1, order: 0, message_id: "m1".into() };
        let ticket = TicketId::parse("T1").unwrap();
        AttachmentCopy::of_message(Vendor::Alibaba, &ticket, &message, &[file(name, None, None)], 1000).remove(0)
    }

    #[test]
    fn an_id_stays_while_the_link_changes_and_tells_files_apart() {
        let id = |place, file: Attachment| AttachmentId::of("m1", place, &file);
        let one = id(0, file("a.log", None, Some("https://a.cn/?Expires=1")));
        assert_eq!(one, id(0, file("a.log", None, Some("https://a.cn/?Expires=2"))));
        assert_ne!(one, id(1, file("a.log", None, None)));
        assert_ne!(one, id(0, file("b.log", None, None)));
        assert_ne!(one, AttachmentId::of("m2", 0, &file("a.log", None, None)));
        assert_eq!(id(0, file("a.log", Some("f1"), None)), id(0, file("renamed.log", Some("f1"), None)));
        assert_ne!(id(0, file("f1", None, None)), id(0, file("a.log", Some("f1"), None)));
    }

    #[test]
    fn a_key_has_a_safe_name() {
        for (name, safe) in [
            ("core dump 1.log", "core_dump_1.log"),
            ("日志.txt", "__.txt"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..", "file"),
            ("", "file"),
            ("a\\b:c\u{0}.png", "a_b_c_.png"),
        ] {
            let copy = copy(name);
            assert_eq!(copy.key(), format!("attachments/T1/{}/{safe}", copy.attachment_id), "{name}");
        }
        let long = copy(&format!("{}.tar.gz", "x".repeat(300)));
        assert!(long.key().ends_with("x.tar.gz") && long.key().len() < 200);
    }

    #[test]
    fn a_file_is_tried_for_a_day_with_growing_waits() {
        let mut copy = copy("a");
        let mut waits = Vec::new();
        for attempts in 1..8 {
            copy.attempts = attempts;
            waits.push((copy.next_try_ms(1000) - 1000) / 60_000);
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 160]);
        let (error, day) = (ProblemCode::FileLinkExpired, 1000 + COPY_TIME_MS);
        assert_eq!(copy.next_try_ms(day - 60_000), day);
        assert_eq!(copy.state_after(error, day - 1), CopyState::Pending);
        assert_eq!(copy.state_after(error, day), CopyState::Failed);
        assert_eq!(copy.state_after(ProblemCode::FileTooLarge, 1000), CopyState::TooLarge);
    }
}
