//! DynamoDB in process: the embedded engine, called with the JSON of the wire.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use dynoxide::{Database, actions};
use serde_json::{Value, json};

use super::stream::StreamReader;
use crate::clock::VirtualClock;

/// Name of the one table.
pub const TABLE: &str = "polydesk";

/// The engine with its one table.
#[derive(Clone)]
pub struct SimulatedTable {
    database: Database,
    calls: Arc<AtomicU64>,
}

/// An answer of the engine: HTTP status and JSON.
pub type EngineAnswer = (u16, String);

impl SimulatedTable {
    /// An empty engine on the schedule's clock.
    pub fn new(clock: VirtualClock) -> Self {
        let database = Database::memory_with_clock(clock.for_table()).expect("an engine in memory opens");
        Self { database, calls: Arc::default() }
    }

    /// Replaces everything with the image that [`Self::save_image`] wrote.
    pub fn restore(&self, image: &std::path::Path) {
        self.database.restore_from(&image.to_string_lossy()).expect("the image is the engine's own");
    }

    /// Writes everything to a file.
    pub fn save_image(&self, image: &std::path::Path) {
        self.database.vacuum_into(&image.to_string_lossy()).expect("the image can be written");
    }

    /// Carries out one operation of the wire protocol.
    pub fn call(&self, operation: &str, body: &[u8]) -> EngineAnswer {
        if !matches!(operation, "GetItem" | "Query" | "BatchGetItem") {
            self.calls.fetch_add(1, Ordering::Relaxed);
        }
        local::dynamodb::call(&self.database, operation, body)
    }

    /// Grows with every call that may have changed something.
    pub fn writes(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// The stream of the table, after the record of that sequence number, or from its first record.
    pub fn stream(&self, after: Option<String>) -> Option<StreamReader> {
        StreamReader::open(self.database.clone(), after)
    }

    /// The items in a partition of an index, as plain JSON.
    pub fn of_index(&self, index: &str, partition: &str) -> Vec<Value> {
        let request = json!({
            "TableName": TABLE,
            "IndexName": index,
            "KeyConditionExpression": format!("{index}PK = :pk"),
            "ExpressionAttributeValues": {":pk": {"S": partition}},
        });
        let (_, answer) = self.call("Query", request.to_string().as_bytes());
        let answer: Value = serde_json::from_str(&answer).expect("an answer is JSON");
        answer["Items"].as_array().into_iter().flatten().map(plain_item).collect()
    }

    /// Every item as plain JSON, by partition and sort key.
    pub fn dump(&self) -> BTreeMap<(String, String), Value> {
        let mut items = BTreeMap::new();
        let mut start = Value::Null;
        loop {
            let mut request = json!({"TableName": TABLE});
            if !start.is_null() {
                request["ExclusiveStartKey"] = start;
            }
            let request: actions::scan::ScanRequest = serde_json::from_value(request).expect("a scan");
            let answer = self.database.scan(request).expect("the table can be read");
            let answer = serde_json::to_value(&answer).expect("an answer is JSON");
            for item in answer["Items"].as_array().into_iter().flatten() {
                let item = plain_item(item);
                let key = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
                items.insert((key("PK"), key("SK")), item);
            }
            start = answer["LastEvaluatedKey"].clone();
            if start.is_null() {
                return items;
            }
        }
    }
}

/// An item without DynamoDB's type names.
pub fn plain_item(item: &Value) -> Value {
    let fields = item.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.clone(), plain(value))).collect::<serde_json::Map<_, _>>().into()
}

fn plain(value: &Value) -> Value {
    let Some((kind, value)) = value.as_object().and_then(|object| object.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "N" => value.as_str().and_then(|text| text.parse::<i64>().ok()).map_or_else(|| value.clone(), Value::from),
        "M" => plain_item(value),
        "L" => value.as_array().into_iter().flatten().map(plain).collect::<Vec<_>>().into(),
        "NULL" => Value::Null,
        _ => value.clone(),
    }
}
