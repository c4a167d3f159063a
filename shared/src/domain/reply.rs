//! A reply: a customer's message that is sent to the vendor, with its outcome.

use serde::{Deserialize, Serialize};

use super::{Actor, Candidate, ReplyId, TicketId};

/// The outcome of a reply, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ReplyState {
    /// The intent is written; the vendor may or may not have been called.
    Sending,
    /// The vendor was called and gave no definite answer. It is not sent again before a reconcile.
    Unknown,
    /// The vendor has it.
    Sent,
    /// The vendor has a message that may be this one. Never guessed, never sent again: a person decides.
    Indeterminate,
}

impl ReplyState {
    /// The name as it stands in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The states without an outcome.
    pub const IN_FLIGHT: [ReplyState; 2] = [ReplyState::Sending, ReplyState::Unknown];

    /// Whether its outcome is not known yet.
    pub fn is_in_flight(self) -> bool {
        ReplyState::IN_FLIGHT.contains(&self)
    }
}

/// A reply as stored and as shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reply {
    /// Our id, a ULID.
    pub id: ReplyId,
    /// The ticket that it belongs to.
    pub ticket_id: TicketId,
    /// Its outcome, as far as it is known.
    pub state: ReplyState,
    /// The text.
    pub content: String,
    /// When the intent was written, Unix milliseconds.
    pub create_time: i64,
    /// The vendor's id of the message, where the vendor gave it or a reconcile found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Whether it was sent to open its closed ticket again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reopening: bool,
    /// Who sent it; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Actor>,
    /// Who decided that the vendor has it; absent where no person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<Actor>,
    /// In `indeterminate`: the vendor's messages that may be this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}
