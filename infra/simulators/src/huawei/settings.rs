//! What can be switched where the vendor's behaviour is unknown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a successful CreateMessages or UpdateCases answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionSuccessBody {
    /// `{}`
    #[default]
    Object,
    /// No body at all.
    Empty,
    /// `{"error_code": null, "error_msg": null}`
    Nulls,
    /// `{"error_code": "OSM.0000", "error_msg": "success"}`
    Zeros,
}

/// What files the vendor takes, and how it says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessorySettings {
    /// The most files of a ticket or a message.
    pub count: usize,
    /// The most megabytes of a file.
    pub megabytes: usize,
    /// The endings of names that are taken, separated by commas; any where it is empty.
    pub types: String,
    /// What ShowAccessoryLimits says in place of that, as `accessory_limit`.
    pub shown: Option<Value>,
}

impl Default for AccessorySettings {
    fn default() -> Self {
        Self { count: 5, megabytes: 8, types: String::new(), shown: None }
    }
}

/// What the keys of the customer may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RightsSettings {
    /// Only users with the privilege create tickets.
    pub restricted: bool,
    /// The user has the privilege.
    pub may_create: bool,
    /// The newest agreement for new tickets is signed.
    pub signed: bool,
    /// Verified telephones and mailboxes.
    pub contacts: [usize; 2],
    /// The quota and what is left of it; the answer has none without it.
    pub quota: Option<[u64; 2]>,
}

impl Default for RightsSettings {
    fn default() -> Self {
        Self { restricted: false, may_create: true, signed: true, contacts: [1, 1], quota: Some([30, 28]) }
    }
}

/// What can be switched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HuaweiSettings {
    /// ShowCaseDetail gives at most that many messages.
    pub detail_limit: Option<usize>,
    /// They are the newest ones, not the oldest.
    pub detail_has_newest: bool,
    /// ShowCaseDetail has the last rating.
    pub detail_has_rating: bool,
    /// New tickets carry their description as the first message.
    pub description_is_first_message: bool,
    /// ListMessages begins with the newest.
    pub newest_message_first: bool,
    /// ListCases names its total `count`.
    pub total_as_count: bool,
    /// Lengths are counted in UTF-16 units.
    pub count_utf16: bool,
    /// What successful actions answer.
    pub action_answer: ActionSuccessBody,
    /// The only mailbox `remind_mail` may name; another one is `OSM.01010010`.
    pub registered_mail: Option<String>,
    /// Calls without `X-Domain-Id` are refused.
    pub require_domain_id: bool,
    /// DownloadAccessories gives no file; there are links only.
    pub links_only: bool,
    /// How long links to files are valid, in seconds; an hour without it.
    pub link_seconds: Option<u32>,
    /// What files are taken.
    pub accessories: AccessorySettings,
    /// What the keys may do.
    pub rights: RightsSettings,
    /// The rows of `extends_params`, by the id of the problem type. A ticket without a required one is refused.
    pub extends_params: BTreeMap<String, Vec<Value>>,
    /// The most addresses of a carbon copy.
    pub max_cc: usize,
    /// Whether the account has a choice of severities.
    pub severities: bool,
}

impl Default for HuaweiSettings {
    fn default() -> Self {
        Self {
            detail_limit: None,
            detail_has_newest: false,
            detail_has_rating: true,
            description_is_first_message: true,
            newest_message_first: false,
            total_as_count: false,
            count_utf16: false,
            action_answer: ActionSuccessBody::default(),
            registered_mail: None,
            require_domain_id: false,
            links_only: false,
            link_seconds: None,
            accessories: AccessorySettings::default(),
            rights: RightsSettings::default(),
            extends_params: BTreeMap::new(),
            max_cc: 10,
            severities: true,
        }
    }
}
