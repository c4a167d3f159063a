//! AWS in process, behind the SDK's HTTP connector trait: each attempt of the SDK is one call with its own fault.

use std::{io, sync::Arc};

use aws_smithy_runtime_api::{
    client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{
    faulty_call::{AwsCall, with_fault},
    point,
};
use crate::{
    process::{CallTarget, ProcessContext, RunningInvocation, lock},
    world::SimulatedWorld,
};

/// Sends a process's requests to the simulated AWS services, with injected faults.
#[derive(Clone)]
pub struct FaultyAwsClient(pub Arc<ProcessContext>);

impl std::fmt::Debug for FaultyAwsClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FaultyAwsClient")
    }
}

impl HttpClient for FaultyAwsClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for FaultyAwsClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let (world, run) = (Arc::clone(&self.0.world), self.0.run());
        HttpConnectorFuture::new(async move {
            let Some(run) = run else { return respond(effect(&world, &target, &body)) };
            let read: Value = serde_json::from_slice(&body).unwrap_or_default();
            let point = point::aws(run.function, &target, &read);
            let call_target = if target.starts_with("AWSEvents") { CallTarget::Bus } else { CallTarget::Aws };
            match with_fault(&world, &run, point, call_target, JsonCall { target, body, read }).await {
                Some(answer) => respond(answer),
                None => disconnect(),
            }
        })
    }
}

type AwsAnswer = Result<HttpResponse, ConnectorError>;

/// A call to a service that speaks JSON.
#[derive(Clone)]
struct JsonCall {
    target: String,
    body: Vec<u8>,
    read: Value,
}

impl AwsCall for JsonCall {
    type Answer = (u16, String);

    fn effect(&self, world: &SimulatedWorld) -> (u16, String) {
        effect(world, &self.target, &self.body)
    }

    fn partial(&self, world: &SimulatedWorld, run: &RunningInvocation) -> (u16, String) {
        partial(world, run, &self.target, &self.body, self.read.clone())
    }

    fn throttled() -> (u16, String) {
        error("ThrottlingException", "Rate exceeded.")
    }

    fn failed() -> (u16, String) {
        (500, json!({"__type": "InternalServerError", "message": "an injected fault"}).to_string())
    }

    fn summary((status, body): &(u16, String)) -> String {
        let kind = if *status == 200 { None } else { serde_json::from_str::<Value>(body).ok() };
        let kind = kind.as_ref().and_then(|body| body["__type"].as_str()?.rsplit('#').next().map(str::to_owned));
        format!("{status} {}", kind.unwrap_or_default())
    }
}

/// Carries the call out.
fn effect(world: &SimulatedWorld, target: &str, body: &[u8]) -> (u16, String) {
    let (service, operation) = target.split_once('.').unwrap_or_default();
    match service {
        "secretsmanager" => lock(&world.secrets).call(operation, body),
        "AmazonSQS" => lock(&world.queue).call(operation, body),
        "AWSEvents" => put_events(world, body, || false),
        _ => {
            let answer = world.table.call(operation, body);
            world.written.iter().for_each(Notify::notify_one);
            answer
        }
    }
}

fn put_events(world: &SimulatedWorld, body: &[u8], refuse: impl FnMut() -> bool) -> (u16, String) {
    let answer = lock(&world.bus).put(body, world.clock.now_ms(), refuse);
    world.new_events.notify_one();
    answer
}

/// Half of a batch is returned as unprocessed; a transaction or an update conflicts with another one; a query's page
/// has one item; each entry of a `PutEvents` is accepted or refused by itself.
fn partial(
    world: &SimulatedWorld,
    run: &RunningInvocation,
    target: &str,
    body: &[u8],
    mut read: Value,
) -> (u16, String) {
    let complete = |body: &[u8]| effect(world, target, body);
    match target.split_once('.').unwrap_or_default() {
        ("AWSEvents", _) => put_events(world, body, || run.draw(|rng| rng.chance(500))),
        (_, "TransactWriteItems") => {
            let count = read["TransactItems"].as_array().map_or(0, Vec::len);
            let mut reasons = vec![json!({"Code": "None"}); count];
            if let Some(first) = reasons.last_mut() {
                *first = json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"});
            }
            let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
            let body = json!({"__type": kind, "Message": "Transaction cancelled", "CancellationReasons": reasons});
            (400, body.to_string())
        }
        (_, "UpdateItem") => error("TransactionConflictException", "Transaction is ongoing for the item"),
        (_, "BatchWriteItem") => {
            let rest = split_off(&mut read["RequestItems"], |table| table.as_array_mut());
            with_unprocessed(complete(read.to_string().as_bytes()), "UnprocessedItems", rest)
        }
        (_, "BatchGetItem") => {
            let rest = split_off(&mut read["RequestItems"], |table| table["Keys"].as_array_mut());
            with_unprocessed(complete(read.to_string().as_bytes()), "UnprocessedKeys", rest)
        }
        (_, "Query") => {
            read["Limit"] = json!(1);
            complete(read.to_string().as_bytes())
        }
        _ => complete(body),
    }
}

/// Removes the second half of each table's requests and returns it in the same form.
fn split_off(tables: &mut Value, list: impl Fn(&mut Value) -> Option<&mut Vec<Value>>) -> Value {
    let mut rest = tables.clone();
    for table in tables.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
        if let Some(list) = list(table) {
            list.truncate(list.len().div_ceil(2));
        }
    }
    let mut has_rest = false;
    for table in rest.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
        if let Some(list) = list(table) {
            list.drain(..list.len().div_ceil(2));
            has_rest |= !list.is_empty();
        }
    }
    if has_rest { rest } else { json!({}) }
}

fn with_unprocessed((status, body): (u16, String), name: &str, rest: Value) -> (u16, String) {
    let mut body: Value = serde_json::from_str(&body).unwrap_or_default();
    if status == 200 {
        body[name] = rest;
    }
    (status, body.to_string())
}

fn error(kind: &str, message: &str) -> (u16, String) {
    (400, json!({"__type": kind, "message": message}).to_string())
}

fn disconnect() -> AwsAnswer {
    let error = io::Error::new(io::ErrorKind::ConnectionReset, "the connection was reset");
    Err(ConnectorError::io(error.into()))
}

fn respond((status, body): (u16, String)) -> AwsAnswer {
    let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
    Ok(HttpResponse::new(status, SdkBody::from(body)))
}
