//! Leases: the right of one holder to work on an item until a time.
//!
//! A ticket has one while its create call may be under way (`creating`, `unknown`), while its conversation is copied
//! (`open`), while it is closed (`closing`) and during its post-close recheck (`closed`). An idempotency record and a
//! reply have that of their request.

use serde::{Deserialize, Serialize};

use super::{condition::Condition, number, text};

/// A lease with its fencing token: a write under a condition on the token fails once another holder has taken the item
/// over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The fencing token: random, because two leases may begin and end in the same milliseconds.
    #[serde(rename = "lease_token")]
    pub token: String,
    /// The end, Unix milliseconds.
    #[serde(rename = "lease_until")]
    pub until_ms: i64,
}

pub(super) const TOKEN: &str = "lease_token";
pub(super) const UNTIL: &str = "lease_until";

/// The item has no lease at `now_ms`.
pub(super) fn is_free(now_ms: i64) -> Condition {
    Condition::Missing(UNTIL).or(Condition::less(UNTIL, number(now_ms)))
}

/// The item's lease is the one with this token.
pub(super) fn is_held(token: &str) -> Condition {
    Condition::equals(TOKEN, text(token))
}
