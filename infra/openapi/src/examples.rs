//! Examples of requests and answers, taken from a run: `tests/suite/examples.rs` writes them.

use std::sync::LazyLock;

use serde_json::Value;

static EXAMPLES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../examples.json")).unwrap_or_default());

/// The body of a request of that operation; `None` where it has none.
pub fn request(operation: &str) -> Option<Value> {
    Some(EXAMPLES[operation]["request"].clone()).filter(|body| !body.is_null())
}

/// The body of an answer of that operation with that status; `None` where the example is of another.
pub fn answer(operation: &str, status: u16) -> Option<Value> {
    let example = &EXAMPLES[operation];
    Some(example["answer"].clone()).filter(|_| example["status"] == status)
}
