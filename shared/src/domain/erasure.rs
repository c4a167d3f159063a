//! What is known of a ticket whose texts were erased, and what keeps a ticket from being erased.

use serde::{Deserialize, Serialize};

/// How long after its mark a ticket is erased for the last time, milliseconds: longer than any function may run. Until
/// then a run that read the ticket before could write something of it.
pub const ERASURE_SETTLE_MS: i64 = 15 * 60 * 1000;

/// The most characters of a reason.
pub const MAX_REASON_CHARS: usize = 200;

/// How far an erasure has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ErasureState {
    /// Texts or files may still be there: for about 15 minutes, and as long as the bucket keeps a locked file.
    Pending,
    /// Nothing is left in the table and in the bucket.
    Done,
}

/// Who erased a ticket's texts and files, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Erasure {
    /// When it was asked for, Unix milliseconds.
    pub time: i64,
    /// The caller, as API Gateway names it: the ARN of a role or user, or the subject of a token. Absent where it is
    /// not known, and where the time that tickets are kept was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The reason that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How far it has come.
    pub state: ErasureState,
}

/// Who keeps a ticket from being erased, since when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hold {
    /// Since when, Unix milliseconds.
    pub time: i64,
    /// The caller, as API Gateway names it; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The reason that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
