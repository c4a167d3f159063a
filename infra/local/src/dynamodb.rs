//! DynamoDB: the embedded engine behind the protocol of the real AWS SDK client.
//!
//! The engine's own HTTP server is not used: it accepts every caller.

use std::{io, path::Path};

use dynoxide::{Database, DynoxideError};
use http::StatusCode;
use loopback::{AccessKey, Server, private_file};
use serde::{Serialize, de::DeserializeOwned};

use crate::aws_json::{self, AwsResponse, AwsService};

/// What SQLite adds to the name of a database for the files beside it.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A DynamoDB that is not started yet.
pub struct DynamoDb(Database);

impl DynamoDb {
    /// A DynamoDB on `engine`; clones of an engine share it.
    #[must_use]
    pub fn new(engine: Database) -> Self {
        Self(engine)
    }

    /// Serves on `127.0.0.1:port` for callers that sign with `access_key`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// The port is in use.
    pub async fn start(self, port: u16, access_key: &AccessKey) -> io::Result<Server> {
        aws_json::start(self, port, access_key).await
    }
}

impl AwsService for DynamoDb {
    const TARGET: &'static str = "DynamoDB_20120810";
    const CONTENT_TYPE: &'static str = aws_json::JSON_1_0;

    fn call(&self, operation: &str, body: &[u8]) -> AwsResponse {
        let (status, body) = call(&self.0, operation, body);
        (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body)
    }
}

/// Makes the files of the database private before the engine opens them. SQLite gives a new companion the mode of the
/// database.
pub(crate) fn make_private(file: &Path) -> io::Result<()> {
    for companion in COMPANIONS {
        let mut path = file.as_os_str().to_owned();
        path.push(companion);
        private_file::restrict(path.as_ref())?;
    }
    if file.try_exists()? { private_file::restrict(file) } else { private_file::create(file).map(drop) }
}

/// Carries out one operation of the wire protocol: HTTP status and JSON.
#[must_use]
pub fn call(engine: &Database, operation: &str, body: &[u8]) -> (u16, String) {
    let done = match operation {
        "CreateTable" => run(body, |request| engine.create_table(request)),
        "DescribeTable" => run(body, |request| engine.describe_table(request)),
        "UpdateTimeToLive" => run(body, |request| engine.update_time_to_live(request)),
        "DescribeTimeToLive" => run(body, |request| engine.describe_time_to_live(request)),
        "GetItem" => run(body, |request| engine.get_item(request)),
        "PutItem" => run(body, |request| engine.put_item(request)),
        "UpdateItem" => run(body, |request| engine.update_item(request)),
        "DeleteItem" => run(body, |request| engine.delete_item(request)),
        "Query" => run(body, |request| engine.query(request)),
        "Scan" => run(body, |request| engine.scan(request)),
        "BatchGetItem" => run(body, |request| engine.batch_get_item(request)),
        "BatchWriteItem" => run(body, |request| engine.batch_write_item(request)),
        "TransactGetItems" => run(body, |request| engine.transact_get_items(request)),
        "TransactWriteItems" => run(body, |request| engine.transact_write_items(request)),
        _ => {
            let answer = aws_json::answer(Err(aws_json::unknown_operation()));
            return (answer.0.as_u16(), answer.1);
        }
    };
    match done {
        Ok(json) => (200, json),
        Err(error) => (error.status_code(), error.to_json()),
    }
}

fn run<Request: DeserializeOwned, Response: Serialize>(
    body: &[u8],
    call: impl FnOnce(Request) -> dynoxide::Result<Response>,
) -> dynoxide::Result<String> {
    let request =
        serde_json::from_slice(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))?;
    serde_json::to_string(&call(request)?).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
