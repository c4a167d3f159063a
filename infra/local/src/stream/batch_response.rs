//! Partial batch responses of a stream, as Lambda reads them:
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html>.

use serde_json::Value;

/// The sequence number of a record.
pub(super) fn sequence(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

/// The index of the first record that must be delivered again; `None` when the whole batch succeeded.
///
/// A missing or unknown identifier makes the whole batch fail.
pub(super) fn first_failure(records: &[Value], answer: &Value) -> Option<usize> {
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    let indexes = failures.map(|failure| {
        let identifier = failure["itemIdentifier"].as_str();
        records.iter().position(|record| Some(sequence(record)) == identifier).unwrap_or(0)
    });
    indexes.min()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_failure_counts() {
        let records: Vec<Value> =
            ["11", "12", "13"].iter().map(|n| json!({"dynamodb": {"SequenceNumber": n}})).collect();
        let failed = |ids: &[&str]| {
            let failures: Vec<Value> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
            first_failure(&records, &json!({ "batchItemFailures": failures }))
        };
        assert_eq!(failed(&[]), None);
        assert_eq!(failed(&["13", "12"]), Some(1));
        assert_eq!(failed(&["99"]), Some(0));
        assert_eq!(first_failure(&records, &json!({"batchItemFailures": [{}]})), Some(0));
        assert_eq!(first_failure(&records, &Value::Null), None);
    }
}
