//! The actions that calls to AWS need.

use crate::support::AwsCalls;

/// Before the start of a key, in the list of what a function needs.
pub const WRITES: &str = "writes ";

/// What was needed since this was last asked for: actions, and whose items were written, as `writes TICKET#`.
pub fn needed_now(calls: &AwsCalls) -> Vec<String> {
    let called = calls.take();
    let written = calls.take_written_keys();
    let kinds = written.iter().map(|key| format!("{WRITES}{}", kind(key)));
    called.iter().flat_map(|target| actions(target)).chain(kinds).collect()
}

/// The key up to its first `#`; a key without one is the only one of its kind.
fn kind(key: &str) -> &str {
    key.find('#').map_or(key, |end| &key[..=end])
}

/// The actions that a call needs.
fn actions(target: &str) -> Vec<String> {
    let (service, operation) = target.split_once('.').unwrap();
    let service = match service {
        "DynamoDB_20120810" => "dynamodb",
        "secretsmanager" => "secretsmanager",
        "AWSEvents" => "events",
        "AmazonSQS" => "sqs",
        _ => panic!("{target}"),
    };
    match operation.strip_prefix("TransactWriteItems:") {
        Some(kinds) => kinds.split('+').map(|kind| format!("{service}:{}", item_action(kind))).collect(),
        None => vec![format!("{service}:{operation}")],
    }
}

/// The action that one part of a transaction needs.
fn item_action(kind: &str) -> String {
    if kind == "ConditionCheck" { "ConditionCheckItem".into() } else { format!("{kind}Item") }
}
