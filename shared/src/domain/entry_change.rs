//! The last change of an entry of the catalog.

use serde::{Deserialize, Serialize};

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// The vendor lists it for the first time, or again after its removal.
    Added,
    /// Its name or other content is another one.
    Changed,
    /// The vendor no longer lists it.
    Removed,
}

/// The last change of an entry, as a complete refresh found it. An earlier change is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EntryChange {
    /// What became of it.
    pub change: ChangeKind,
    /// When the refresh found it, Unix milliseconds.
    pub time: i64,
    /// The names of the fields that are others, of an entry that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

impl EntryChange {
    /// An entry that was added or removed.
    pub fn new(change: ChangeKind, time: i64) -> Self {
        Self { change, time, fields: Vec::new() }
    }
}
