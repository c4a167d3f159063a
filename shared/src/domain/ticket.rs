//! A ticket: one support request at one vendor, and what a new one must hold.

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Account, AccountId, Awaiting, Candidate, CloudId, ConversationTimes, ProblemTypeId, ProductId, RegionId, SourceId,
    TicketId, TicketState, TicketStatus, Vendor,
};
use crate::problem_code::ProblemCode;

/// How urgent a ticket is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The default.
    #[default]
    Normal,
    /// Needs an answer soon.
    Urgent,
}

/// What the vendor gets of a new ticket. Validated before it is built.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTicket {
    /// Our id; the marker is made of it.
    pub id: TicketId,
    /// The title.
    pub name: String,
    /// The problem text.
    pub description: String,
    /// Contact address.
    pub email: Option<String>,
    /// The product.
    pub product_id: ProductId,
    /// The problem type.
    pub problem_type_id: ProblemTypeId,
    /// The ticket source, where the vendor has one.
    pub source_id: Option<SourceId>,
    /// The region of the problem.
    pub region_id: Option<RegionId>,
    /// How urgent it is.
    pub severity: Severity,
}

impl NewTicket {
    /// The marker by which the ticket is found at the vendor.
    pub fn marker(&self) -> String {
        marker(&self.id)
    }

    /// The text for a vendor with a title field: the description, an empty line, the marker as the last line.
    pub fn description_with_marker(&self) -> String {
        format!("{}\n\n{}", self.description, self.marker())
    }

    /// The text for a vendor without a title field: the title as the first line before
    /// [`description_with_marker`](Self::description_with_marker).
    pub fn text_with_name(&self) -> String {
        format!("{}\n{}", self.name, self.description_with_marker())
    }
}

/// The marker of a ticket: `ref <ticket id>`, the last line of the text that the vendor gets.
pub fn marker(id: &TicketId) -> String {
    format!("ref {id}")
}

/// Where a ticket stands at its vendor, in our words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The vendor does not work on it yet. Huawei: such a ticket is cancelled, not closed.
    Waiting,
    /// The vendor works on it.
    Processing,
    /// The vendor waits for the customer.
    AwaitingCustomer,
    /// Finished, closed, cancelled or deleted.
    Ended,
    /// A status that is not in our table. It never counts as ended.
    Other,
}

/// Why a close was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CloseError {
    /// Our stable code, as in a problem body.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub code: ProblemCode,
    /// A sentence that may be shown, with the vendor's reason.
    pub detail: String,
}

/// A ticket as stored and as shown (original table `cloud_osm_list`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ticket {
    /// Our id, a ULID.
    pub id: TicketId,
    /// The vendor's id; absent until it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_id: Option<CloudId>,
    /// `1` not complete, `0` closed and archived.
    pub status: TicketStatus,
    /// The state within Polydesk, finer than `status`.
    pub state: TicketState,
    /// The title, up to 500 characters.
    pub name: String,
    /// The problem text; not in lists.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Contact address, up to 50 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The vendor.
    #[serde(rename = "type")]
    pub vendor: Vendor,
    /// The product; absent where the vendor of an adopted ticket does not give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// The problem type; absent where the vendor of an adopted ticket does not give it.
    #[serde(rename = "product_business_id", default, skip_serializing_if = "Option::is_none")]
    pub problem_type_id: Option<ProblemTypeId>,
    /// The ticket source.
    #[serde(rename = "osm_id", default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<SourceId>,
    /// The region of the problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region_id: Option<RegionId>,
    /// How urgent it is.
    #[serde(default)]
    pub severity: Severity,
    /// The account's id.
    #[serde(rename = "custom_id")]
    pub account_id: AccountId,
    /// Whether it was opened in the vendor's console and adopted by the sync.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// The vendor's own status code, as the sync last saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_status: Option<String>,
    /// What that status means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_phase: Option<Phase>,
    /// Who must write next, as the copy of the conversation shows; absent before the first copy, and once it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaiting: Option<Awaiting>,
    /// When support and the customer wrote, as the copy of the conversation shows.
    #[serde(flatten)]
    pub times: ConversationTimes,
    /// Why the last close was refused, or why it can't go on, with a way out; until the next one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_error: Option<CloseError>,
    /// In `indeterminate`: the vendor's tickets that may be this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// When the intent was written, Unix milliseconds.
    pub create_time: i64,
    /// When something of it that is shown here, or its archive, last changed, Unix milliseconds by the clock of whoever
    /// changed it. Absent on a ticket that has not changed since an earlier version: then `close_time` or `create_time`
    /// counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_time: Option<i64>,
    /// When the archive was committed, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_time: Option<i64>,
    /// How long it took from `create_time` until it had ended at the vendor, milliseconds; until `close_time` where
    /// nothing earlier is known. 0 where the vendor's clock is ahead. Absent before the close, and on a ticket that an
    /// earlier version closed.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_negative")]
    pub resolution_ms: Option<i64>,
    /// How many messages the archive holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_count: Option<u64>,
    /// How many messages the vendor showed when the archive was last compared with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_count: Option<u64>,
    /// SHA-256 over the archive's messages in order, lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl Ticket {
    /// A ticket of the account in `creating`, with nothing that may be absent.
    pub fn new(id: TicketId, account: &Account, name: String, description: String, create_time: i64) -> Self {
        Self {
            id,
            cloud_id: None,
            status: TicketStatus::NotComplete,
            state: TicketState::Creating,
            name,
            description,
            email: None,
            vendor: account.vendor,
            product_id: None,
            problem_type_id: None,
            source_id: None,
            region_id: None,
            severity: Severity::default(),
            account_id: account.id.clone(),
            adopted: false,
            vendor_status: None,
            vendor_phase: None,
            awaiting: None,
            times: ConversationTimes::default(),
            close_error: None,
            candidates: Vec::new(),
            create_time,
            update_time: None,
            close_time: None,
            resolution_ms: None,
            message_count: None,
            shown_count: None,
            digest: None,
        }
    }
}

/// A difference of two clocks as it is stored, at least 0.
fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<i64>::deserialize(deserializer)?.map(|ms| ms.max(0)))
}
