//! What an account's keys may do at its vendor, as harmless reads have found it. Nobody learns it from a refused ticket.

use serde::{Deserialize, Serialize};

use crate::problem_code::ProblemCode;

/// Something that a ticket needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RightName {
    /// Products are read.
    Products,
    /// Tickets are listed.
    Tickets,
    /// The messages of a ticket are read.
    Messages,
    /// The vendor lets these keys create tickets: the customer may reserve it for some users.
    Creation,
    /// The newest service agreement for new tickets is signed.
    Agreement,
    /// Contacts that are verified, so that support may write to them. Only their number is read.
    Contacts,
    /// Tickets are left in the quota of the support plan.
    Quota,
}

/// Whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum RightState {
    /// It is there.
    Granted,
    /// The vendor says that it is not.
    Missing,
    /// It could not be read, which says nothing.
    Unknown,
}

/// One right, as it was last read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Right {
    /// Which.
    pub name: RightName,
    /// Whether it is there.
    pub state: RightState,
    /// How many verified contacts there are, or how many tickets are left, where the vendor tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Our stable code, as in a problem body, where a read failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub code: Option<ProblemCode>,
    /// Of a missing one what a person does, of an unknown one why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Of a missing one the vendor's page where a person grants it, or that says how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// What an account's keys may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountRights {
    /// When it was read, Unix milliseconds.
    pub check_time: i64,
    /// Each right that the vendor can tell, in a fixed order.
    pub items: Vec<Right>,
}
