//! Messages that were withdrawn at the vendor.

use serde::{Deserialize, Serialize};

use super::Actor;

/// The most messages of a ticket that can be withdrawn: an item of the table has 400 KB.
pub const MAX_WITHDRAWALS: usize = 200;

/// A message that was withdrawn through Polydesk. The archive keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Withdrawal {
    /// The vendor's id of the message.
    pub message_id: String,
    /// When it was withdrawn, Unix milliseconds.
    pub time: i64,
    /// Who withdrew it; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
}

/// When the message was withdrawn, Unix milliseconds.
pub fn withdrawn_time(withdrawals: &[Withdrawal], message_id: &str) -> Option<i64> {
    withdrawals.iter().find(|withdrawal| withdrawal.message_id == message_id).map(|withdrawal| withdrawal.time)
}
