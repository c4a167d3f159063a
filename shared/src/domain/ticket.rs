//! A ticket: one support request at one vendor.

use std::num::NonZero;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

pub use super::new_ticket::marker;
use super::{
    Account, AccountId, Actor, Awaiting, Candidate, Closing, CloudId, Contact, ConversationTimes, Day, Erasure,
    GivenRating, Hold, ProblemTypeId, ProductId, RegionId, SourceId, TicketId, TicketState, TicketStatus, Vendor,
    Withdrawal,
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

impl Phase {
    /// Whether the vendor or the customer still has to do with the ticket. An unknown status says neither.
    pub fn is_open(self) -> bool {
        matches!(self, Phase::Waiting | Phase::Processing | Phase::AwaitingCustomer)
    }
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
    /// The vendor's own severity, where the caller chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_id: Option<String>,
    /// The values of the vendor's own fields, without those that the vendor calls sensitive; not in lists.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
    /// Who gets a copy of the vendor's e-mails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<String>,
    /// Whom the vendor contacts about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The account's id.
    #[serde(rename = "custom_id")]
    pub account_id: AccountId,
    /// Whether it was opened in the vendor's console and adopted by the sync.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// Who created it through Polydesk; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Actor>,
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
    /// When support was last urged through Polydesk, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urge_time: Option<i64>,
    /// Who urged support then; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urged_by: Option<Actor>,
    /// The last rating that was given through Polydesk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<GivenRating>,
    /// Why the last close was refused, or why it can't go on, with a way out; until the next one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_error: Option<CloseError>,
    /// Who decided that the vendor has it; absent where no person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<Actor>,
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
    /// Who asked for the present close first; absent where nobody did: it ended at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<Actor>,
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
    /// SHA-256 over the archive's messages in order, and over the names, sizes and SHA-256 of its files, lower-case
    /// hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// How many files of its messages the archive does not hold; absent where it holds all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments_missing: Option<NonZero<u64>>,
    /// Each time that it was closed, oldest first, at most the last 200; absent on one that was never opened again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closings: Vec<Closing>,
    /// Its messages that were withdrawn at the vendor through Polydesk, the first one first; not in lists. The archive
    /// keeps them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawals: Vec<Withdrawal>,
    /// Its texts and files were erased: `name` is empty, and the other texts are absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<Erasure>,
    /// It is not erased as long as this is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// When the vendor was found to list its product no longer, Unix milliseconds. Only `GET /tickets/{id}` shows it;
    /// it is stored at the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_removed_time: Option<i64>,
    /// The same of its problem type.
    #[serde(rename = "product_business_removed_time", default, skip_serializing_if = "Option::is_none")]
    pub problem_type_removed_time: Option<i64>,
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
            severity_id: None,
            extra: Map::new(),
            cc: Vec::new(),
            contact: None,
            account_id: account.id.clone(),
            adopted: false,
            created_by: None,
            vendor_status: None,
            vendor_phase: None,
            awaiting: None,
            times: ConversationTimes::default(),
            urge_time: None,
            urged_by: None,
            rating: None,
            close_error: None,
            resolved_by: None,
            candidates: Vec::new(),
            create_time,
            update_time: None,
            close_time: None,
            closed_by: None,
            resolution_ms: None,
            message_count: None,
            shown_count: None,
            digest: None,
            attachments_missing: None,
            closings: Vec::new(),
            withdrawals: Vec::new(),
            erased: None,
            hold: None,
            product_removed_time: None,
            problem_type_removed_time: None,
        }
    }
}

impl Ticket {
    /// The begin of the keys of its transcripts in the bucket: `transcripts/<vendor>/<yyyy>/<mm>/<ticket>.`, by the
    /// month of its create time in UTC.
    pub fn transcript_prefix(&self) -> String {
        let day = Day::of(self.create_time).to_string();
        let mut parts = day.split('-');
        let (year, month) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        format!("transcripts/{}/{year}/{month}/{}.", self.vendor, self.id)
    }
}

/// A difference of two clocks as it is stored, at least 0.
fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<i64>::deserialize(deserializer)?.map(|ms| ms.max(0)))
}
