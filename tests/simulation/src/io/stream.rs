//! The table's stream: every committed change in order, in Lambda's format.

use dynoxide::{Database, actions};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::table::TABLE;

/// A reader of the table's stream.
pub struct StreamReader {
    database: Database,
    arn: String,
    shard: String,
    after: Option<String>,
}

/// The engine's page size.
const PAGE: usize = 1000;

impl StreamReader {
    /// The stream of the one table, after the record of that sequence number, or from its first record; `None` while
    /// there is no table.
    pub fn open(database: Database, after: Option<String>) -> Option<Self> {
        let streams = database.list_streams(read(json!({"TableName": TABLE}))).ok()?;
        let arn = streams.streams.first()?.stream_arn.clone();
        let described = database.describe_stream(read(json!({"StreamArn": arn}))).ok()?;
        let shard = described.stream_description.shards.first()?.shard_id.clone();
        Some(Self { database, arn, shard, after })
    }

    /// The sequence number of the last record.
    pub fn last(mut self) -> Option<String> {
        while !self.next().is_empty() {}
        self.after
    }

    /// The next records. Random ids of the engine are replaced by ids made of sequence numbers.
    pub fn next(&mut self) -> Vec<Value> {
        let kind = if self.after.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let mut request = json!({"StreamArn": self.arn, "ShardId": self.shard, "ShardIteratorType": kind});
        if let Some(after) = &self.after {
            request["SequenceNumber"] = json!(after);
        }
        let iterator = self.database.get_shard_iterator(read(request)).expect("the stream has an iterator");
        let request = actions::get_records::GetRecordsRequest {
            shard_iterator: iterator.shard_iterator.unwrap_or_default(),
            limit: Some(PAGE),
        };
        let answer = self.database.get_records(request).expect("the stream can be read");
        let record = |record| serde_json::to_value(record).expect("records are JSON");
        let mut records: Vec<_> = answer.records.into_iter().map(record).collect();
        for record in &mut records {
            let number = sequence(record).to_owned();
            record["eventID"] = json!(format!("event-{number}"));
            record["eventSourceARN"] = json!(self.arn);
            record["eventSource"] = json!("aws:dynamodb");
            self.after = Some(number);
        }
        records
    }
}

/// A record's sequence number.
pub fn sequence(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

fn read<T: DeserializeOwned>(request: Value) -> T {
    serde_json::from_value(request).expect("a request of the engine")
}
