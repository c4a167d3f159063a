//! What a customer says of the support for a ticket.

use serde::{Deserialize, Serialize};

use super::Actor;

/// A rating of the support for a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rating {
    /// Whether the problem is solved. Not every vendor is told.
    pub solved: bool,
    /// From 1, very dissatisfied, to 5, very satisfied.
    pub score: u8,
    /// What the customer adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A rating that the vendor has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GivenRating {
    /// The rating.
    #[serde(flatten)]
    pub rating: Rating,
    /// When it was given, Unix milliseconds.
    pub time: i64,
    /// Who gave it; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
}
