//! The details of the events about what is stored: ids and states, never a name, a text or an address. Of a person
//! only the id of the caller, as API Gateway found it.
//!
//! Each is made of one change of one item in the table. It is published at least once, in the order of the changes of a
//! ticket. EventBridge may deliver events to a target in another order, which [`Change::sequence`] shows.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{AccountId, CloudId, MessageType, Phase, RunId, RunState, Site, TicketId, TicketStatus, Vendor},
    problem_code::ProblemCode,
};

/// The change that an event reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The change's own id, the same in each delivery of its event.
    pub event_id: String,
    /// Orders the changes of one ticket as text: a later change has a greater one. 40 digits.
    pub sequence: String,
    /// About when it was committed, Unix milliseconds. The stream gives whole seconds.
    pub time: i64,
}

/// A ticket came to another state, or to another status at the vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketChange {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// Our id.
    pub ticket_id: TicketId,
    /// The account's id.
    #[serde(rename = "custom_id")]
    pub account_id: AccountId,
    /// The vendor.
    #[serde(rename = "type")]
    pub vendor: Vendor,
    /// The vendor's id, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_id: Option<CloudId>,
    /// A [`TicketState`](crate::domain::TicketState), or `removed`: the vendor certainly has no such ticket.
    pub state: String,
    /// `1` not complete, `0` closed and archived.
    pub status: TicketStatus,
    /// The vendor's own status, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_status: Option<RawVendorStatus>,
    /// The phase that this status means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_phase: Option<Phase>,
    /// How many messages the archive holds, once it is committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_count: Option<u64>,
    /// SHA-256 over the archive's messages, once it is committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// When support was last urged through Polydesk, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urge_time: Option<i64>,
    /// The last rating that was given through Polydesk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<TicketRated>,
    /// Its messages that were withdrawn through Polydesk, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawals: Vec<MessageWithdrawn>,
    /// Who made the change: the ARN of a role or user, or the subject of a token. Absent where nobody did, or that is
    /// not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Whether its texts and files were erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
}

/// A rating of the support for a ticket, without its comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRated {
    /// Whether the problem is solved.
    pub solved: bool,
    /// From 1 to 5.
    pub score: u8,
    /// When it was given, Unix milliseconds.
    pub time: i64,
}

/// A message that was withdrawn at the vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageWithdrawn {
    /// The vendor's id of it.
    pub message_id: String,
    /// When it was withdrawn, Unix milliseconds.
    pub time: i64,
}

/// A status in the vendor's own words or numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RawVendorStatus {
    /// A number.
    Number(i64),
    /// A word.
    Text(String),
}

/// A ticket has a new message: of support, of a person in the vendor's console, or of the customer through Polydesk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketReplied {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// Our id of the ticket.
    pub ticket_id: TicketId,
    /// The account's id.
    #[serde(rename = "custom_id")]
    pub account_id: AccountId,
    /// The vendor's id of the ticket, where the message was read at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_id: Option<CloudId>,
    /// `0` written by the customer, `1` by the vendor's support.
    pub message_type: MessageType,
    /// The vendor's id of the message, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Whether the customer's message was written in the vendor's console.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_console: bool,
    /// Who sent the reply, or decided that the vendor has it, as in [`TicketChange`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The customer's reply, which the vendor has now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ReplyChange>,
}

/// A reply of ours came to another state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyUpdated {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// Our id of the ticket.
    pub ticket_id: TicketId,
    /// The account's id.
    #[serde(rename = "custom_id")]
    pub account_id: AccountId,
    /// Who sent the reply, as in [`TicketChange`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The reply.
    pub reply: ReplyChange,
}

/// A reply with its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyChange {
    /// Our id of the reply.
    pub id: String,
    /// `unknown`, `sent` or `indeterminate`; `removed` when it certainly did not arrive.
    pub state: String,
    /// The vendor's id of its message, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// A refresh run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogRefreshed {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// The run.
    pub run_id: RunId,
    /// The vendor that was asked for; absent: all.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<Vendor>,
    /// Who asked for it, as in [`TicketChange`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// `complete` or `failed`.
    pub state: RunState,
    /// What became of each vendor's catalog at each site.
    pub vendors: Vec<RefreshedVendor>,
}

/// The result of one vendor's catalog at one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshedVendor {
    /// The vendor.
    #[serde(rename = "type")]
    pub vendor: Vendor,
    /// Its site.
    pub site: Site,
    /// `complete` or `failed`.
    pub state: RunState,
    /// Entries that are new, or listed again after their removal.
    pub added: u64,
    /// Entries that changed.
    pub changed: u64,
    /// Entries that the vendor no longer lists.
    pub removed: u64,
    /// The stable code of why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ProblemCode>,
}
