//! Tickets, messages and logged calls of a simulator, in no vendor's format.

use serde::{Deserialize, Serialize};

use crate::files::SimulatedFile;
use crate::row_defect::RowDefect;

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageAuthor {
    /// The customer.
    Customer,
    /// The vendor's support.
    Support,
}

/// One entry in a ticket's conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedMessage {
    /// Unique at the vendor and growing in the order of writing.
    pub id: u64,
    /// When it was written, Unix milliseconds.
    pub at_ms: i64,
    /// Who wrote it.
    pub from: MessageAuthor,
    /// The writer's name.
    pub name: String,
    /// The text, as the conversation shows it.
    pub content: String,
    /// The text as it was sent, where it is stored in another form.
    #[serde(default)]
    pub sent: Option<String>,
    /// Whether this is the ticket's own description.
    #[serde(default)]
    pub first: bool,
    /// From when the conversation shows it, Unix milliseconds; 0 for at once.
    #[serde(default)]
    pub visible_at_ms: i64,
    /// The texts that it was shown with before, oldest first.
    #[serde(default)]
    pub earlier: Vec<String>,
    /// Whether the vendor deleted it: the conversation no longer shows it.
    #[serde(default)]
    pub deleted: bool,
    /// The message that the vendor shows again in this one.
    #[serde(default)]
    pub copy_of: Option<u64>,
    /// What is wrong with its row.
    #[serde(default)]
    pub defect: Option<RowDefect>,
    /// The files that came with it.
    #[serde(default)]
    pub files: Vec<SimulatedFile>,
}

/// One ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedTicket {
    /// The vendor's ticket id.
    pub id: String,
    /// The customer account it belongs to.
    pub account: String,
    /// When it was created, Unix milliseconds.
    pub created_at_ms: i64,
    /// From when list calls show it, Unix milliseconds.
    pub visible_at_ms: i64,
    /// The vendor's status code.
    pub status: i64,
    /// The title, empty where the vendor has none.
    pub title: String,
    /// The description, as it is shown.
    pub description: String,
    /// The description as it was sent, where it is stored in another form.
    #[serde(default)]
    pub sent: Option<String>,
    /// The product's id, when known.
    pub product: Option<String>,
    /// The problem type's id.
    pub problem_type: String,
    /// The region's id, when given.
    pub region: Option<String>,
    /// The severity, when given.
    pub severity: Option<String>,
    /// The contact mailbox, when given.
    pub email: Option<String>,
    /// The ticket's own fields as the vendor's API names them, when given.
    #[serde(default)]
    pub details: serde_json::Value,
    /// What only support may see, when given.
    #[serde(default)]
    pub secret_info: Option<String>,
    /// When the customer closed or cancelled it.
    pub closed_at_ms: Option<i64>,
    /// When it was last urged.
    pub urged_at_ms: Option<i64>,
    /// How the customer rated the support, oldest first.
    #[serde(default)]
    pub ratings: Vec<SimulatedRating>,
    /// Whether it was deleted: every call answers as for an unknown ticket.
    #[serde(default)]
    pub deleted: bool,
    /// From when a search by text finds it, Unix milliseconds; it may be listed before.
    #[serde(default)]
    pub searchable_at_ms: i64,
    /// What is wrong with its row in lists.
    #[serde(default)]
    pub defect: Option<RowDefect>,
    /// The files that came with it.
    #[serde(default)]
    pub files: Vec<SimulatedFile>,
    /// The conversation in the order of writing.
    pub messages: Vec<SimulatedMessage>,
}

impl SimulatedMessage {
    /// The text as it was sent.
    #[must_use]
    pub fn sent(&self) -> &str {
        self.sent.as_deref().unwrap_or(&self.content)
    }
}

impl SimulatedTicket {
    /// The description as it was sent.
    #[must_use]
    pub fn sent(&self) -> &str {
        self.sent.as_deref().unwrap_or(&self.description)
    }

    /// Whether lists show its id.
    #[must_use]
    pub fn has_readable_id(&self) -> bool {
        !matches!(self.defect, Some(RowDefect::NotAnObject | RowDefect::NoId))
    }

    /// Whether the account's lists show it.
    pub(crate) fn is_listed(&self, account: &str, now_ms: i64) -> bool {
        self.account == account && self.visible_at_ms <= now_ms && !self.deleted
    }

    /// Whether a search for `text` finds it among the listed tickets. A search for nothing finds every ticket.
    pub(crate) fn matches(&self, text: &str, now_ms: i64) -> bool {
        text.is_empty() || (self.searchable_at_ms <= now_ms && self.description.contains(text))
    }

    /// The messages that the conversation shows.
    pub(crate) fn shown(&self, now_ms: i64) -> impl DoubleEndedIterator<Item = &SimulatedMessage> {
        self.messages.iter().filter(move |message| message.visible_at_ms <= now_ms && !message.deleted)
    }
}

/// A customer's rating of the support for a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedRating {
    /// Whether the problem is solved, where the vendor asks that.
    pub solved: Option<bool>,
    /// The score of each of the vendor's dimensions; one where it has none.
    pub scores: Vec<i64>,
    /// What the customer adds.
    pub comment: String,
}

/// A support reply with the time at which it is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScheduledReply {
    pub(crate) ticket: String,
    pub(crate) at_ms: i64,
    pub(crate) content: String,
}

/// Automatic replies of support.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SupportScript {
    /// Replies to every new ticket, one after the other.
    pub on_create: Vec<String>,
    /// The n-th customer message gets the n-th of these, beginning again at the end.
    pub on_reply: Vec<String>,
    /// Time between the cause and the first reply, and between replies. 0 means at once.
    pub delay_ms: i64,
}

/// One call as the log keeps it. No key, signature or content is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedCall {
    /// When it came, Unix milliseconds.
    pub at_ms: i64,
    /// The vendor's operation name.
    pub operation: String,
    /// The customer account, when the signature was accepted.
    pub account: Option<String>,
    /// The HTTP status; absent when no answer was sent.
    pub status: Option<u16>,
    /// `ok`, the vendor's error code, or `fault:` and the fault's name.
    pub outcome: String,
    /// Whether the work of the call was done.
    pub done: bool,
}
