//! What an audit record says: who wrote what, when, and with which outcome.

use serde::{Deserialize, Serialize};

use super::{AccountId, AuditRecordId, TicketId};

/// One call of a route that writes, done or refused. It is never changed, so it has no text of a ticket and no name
/// that a token gives: an erasure would not reach them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditRecord {
    /// Its id.
    pub id: AuditRecordId,
    /// When the call began, Unix milliseconds.
    pub time: i64,
    /// Who called: with IAM the ARN of the role's session or of the user, with tokens the claim `sub`. Absent where the
    /// API was called without either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The route, for example `POST /tickets/{id}/close`.
    pub route: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// Why it was refused, or failed: the code of the problem; absent where it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whether the answer replayed that of an earlier call with the same key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replayed: bool,
    /// The account that it is about, as far as it is known.
    #[serde(default, rename = "custom_id", skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The ticket that it is about, also one that does not exist or is another account's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<TicketId>,
    /// The id of what it is about of the ticket or beside one: a reply, a vendor's message that is withdrawn, an
    /// upload, or a refresh run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The run of the function, as in problems and logs.
    pub request_id: String,
    /// The vendor's id of the last request that writes there; absent where there was none, or the vendor named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_request_id: Option<String>,
}
