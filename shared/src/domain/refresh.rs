//! A refresh run: what became of each vendor's catalog.

use serde::{Deserialize, Serialize};

use super::{Actor, RunId, Site, Vendor};
use crate::problem_code::ProblemCode;

/// A refresh of one or all catalogs, as stored and as shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefreshRun {
    /// Our id. A run that the registration of an account started has the account's id.
    pub id: RunId,
    /// The vendor that was asked for; absent: all.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<Vendor>,
    /// How far it is: the least finished of its vendors.
    pub state: RunState,
    /// When it was asked for, Unix milliseconds.
    pub create_time: i64,
    /// Who asked for it; absent where the schedule did, or that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Actor>,
    /// When its last vendor was done, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<i64>,
    /// Why it failed as a whole; what failed at one vendor stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RefreshError>,
    /// One entry for each vendor and site that has an account.
    #[serde(default)]
    pub vendors: Vec<VendorRefresh>,
}

impl RefreshRun {
    /// How long a run may take before it counts as lost, milliseconds: the time for which EventBridge and Lambda keep
    /// its event with retries (5 and 10 minutes), and the longest run (5).
    pub const LOST_AFTER_MS: i64 = 20 * 60 * 1000;

    /// A run that was asked for at `create_time`, Unix milliseconds, and has not begun.
    pub fn pending(id: RunId, vendor: Option<Vendor>, create_time: i64, created_by: Option<Actor>) -> Self {
        let (state, vendors) = (RunState::Pending, Vec::new());
        Self { id, vendor, state, create_time, created_by, end_time: None, error: None, vendors }
    }

    /// Whether it will read the catalogs of a vendor: it has not ended, and is of that vendor or of all.
    pub fn will_read(&self, vendor: Vendor) -> bool {
        let is_open = matches!(self.state, RunState::Pending | RunState::Running);
        is_open && self.vendor.is_none_or(|of| of == vendor)
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Asked for, not begun.
    Pending,
    /// Under way.
    Running,
    /// Complete for every vendor.
    Complete,
    /// Over, and failed for at least one vendor.
    Failed,
}

/// The result for one vendor's catalog at one site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VendorRefresh {
    /// The vendor.
    #[serde(rename = "type")]
    pub vendor: Vendor,
    /// The vendor's site.
    pub site: Site,
    /// `complete` or `failed`.
    pub state: RunState,
    /// Entries that are new, or listed again after they were removed.
    pub added: u64,
    /// Entries whose name or other content changed.
    pub changed: u64,
    /// Entries that the vendor no longer lists.
    pub removed: u64,
    /// Entries that are as they were.
    pub unchanged: u64,
    /// Vendor calls that failed for good.
    pub failed: u64,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RefreshError>,
}

/// Why a vendor's refresh failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefreshError {
    /// Our stable code, as in a problem body.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub code: ProblemCode,
    /// A sentence that may be shown.
    pub detail: String,
}
