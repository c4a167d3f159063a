//! An account: one set of keys at one vendor. It does not hold the keys.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AccountId, AccountRights, Actor, CustomerId, Site, TicketId, Vendor};
use crate::problem_code::ProblemCode;

/// One account at a vendor, as stored and as shown (original table `cloud_user`, without its keys).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Account {
    /// Our id, a ULID.
    pub id: AccountId,
    /// The vendor.
    #[serde(rename = "type")]
    pub vendor: Vendor,
    /// The vendor's site, decided by `region_id`.
    pub site: Site,
    /// The vendor's region of the account, for example `cn-hangzhou`.
    pub region_id: String,
    /// Base URL of the vendor's API when it is not the one that `region_id` decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Huawei's account id (`X-Domain-Id`), sent and signed when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<String>,
    /// The vendor's id of the customer behind the keys; absent until it was read for an account of an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// When it was registered, Unix milliseconds.
    pub create_time: i64,
    /// Who registered it; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Actor>,
    /// Who last changed it or its keys; absent where nobody did, or that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<Actor>,
    /// What the last check of the keys gave.
    #[serde(default)]
    pub health: AccountHealth,
    /// What its keys may do at the vendor; absent until it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<AccountRights>,
    /// Since when tickets that are opened in the vendor's console are adopted, Unix milliseconds; absent: they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopt_since: Option<i64>,
    /// Until when the vendor's list was read completely for the adoption, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adoption_read_until: Option<i64>,
    /// Until when the vendor asked to wait with calls, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_until: Option<i64>,
    /// The calls a minute that the vendor takes for it, as far as was found out; absent: 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_per_minute: Option<u32>,
    /// The vendor's own mark of the newest messages that it has told of (Huawei).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_messages_mark: Option<String>,
    /// The close that can't go on, with its reason; absent while every close goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_close: Option<BlockedClose>,
    /// When a ticket of it was last closed or removed, or a reopening of one began, Unix milliseconds; absent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_ended: Option<i64>,
    /// The check for closed tickets that are open at the vendor again; absent before the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopening_check: Option<ReopeningCheck>,
    /// Since when it is being removed, Unix milliseconds; it takes no new tickets then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleting: Option<i64>,
}

/// How far the vendor's list was read for closed tickets that are open there again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReopeningCheck {
    /// The vendor's position of the page to read next; 0 is the first one.
    pub position: u32,
    /// When that is read, Unix milliseconds.
    pub next_time: i64,
}

/// A close that can't go on. Its ticket shows the way out in `close_error`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlockedClose {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Our stable code, as in a problem body.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub code: ProblemCode,
    /// A sentence that may be shown.
    pub detail: String,
}

/// What the last check of an account's keys gave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountHealth {
    /// When the keys were last checked at the vendor, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_check: Option<i64>,
    /// Why the last check failed; absent when it passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<HealthError>,
}

/// Why a check of an account failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HealthError {
    /// Our stable code, as in a problem body.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub code: ProblemCode,
    /// A sentence that may be shown.
    pub detail: String,
}

/// An account's key pair at its vendor. Lives in Secrets Manager; `Debug` never shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountKeys {
    /// The key's id: AccessKey id, AK or SecretId.
    pub secret_id: String,
    /// The secret: AccessKey secret, SK or SecretKey.
    pub secret_key_secret: String,
}

impl fmt::Debug for AccountKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKeys(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_keys() {
        let keys = AccountKeys { secret_id: "AKIDcanary".into(), secret_key_secret: "canary-secret".into() };
        assert_eq!(format!("{keys:?}"), "AccountKeys(hidden)");
    }
}
