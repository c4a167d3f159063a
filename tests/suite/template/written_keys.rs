//! The items that each function may write, by the start of the partition key.

use std::collections::BTreeSet;

use serde_json::json;

use super::policies::{operations, service, statements};

/// The actions on items that write none.
const READS: [&str; 2] = ["dynamodb:BatchGetItem", "dynamodb:GetItem"];

/// Whose items each function may write, by the start of the partition key.
const WRITTEN: [(&str, &[&str]); 10] = [
    ("close-ticket", &["ACCOUNT#*", "IDEMPOTENCY#*", "PAGES#*", "TICKET#*"]),
    ("copy-attachments", &["ACCOUNT#*", "IDEMPOTENCY#*", "PAGES#*", "RETENTION", "TICKET#*"]),
    ("create-ticket", &["ACCOUNT#*", "CLOUD#*", "FORM#*", "IDEMPOTENCY#*", "TICKET#*", "UPLOAD#*"]),
    ("manage-accounts", &["ACCOUNT#*", "CUSTOMER#*", "IDEMPOTENCY#*", "REFRESH#*"]),
    ("query-tickets", &["ACCOUNT#*", "PAGES#*", "TICKET#*"]),
    (
        "refresh-catalog",
        &["ACCOUNT#*", "CATALOG#*", "CUSTOMER#*", "IDEMPOTENCY#*", "REFRESH#*", "REFRESH_FAILURES", "REFRESH_READ#*"],
    ),
    ("reply-ticket", &["ACCOUNT#*", "IDEMPOTENCY#*", "TICKET#*", "UPLOAD#*"]),
    ("resolve-outcome", &["ACCOUNT#*", "CLOUD#*", "IDEMPOTENCY#*", "TICKET#*"]),
    (
        "sync-tickets",
        &[
            "ACCOUNT#*",
            "CLOUD#*",
            "CUSTOMER#*",
            "IDEMPOTENCY#*",
            "PAGES#*",
            "REFRESH#*",
            "REFRESH_FAILURES",
            "TICKET#*",
        ],
    ),
    ("update-statistics", &["COUNTED#*", "STATISTICS", "STATISTICS#*"]),
];

/// The functions with routes that write. Each may put audit records, besides its own items, and do nothing else with
/// them.
const RECORDING: [&str; 6] =
    ["close-ticket", "create-ticket", "manage-accounts", "refresh-catalog", "reply-ticket", "resolve-outcome"];

/// `grants.rs` compares them with the keys that are written.
#[test]
fn writes_are_limited_by_the_start_of_the_partition_key() {
    // The operator for a key that has several values in a batch.
    let condition = |keys: &[&str]| json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys}});
    let mut expected = BTreeSet::new();
    for (function, keys) in WRITTEN {
        if RECORDING.contains(&function) {
            let mut with_audit = [keys, &["AUDIT"]].concat();
            with_audit.sort_unstable();
            expected.insert((function, true, condition(&with_audit).to_string()));
        }
        expected.insert((function, false, condition(keys).to_string()));
    }
    let mut found = BTreeSet::new();
    for (function, statement) in statements().filter(|(_, statement)| service(statement) == "dynamodb") {
        let writes = |action: &String| action.ends_with("Item") && !READS.contains(&action.as_str());
        if statement.actions.iter().any(writes) {
            assert!(statement.actions.iter().all(writes), "{}", function.package);
            let only_puts = operations(statement) == ["PutItem"];
            found.insert((function.package.as_str(), only_puts, statement.condition.to_string()));
        } else {
            assert!(statement.condition.is_null(), "{}", function.package);
        }
    }
    assert_eq!(found, expected);
}
