//! The closes of a ticket that was opened again.

use serde::{Deserialize, Serialize};

use super::{Actor, Ticket};

/// The most closings that are kept of a ticket: an item of the table has 400 KB.
pub const MAX_CLOSINGS: usize = 200;

/// One close of a ticket that was opened again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Closing {
    /// When the archive was committed, Unix milliseconds.
    pub close_time: i64,
    /// Who asked for the close first; absent where nobody did: it ended at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<Actor>,
    /// How many messages the archive held.
    pub message_count: u64,
    /// The archive's digest.
    pub digest: String,
    /// When the ticket was found to be open again, Unix milliseconds; absent on the last close of a closed ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopen_time: Option<i64>,
    /// Who opened it again; absent where it was found open at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened_by: Option<Actor>,
}

/// Whether a vendor may still show the status of before a ticket was opened again at `reopen_time`: until the settle
/// time is over. All are Unix milliseconds, or milliseconds.
pub fn may_show_earlier_status(reopen_time: Option<i64>, settle_time_ms: i64, now_ms: i64) -> bool {
    reopen_time.is_some_and(|time| time.saturating_add(settle_time_ms) > now_ms)
}

/// When the ticket of these closings was last found to be open again, Unix milliseconds; `None` while it is closed.
pub fn reopen_time(closings: &[Closing]) -> Option<i64> {
    closings.last().and_then(|closing| closing.reopen_time)
}

impl Ticket {
    /// When it was last found to be open again, Unix milliseconds; `None` while it is closed.
    pub fn reopen_time(&self) -> Option<i64> {
        reopen_time(&self.closings)
    }

    /// Its closings with the present one, which replaces what is known of it. The oldest go where there are more than
    /// [`MAX_CLOSINGS`].
    pub fn closings_with(&self, close_time: i64, message_count: u64, digest: Option<&str>) -> Vec<Closing> {
        let mut closings = self.closings.clone();
        closings.pop_if(|last| last.reopen_time.is_none());
        let digest = digest.unwrap_or_default().to_owned();
        let closed_by = self.closed_by.clone();
        closings.push(Closing { close_time, closed_by, message_count, digest, reopen_time: None, reopened_by: None });
        let excess = closings.len().saturating_sub(MAX_CLOSINGS);
        closings.split_off(excess)
    }
}
