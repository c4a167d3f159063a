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
use dynoxide::Database;
use local::dynamodb;
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
            _ => dynamodb::call(&self.database, operation, body),
        }
    }
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
        response(status, body)
    }
}

/// The response of an AWS service.
pub fn response(status: u16, body: String) -> HttpConnectorFuture {
    let status = StatusCode::try_from(status).unwrap();
    HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
}
