//! A table's stream and a scripted function: which records are delivered, and which are delivered again.

use std::{path::PathBuf, sync::Arc, time::Duration};

use dynoxide::Database;
use local::{
    stream::{StreamConsumer, TableStream},
    template::{EventSource, Mapping, Pattern},
};
use serde_json::{Value, json};

use crate::support::Scripted;

const TABLE: &str = "items";

/// A database with one table and its stream.
fn database() -> Database {
    let database = Database::memory().unwrap();
    let table = json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    });
    database.create_table(serde_json::from_value(table).unwrap()).unwrap();
    database
}

fn put(database: &Database, key: &str, value: &str) {
    let request = json!({"TableName": TABLE, "Item": {"PK": {"S": key}, "value": {"S": value}}});
    database.put_item(serde_json::from_value(request).unwrap()).unwrap();
}

fn mapping(batch_size: usize, filters: &[Value]) -> Mapping {
    let filters = filters.iter().map(|filter| Pattern::new(filter).unwrap()).collect();
    Mapping {
        logical_id: "Mapping".into(),
        source: EventSource::Stream { filters, bisect: true },
        function: "consumer".into(),
        batch_size,
    }
}

fn start(database: &Database, file: Option<PathBuf>, mapping: Mapping, function: &Arc<Scripted>) -> StreamConsumer {
    let stream = TableStream::open(database.clone(), TABLE, file).unwrap();
    StreamConsumer::start(stream, mapping, Duration::from_secs(5), function.clone())
}

/// The keys of the records in each call.
fn keys(function: &Scripted) -> Vec<String> {
    let key = |record: &Value| record["dynamodb"]["Keys"]["PK"]["S"].as_str().unwrap().to_owned();
    let of_call = |event: &Value| event["Records"].as_array().unwrap().iter().map(key).collect();
    function.calls().iter().map(|(_, event)| of_call(event)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_have_the_form_of_lambda_events() {
    let (database, function) = (database(), Scripted::new(|_| Ok(json!({"batchItemFailures": []}))));
    put(&database, "a", "old");
    put(&database, "a", "new");
    let stream = start(&database, None, mapping(10, &[]), &function);
    stream.wait_until_idle().await;
    let [(name, event)] = function.calls().try_into().unwrap();
    assert_eq!(name, "consumer");
    let [insert, modify] = event["Records"].as_array().unwrap().as_slice() else { panic!("{event}") };
    assert_eq!((&insert["eventName"], &modify["eventName"]), (&json!("INSERT"), &json!("MODIFY")));
    assert_eq!(modify["eventSource"], "aws:dynamodb");
    assert_eq!(modify["dynamodb"]["Keys"], json!({"PK": {"S": "a"}}));
    assert_eq!(modify["dynamodb"]["OldImage"]["value"], json!({"S": "old"}));
    assert_eq!(modify["dynamodb"]["NewImage"]["value"], json!({"S": "new"}));
    assert!(modify["dynamodb"]["ApproximateCreationDateTime"].is_number());
    assert!(modify["eventSourceARN"].as_str().unwrap().contains("table/items/stream/"));
    stream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_repeated_from_the_record_that_failed() {
    let database = database();
    for key in ["a", "b", "c", "d"] {
        put(&database, key, "");
    }
    let numbers = TableStream::open(database.clone(), TABLE, None).unwrap().read(10).await.unwrap();
    let of_b = numbers[1]["dynamodb"]["SequenceNumber"].clone();
    let function = Scripted::new(move |call| {
        let failed = if call == 1 { json!([{"itemIdentifier": of_b}]) } else { json!([]) };
        Ok(json!({ "batchItemFailures": failed }))
    });
    let stream = start(&database, None, mapping(3, &[]), &function);
    stream.wait_until_idle().await;
    assert_eq!(keys(&function), ["abc", "bcd"]);
    stream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_fails_as_a_whole_is_halved() {
    let database = database();
    for key in ["a", "b", "c", "d"] {
        put(&database, key, "");
    }
    let function = Scripted::new(|call| if call < 3 { Err("scripted".to_owned()) } else { Ok(Value::Null) });
    let stream = start(&database, None, mapping(4, &[]), &function);
    stream.wait_until_idle().await;
    assert_eq!(keys(&function), ["abcd", "ab", "a", "bcd"]);
    stream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_records_that_match_the_filter_are_delivered() {
    let (database, function) = (database(), Scripted::new(|_| Ok(Value::Null)));
    for key in ["x1", "a1", "x2", "a2", "x3"] {
        put(&database, key, "");
    }
    let filter = json!({"dynamodb": {"Keys": {"PK": {"S": [{"prefix": "a"}]}}}});
    let stream = start(&database, None, mapping(10, &[filter]), &function);
    stream.wait_until_idle().await;
    assert_eq!(keys(&function), ["a1a2"]);
    stream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_consumer_delivers_nothing() {
    let (database, function) = (database(), Scripted::new(|_| Ok(Value::Null)));
    let stream = start(&database, None, mapping(10, &[]), &function);
    let paused = stream.pause().await;
    put(&database, "a", "");
    let early = tokio::time::timeout(Duration::from_millis(500), stream.wait_until_idle()).await;
    assert!(early.is_err() && function.calls().is_empty());
    drop(paused);
    stream.wait_until_idle().await;
    assert_eq!(keys(&function), ["a"]);
    stream.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_position_survives_a_restart_but_not_a_new_stream() {
    let file = std::env::temp_dir().join(format!("polydesk-stream-{}.json", std::process::id()));
    let (first, function) = (database(), Scripted::new(|_| Ok(Value::Null)));
    put(&first, "a", "");
    for key in ["b", "c"] {
        let stream = start(&first, Some(file.clone()), mapping(10, &[]), &function);
        stream.wait_until_idle().await;
        stream.stop().await;
        put(&first, key, "");
    }
    assert_eq!(keys(&function), ["a", "b"]);
    // Another stream is read from its start, in spite of the file.
    let second = database();
    put(&second, "d", "");
    let stream = start(&second, Some(file.clone()), mapping(10, &[]), &function);
    stream.wait_until_idle().await;
    stream.stop().await;
    assert_eq!(keys(&function), ["a", "b", "d"]);
    std::fs::remove_file(file).unwrap();
}
