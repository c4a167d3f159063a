//! An HTTP client for the AWS SDK that records the calls, and cancels transactions where a test asks for it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use serde_json::{Value, json};
use shared::{clock::SystemClock, https::aws_client};

use super::aws_in_process::response;

/// The calls to AWS so far, the SDK's own retries included.
#[derive(Clone, Debug, Default)]
pub struct AwsCalls {
    targets: Arc<Mutex<Vec<String>>>,
    /// The partition keys of the items that were written or checked.
    written: Arc<Mutex<Vec<String>>>,
    /// The trace header of each event that was put on the bus.
    traces: Arc<Mutex<Vec<Option<String>>>>,
    /// The transaction that is cancelled, as [`take`](Self::take) names it, and why.
    cancelled: Arc<Mutex<Option<(&'static str, &'static str)>>>,
    /// The partition into which no single item can be put.
    refusing_partition: Arc<Mutex<Option<&'static str>>>,
}

impl AwsCalls {
    /// How many calls to DynamoDB were made so far.
    pub fn to_table(&self) -> usize {
        self.targets.lock().unwrap().iter().filter(|target| target.starts_with("DynamoDB")).count()
    }

    /// The calls since this was last asked for, as `<service prefix>.<operation>`; a transaction with what it
    /// consists of, as `….TransactWriteItems:Put+Update`.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.targets.lock().unwrap())
    }

    /// The partition keys of the items that were written, or checked by a transaction, since this was last asked for.
    pub fn take_written_keys(&self) -> Vec<String> {
        std::mem::take(&mut *self.written.lock().unwrap())
    }

    /// The trace header of each event that was put on the bus so far.
    pub fn trace_headers(&self) -> Vec<Option<String>> {
        self.traces.lock().unwrap().clone()
    }

    /// From now on every transaction that consists of `actions` is cancelled for that reason; `None`: no longer.
    pub fn cancel(&self, actions: &'static str, reason: Option<&'static str>) {
        *self.cancelled.lock().unwrap() = reason.map(|reason| (actions, reason));
    }

    /// From now on the role may not put a single item into the partition with that key; `None`: it may.
    pub fn refuse_puts_into(&self, partition: Option<&'static str>) {
        *self.refusing_partition.lock().unwrap() = partition;
    }

    fn refusal(&self, request: &HttpRequest) -> Option<HttpConnectorFuture> {
        let partition = (*self.refusing_partition.lock().unwrap())?;
        let body = named(request).ends_with(".PutItem").then(|| request.body().bytes().unwrap())?;
        let body: Value = serde_json::from_slice(body).unwrap();
        (body["Item"]["PK"]["S"] == partition).then(|| {
            let kind = "com.amazon.coral.service#AccessDeniedException";
            response(400, json!({"__type": kind, "Message": "not authorized"}).to_string())
        })
    }

    /// The answer to a transaction that is cancelled.
    fn cancellation(&self, request: &HttpRequest) -> Option<HttpConnectorFuture> {
        let (actions, reason) = (*self.cancelled.lock().unwrap())?;
        named(request).ends_with(&format!(".TransactWriteItems:{actions}")).then(|| {
            let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
            let body = json!({"__type": kind, "Message": "cancelled", "CancellationReasons": [{"Code": reason}]});
            response(400, body.to_string())
        })
    }

    fn record(&self, request: &HttpRequest) {
        let target = named(request);
        if target == "AWSEvents.PutEvents" {
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let headers = body["Entries"].as_array().unwrap().iter().map(|entry| &entry["TraceHeader"]);
            self.traces.lock().unwrap().extend(headers.map(|header| header.as_str().map(str::to_owned)));
        }
        if WRITES.iter().any(|write| target.contains(write)) {
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            add_keys(&body, &mut self.written.lock().unwrap());
        }
        self.targets.lock().unwrap().push(target);
    }

    /// The client that records its calls here.
    pub fn client(&self) -> SharedHttpClient {
        let inner = aws_client(Arc::new(SystemClock));
        SharedHttpClient::new(Recording { inner, calls: self.clone() })
    }
}

/// The operations that write items of the table.
const WRITES: [&str; 5] = [".PutItem", ".UpdateItem", ".DeleteItem", ".BatchWriteItem", ".TransactWriteItems"];

/// Adds the partition key of each `Item` and `Key` in a request.
fn add_keys(request: &Value, keys: &mut Vec<String>) {
    let members = request.as_object().into_iter().flatten();
    for (name, value) in members {
        match (name.as_str(), value["PK"]["S"].as_str()) {
            ("Item" | "Key", Some(key)) => keys.push(key.to_owned()),
            _ => add_keys(value, keys),
        }
    }
    request.as_array().into_iter().flatten().for_each(|part| add_keys(part, keys));
}

#[derive(Debug)]
struct Recording<T> {
    inner: T,
    calls: AwsCalls,
}

impl HttpClient for Recording<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Recording { inner, calls: self.calls.clone() })
    }
}

impl HttpConnector for Recording<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.calls.record(&request);
        let failure = self.calls.cancellation(&request).or_else(|| self.calls.refusal(&request));
        failure.unwrap_or_else(|| self.inner.call(request))
    }
}

fn named(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    if !target.ends_with(".TransactWriteItems") {
        return target.to_owned();
    }
    let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
    let actions = body["TransactItems"].as_array().unwrap().iter();
    let kinds: BTreeSet<&str> =
        actions.flat_map(|action| action.as_object().unwrap().keys().map(String::as_str)).collect();
    format!("{target}:{}", kinds.into_iter().collect::<Vec<_>>().join("+"))
}
