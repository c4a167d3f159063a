//! The document as a text.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// The media type that stands first: generators of clients read the first one of an answer only, and most errors are
/// those of the functions.
const FIRST: &str = "application/problem+json";

/// The document in JSON, indented, its members by name.
///
/// # Errors
/// None: a document is texts, numbers and lists of them.
pub fn text(document: &Value) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(&Ordered(document))? + "\n")
}

struct Ordered<'a>(&'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().map(|(name, value)| (name, Ordered(value))).collect();
                members.sort_by_key(|(name, _)| *name != FIRST);
                serializer.collect_map(members)
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            other => other.serialize(serializer),
        }
    }
}
