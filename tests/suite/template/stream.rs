//! How the table's stream comes to the bus.

use local::template::TemplateDocument;
use publish_events::stream::PARK_AFTER_MS;
use serde_json::{Value, json};

use super::TEMPLATE;

const HOUR: i64 = 60 * 60;

fn properties(logical_id: &str) -> &'static Value {
    &TEMPLATE.document.resource(logical_id).unwrap()["Properties"]
}

#[test]
fn only_a_record_that_ends_the_function_is_skipped_and_its_position_is_stored() {
    let stream = properties("PublishEventsStream");
    assert_eq!(TemplateDocument::text(&stream["EventSourceArn"]).unwrap(), "${Table.StreamArn}");
    assert_eq!(stream["FunctionName"]["Ref"], "PublishEventsFunction.Alias");
    for (name, value) in [
        ("StartingPosition", json!("TRIM_HORIZON")),
        ("BatchSize", json!(100)),
        ("MaximumBatchingWindowInSeconds", json!(1)),
        ("BisectBatchOnFunctionError", json!(true)),
        ("MaximumRetryAttempts", json!(-1)),
        ("MaximumRecordAgeInSeconds", json!(22 * HOUR)),
        // More than one shard's batch at a time would keep the order too, but by partition key only.
        ("ParallelizationFactor", json!(1)),
        ("FunctionResponseTypes", json!(["ReportBatchItemFailures"])),
    ] {
        assert_eq!(stream[name], value, "{name}");
    }
    // The function sends old events to the queue before Lambda skips them: it sends the event, and Lambda only its
    // position. The stream, which deletes records after 24 hours, still has a skipped record.
    let oldest_s = stream["MaximumRecordAgeInSeconds"].as_i64().unwrap();
    let dead_letter_s = PARK_AFTER_MS / 1000;
    assert!(dead_letter_s + HOUR <= oldest_s && oldest_s + HOUR <= 24 * HOUR, "{dead_letter_s} s, {oldest_s} s");
    let destination = &stream["DestinationConfig"]["OnFailure"]["Destination"];
    assert_eq!(TemplateDocument::text(destination).unwrap(), "${StreamDeadLetterQueue.Arn}");
}

#[test]
fn the_stream_is_filtered_by_keys() {
    let mapping = TEMPLATE.stream_of("publish-events").unwrap();
    let takes =
        |pk: &str, sk: &str| mapping.source.accepts(&json!({"dynamodb": {"Keys": {"PK": {"S": pk}, "SK": {"S": sk}}}}));
    for (pk, sk) in [("TICKET#1", "TICKET"), ("TICKET#1", "REPLY#1"), ("REFRESH#1", "REFRESH")] {
        assert!(takes(pk, sk), "{pk} {sk}");
    }
    for (pk, sk) in [
        ("TICKET#1", "MESSAGE#1772600767089#00002#m9"),
        ("TICKET#1", "ABANDONED"),
        ("IDEMPOTENCY#1", "IDEMPOTENCY"),
        ("CATALOG#HUAWEI#china", "PRODUCT#1"),
        ("CLOUD#HUAWEI#1#2", "TICKET"),
        ("ACCOUNT#1", "ACCOUNT"),
    ] {
        assert!(!takes(pk, sk), "{pk} {sk}");
    }
}

#[test]
fn tickets_are_counted_from_the_same_stream_and_no_record_is_dropped_soon() {
    let stream = properties("UpdateStatisticsStream");
    assert_eq!(TemplateDocument::text(&stream["EventSourceArn"]).unwrap(), "${Table.StreamArn}");
    assert_eq!(stream["FunctionName"]["Ref"], "UpdateStatisticsFunction.Alias");
    for name in [
        "StartingPosition",
        "BatchSize",
        "BisectBatchOnFunctionError",
        "MaximumRetryAttempts",
        "MaximumRecordAgeInSeconds",
        "ParallelizationFactor",
        "FunctionResponseTypes",
    ] {
        assert_eq!(stream[name], properties("PublishEventsStream")[name], "{name}");
    }
    let destination = &stream["DestinationConfig"]["OnFailure"]["Destination"];
    assert_eq!(TemplateDocument::text(destination).unwrap(), "${StatisticsDeadLetterQueue.Arn}");
    let mapping = TEMPLATE.stream_of("update-statistics").unwrap();
    let takes =
        |pk: &str, sk: &str| mapping.source.accepts(&json!({"dynamodb": {"Keys": {"PK": {"S": pk}, "SK": {"S": sk}}}}));
    assert!(takes("TICKET#1", "TICKET"));
    for (pk, sk) in [
        ("TICKET#1", "REPLY#1"),
        ("TICKET#1", "MESSAGE#1772600767089#00002#m9"),
        ("CLOUD#HUAWEI#1#2", "TICKET"),
        ("REFRESH#1", "REFRESH"),
        // What the function writes must not start it again.
        ("COUNTED#1", "0"),
        ("STATISTICS#0#HUAWEI", "2026-01-15#A1"),
    ] {
        assert!(!takes(pk, sk), "{pk} {sk}");
    }
}

#[test]
fn dead_letters_are_published_when_a_parameter_enables_it() {
    let redrive = properties("PublishEventsRedrive");
    assert_eq!(TemplateDocument::text(&redrive["EventSourceArn"]).unwrap(), "${StreamDeadLetterQueue.Arn}");
    assert_eq!(redrive["FunctionName"]["Ref"], "PublishEventsFunction.Alias");
    assert_eq!(redrive["Enabled"], json!({"Ref": "RedriveEvents"}));
    assert_eq!(TEMPLATE.document.at("/Parameters/RedriveEvents/Default"), Some(&json!("false")));
    assert_eq!(redrive["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));

    let queue = properties("StreamDeadLetterQueue");
    // A message must not come back while the function still has it.
    let function = TEMPLATE.function("publish-events").unwrap();
    assert_eq!(queue["VisibilityTimeout"], 6 * function.timeout.as_secs());
}
