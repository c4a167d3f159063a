//! What can be switched where the vendor's behaviour is unknown.

use serde::{Deserialize, Serialize};

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

/// What can be switched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HuaweiSettings {
    /// ShowCaseDetail gives at most that many messages.
    pub detail_limit: Option<usize>,
    /// They are the newest ones, not the oldest.
    pub detail_has_newest: bool,
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
}

impl Default for HuaweiSettings {
    fn default() -> Self {
        Self {
            detail_limit: None,
            detail_has_newest: false,
            description_is_first_message: true,
            newest_message_first: false,
            total_as_count: false,
            count_utf16: false,
            action_answer: ActionSuccessBody::default(),
            registered_mail: None,
            require_domain_id: false,
        }
    }
}
