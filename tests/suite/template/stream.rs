//! How the table's stream comes to the bus.

use local::template::{Document, Source};
use serde_json::{Value, json};

use super::TEMPLATE;

fn properties(logical_id: &str) -> &'static Value {
    &TEMPLATE.document.resource(logical_id).unwrap()["Properties"]
}

#[test]
fn no_record_of_the_stream_is_given_up() {
    let stream = properties("PublishEventsStream");
    assert_eq!(Document::text(&stream["EventSourceArn"]).unwrap(), "${Table.StreamArn}");
    assert_eq!(stream["FunctionName"]["Ref"], "PublishEventsFunction.Alias");
    for (name, value) in [
        ("StartingPosition", json!("TRIM_HORIZON")),
        ("BatchSize", json!(100)),
        ("MaximumBatchingWindowInSeconds", json!(1)),
        ("BisectBatchOnFunctionError", json!(true)),
        ("MaximumRetryAttempts", json!(-1)),
        ("MaximumRecordAgeInSeconds", json!(-1)),
        ("FunctionResponseTypes", json!(["ReportBatchItemFailures"])),
    ] {
        assert_eq!(stream[name], value, "{name}");
    }
    // More than one shard's batch at a time would keep the order too, but by partition key only.
    assert!(stream.get("ParallelizationFactor").is_none());
    let destination = &stream["DestinationConfig"]["OnFailure"]["Destination"];
    assert_eq!(Document::text(destination).unwrap(), "${StreamDeadLetterQueue.Arn}");
}

#[test]
fn the_stream_is_filtered_by_keys() {
    let mapping = TEMPLATE.mapping(|source| matches!(source, Source::Stream { .. })).unwrap();
    let takes = |pk: &str, sk: &str| {
        mapping.source.takes(&json!({"dynamodb": {"Keys": {"PK": {"S": pk}, "SK": {"S": sk}}}}))
    };
    for (pk, sk) in [("TICKET#1", "TICKET"), ("TICKET#1", "REPLY#1"), ("REFRESH#1", "REFRESH")] {
        assert!(takes(pk, sk), "{pk} {sk}");
    }
    for (pk, sk) in [
        ("TICKET#1", "MESSAGE#1772600767089#00002#m9"),
        ("TICKET#1", "LATE"),
        ("IDEMPOTENCY#1", "IDEMPOTENCY"),
        ("CATALOG#HUAWEI#china", "PRODUCT#1"),
        ("CLOUD#HUAWEI#1#2", "TICKET"),
        ("ACCOUNT#1", "ACCOUNT"),
    ] {
        assert!(!takes(pk, sk), "{pk} {sk}");
    }
}

#[test]
fn parked_events_are_published_when_an_operator_says_so() {
    let redrive = properties("PublishEventsRedrive");
    assert_eq!(Document::text(&redrive["EventSourceArn"]).unwrap(), "${StreamDeadLetterQueue.Arn}");
    assert_eq!(redrive["FunctionName"]["Ref"], "PublishEventsFunction.Alias");
    assert_eq!(redrive["Enabled"], json!({"Ref": "RedriveEvents"}));
    assert_eq!(TEMPLATE.document.at("/Parameters/RedriveEvents/Default"), Some(&json!("false")));
    assert_eq!(redrive["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));

    let queue = properties("StreamDeadLetterQueue");
    assert_eq!(queue["MessageRetentionPeriod"], 14 * 24 * 60 * 60);
    assert_eq!(queue["SqsManagedSseEnabled"], true);
    // A message must not come back while the function still has it.
    let function = TEMPLATE.function("publish-events").unwrap();
    assert_eq!(queue["VisibilityTimeout"], 6 * function.timeout.as_secs());
}
