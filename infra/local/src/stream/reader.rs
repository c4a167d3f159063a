//! Reads the stream of one table from the embedded DynamoDB and stores the position. Knows no function.

use std::{io, path::PathBuf};

use dynoxide::{
    Database,
    actions::{
        describe_stream::DescribeStreamRequest, get_records::GetRecordsRequest,
        get_shard_iterator::GetShardIteratorRequest, list_streams::ListStreamsRequest,
    },
};
use loopback::private_file;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Why a stream could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The engine.
    #[error("the stream could not be read: {0}")]
    Engine(String),
    /// The table has no stream, or one with several shards.
    #[error("the table has no stream with one shard")]
    NoStream,
    /// The file with the position.
    #[error("the stream's position could not be stored: {0}")]
    Position(#[from] io::Error),
}

impl From<dynoxide::DynoxideError> for StreamError {
    fn from(error: dynoxide::DynoxideError) -> Self {
        Self::Engine(error.to_string())
    }
}

/// The position in a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StreamPosition {
    /// The stream. A new table has another one.
    stream: String,
    /// The last record that is done.
    sequence: String,
}

/// A table's stream. The engine keeps all records, in one shard for a table.
pub struct TableStream {
    database: Database,
    arn: String,
    shard: String,
    position: Option<StreamPosition>,
    file: Option<PathBuf>,
}

impl TableStream {
    /// The stream of `table`, from the position in `file`, or from its oldest record.
    ///
    /// # Errors
    ///
    /// The table has no stream with one shard, or the engine or the file can't be read.
    pub fn open(database: Database, table: &str, file: Option<PathBuf>) -> Result<Self, StreamError> {
        let request = ListStreamsRequest { table_name: Some(table.to_owned()), ..Default::default() };
        let stream = database.list_streams(request)?.streams.pop().ok_or(StreamError::NoStream)?;
        let request = DescribeStreamRequest { stream_arn: stream.stream_arn.clone(), ..Default::default() };
        let mut shards = database.describe_stream(request)?.stream_description.shards;
        let (Some(shard), true) = (shards.pop(), shards.is_empty()) else {
            return Err(StreamError::NoStream);
        };
        let stored = file.as_deref().map(private_file::read).transpose()?.flatten();
        // Without a valid position the stream is read from its start: events are published again, and none is lost.
        let stored = stored.and_then(|stored| serde_json::from_slice::<StreamPosition>(&stored).ok());
        let position = stored.filter(|stored| stored.stream == stream.stream_arn);
        Ok(Self { database, arn: stream.stream_arn, shard: shard.shard_id, position, file })
    }

    /// Up to `limit` records after the position, in the form of Lambda events.
    ///
    /// # Errors
    ///
    /// The engine can't be read.
    pub async fn read(&self, limit: usize) -> Result<Vec<Value>, StreamError> {
        let sequence_number = self.position.as_ref().map(|position| position.sequence.clone());
        let kind = if sequence_number.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let request = GetShardIteratorRequest {
            stream_arn: self.arn.clone(),
            shard_id: self.shard.clone(),
            shard_iterator_type: kind.to_owned(),
            sequence_number,
        };
        let database = self.database.clone();
        let read = move || {
            let shard_iterator = database.get_shard_iterator(request)?.shard_iterator.unwrap_or_default();
            database.get_records(GetRecordsRequest { shard_iterator, limit: Some(limit) })
        };
        let read = tokio::task::spawn_blocking(read).await;
        let records = read.map_err(|error| StreamError::Engine(error.to_string()))??.records;
        let shown = records.iter().map(|record| {
            let mut record = serde_json::to_value(record).map_err(|e| StreamError::Engine(e.to_string()))?;
            record["eventSourceARN"] = json!(self.arn);
            Ok(record)
        });
        shown.collect()
    }

    /// Moves the position behind the record `sequence`.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub fn advance_to(&mut self, sequence: &str) -> Result<(), StreamError> {
        let position = StreamPosition { stream: self.arn.clone(), sequence: sequence.to_owned() };
        if let Some(file) = &self.file {
            private_file::replace(file, json!(position).to_string().as_bytes())?;
        }
        self.position = Some(position);
        Ok(())
    }
}
