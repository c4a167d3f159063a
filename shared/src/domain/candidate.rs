//! What a vendor has that may be a ticket or a reply of indeterminate outcome.

use serde::{Deserialize, Serialize};

/// The most characters of [`Candidate::first_line`].
const MAX_LINE_CHARS: usize = 200;

/// A ticket or a message of the vendor that may be ours. A person decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Candidate {
    /// The vendor's id of the ticket or of the message.
    pub vendor_id: String,
    /// When the vendor says that it was created, Unix milliseconds; absent where that can't be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<i64>,
    /// The title or the first line of the text, up to 200 characters, without control characters; empty where the
    /// vendor does not show it.
    pub first_line: String,
}

impl Candidate {
    /// The candidate with that text.
    pub fn new(vendor_id: impl Into<String>, create_time: Option<i64>, text: &str) -> Self {
        let first_line = first_line(text).chars().filter(|c| !c.is_control()).take(MAX_LINE_CHARS).collect();
        Self { vendor_id: vendor_id.into(), create_time, first_line }
    }
}

/// The first line of `text` that is not blank, without white space at its ends.
pub fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}
