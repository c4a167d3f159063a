//! DynamoDB, Secrets Manager and EventBridge in process, behind the SDK's HTTP connector trait.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The services.
#[derive(Clone)]
pub struct AwsInProcess {
    database: Database,
    secrets: Arc<HashMap<String, String>>,
    events: Arc<Mutex<VecDeque<Value>>>,
}

impl std::fmt::Debug for AwsInProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AwsInProcess")
    }
}

impl AwsInProcess {
    /// Services over that engine, with these secrets.
    pub fn new(database: Database, secrets: HashMap<String, String>) -> Self {
        Self { database, secrets: Arc::new(secrets), events: Arc::default() }
    }

    /// A client that reaches them.
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// The next event on the bus, as a rule delivers it.
    pub fn next_event(&self) -> Option<Value> {
        self.events.lock().unwrap().pop_front()
    }

    fn answer(&self, target: &str, body: &[u8]) -> (u16, String) {
        let (service, operation) = target.split_once('.').unwrap();
        let request: Value = serde_json::from_slice(body).unwrap();
        match service {
            "secretsmanager" => {
                let name = request["SecretId"].as_str().unwrap();
                (200, json!({"Name": name, "SecretString": self.secrets[name]}).to_string())
            }
            "AWSEvents" => {
                let entries = request["Entries"].as_array().unwrap();
                let event = |entry: &Value| {
                    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
                    json!({"source": entry["Source"], "detail-type": entry["DetailType"], "detail": detail})
                };
                self.events.lock().unwrap().extend(entries.iter().map(event));
                let ids: Vec<_> = entries.iter().map(|_| json!({"EventId": "event"})).collect();
                (200, json!({"FailedEntryCount": 0, "Entries": ids}).to_string())
            }
            _ => self.table(operation, body),
        }
    }

    fn table(&self, operation: &str, body: &[u8]) -> (u16, String) {
        let db = &self.database;
        let done = match operation {
            "CreateTable" => run(body, |request| db.create_table(request)),
            "UpdateTimeToLive" => run(body, |request| db.update_time_to_live(request)),
            "GetItem" => run(body, |request| db.get_item(request)),
            "PutItem" => run(body, |request| db.put_item(request)),
            "UpdateItem" => run(body, |request| db.update_item(request)),
            "DeleteItem" => run(body, |request| db.delete_item(request)),
            "Query" => run(body, |request| db.query(request)),
            "BatchGetItem" => run(body, |request| db.batch_get_item(request)),
            "BatchWriteItem" => run(body, |request| db.batch_write_item(request)),
            "TransactWriteItems" => run(body, |request| db.transact_write_items(request)),
            _ => panic!("{operation} is not expected"),
        };
        match done {
            Ok(json) => (200, json),
            Err(error) => (error.status_code(), error.to_json()),
        }
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

impl HttpClient for AwsInProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for AwsInProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let (status, body) = self.answer(&target, request.body().bytes().unwrap_or_default());
        let status = StatusCode::try_from(status).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}
