//! AWS in process, behind the SDK's own HTTP connector trait: each attempt of the SDK is one call with a fate of its own.

use std::{io, sync::Arc, time::Duration};

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
use tokio::time::sleep;

use super::{
    fate::{Fate, Side},
    point,
};
use crate::{
    process::{Peer, Run, Seat, lock},
    world::World,
};

/// The door of one process to AWS.
#[derive(Clone)]
pub struct AwsDoor(pub Arc<Seat>);

impl std::fmt::Debug for AwsDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AwsDoor")
    }
}

impl HttpClient for AwsDoor {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for AwsDoor {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let (world, run) = (Arc::clone(&self.0.world), self.0.run());
        HttpConnectorFuture::new(async move {
            match run {
                None => respond(effect(&world, &target, &body)),
                Some(run) => pass(&world, &run, target, body).await,
            }
        })
    }
}

type Answered = Result<HttpResponse, ConnectorError>;

async fn pass(world: &Arc<World>, run: &Arc<Run>, target: String, body: Vec<u8>) -> Answered {
    let read: Value = serde_json::from_slice(&body).unwrap_or_default();
    let point = point::aws(run.function, &target, &read);
    let peer = if target.starts_with("AWSEvents") { Peer::Bus } else { Peer::Aws };
    let decision = run.decide(world, &point, peer);
    sleep(Duration::from_millis(decision.there_ms)).await;
    let done = |after: Side| (after == Side::After).then(|| effect(world, &target, &body));
    let tell = |what: &str| world.tell(run, &point, what);
    let answer = match decision.fate {
        Fate::Pass => effect(world, &target, &body),
        Fate::Crash(side) => {
            done(side);
            tell(&format!("CRASH {side:?}"));
            run.die().await;
            return cut();
        }
        Fate::Cut(side) => {
            done(side);
            tell(&format!("cut {side:?}"));
            return cut();
        }
        Fate::Late(late_ms) => {
            tell(&format!("cut, takes effect {late_ms} ms later"));
            let (world, point) = (Arc::clone(world), point.clone());
            tokio::spawn(async move {
                sleep(Duration::from_millis(late_ms)).await;
                let (status, _) = effect(&world, &target, &body);
                world.note(&format!("late: {point} → {status}"));
            });
            return cut();
        }
        Fate::Hang(side) => {
            done(side);
            tell(&format!("hang {side:?}"));
            std::future::pending::<()>().await;
            return cut();
        }
        Fate::Throttle => error("ThrottlingException", "Rate exceeded."),
        Fate::Garbled(_, side) => {
            done(side);
            (500, json!({"__type": "InternalServerError", "message": "told to fail"}).to_string())
        }
        Fate::Partial => partial(world, run, &target, &body, read),
    };
    sleep(Duration::from_millis(decision.back_ms)).await;
    tell(&summary(&decision.fate, &answer));
    respond(answer)
}

fn summary(fate: &Fate, (status, body): &(u16, String)) -> String {
    let kind = if *status == 200 { None } else { serde_json::from_str::<Value>(body).ok() };
    let kind = kind.as_ref().and_then(|body| body["__type"].as_str()?.rsplit('#').next().map(str::to_owned));
    match fate {
        Fate::Pass => format!("{status} {}", kind.unwrap_or_default()),
        fate => format!("{fate:?} {status} {}", kind.unwrap_or_default()),
    }
}

/// Carries the call out.
fn effect(world: &World, target: &str, body: &[u8]) -> (u16, String) {
    let (service, operation) = target.split_once('.').unwrap_or_default();
    match service {
        "secretsmanager" => lock(&world.secrets).call(operation, body),
        "AmazonSQS" => lock(&world.queue).call(operation, body),
        "AWSEvents" => put_events(world, body, || false),
        _ => {
            let answer = world.table.call(operation, body);
            world.written.notify_one();
            answer
        }
    }
}

fn put_events(world: &World, body: &[u8], refuse: impl FnMut() -> bool) -> (u16, String) {
    let answer = lock(&world.bus).put(body, world.clock.now_ms(), refuse);
    world.arrived.notify_one();
    answer
}

/// A part of a batch is done and the rest handed back; a transaction or an update meets another one; a query's page ends
/// early; each entry of a `PutEvents` is taken or refused by itself.
fn partial(world: &World, run: &Run, target: &str, body: &[u8], mut read: Value) -> (u16, String) {
    let whole = |body: &[u8]| effect(world, target, body);
    match target.split_once('.').unwrap_or_default() {
        ("AWSEvents", _) => put_events(world, body, || run.draw(|rng| rng.chance(500))),
        (_, "TransactWriteItems") => {
            let count = read["TransactItems"].as_array().map_or(0, Vec::len);
            let mut reasons = vec![json!({"Code": "None"}); count];
            if let Some(first) = reasons.last_mut() {
                *first =
                    json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"});
            }
            let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
            let body =
                json!({"__type": kind, "Message": "Transaction cancelled", "CancellationReasons": reasons});
            (400, body.to_string())
        }
        (_, "UpdateItem") => error("TransactionConflictException", "Transaction is ongoing for the item"),
        (_, "BatchWriteItem") => {
            let rest = split_off(&mut read["RequestItems"], |table| table.as_array_mut());
            handed_back(whole(read.to_string().as_bytes()), "UnprocessedItems", rest)
        }
        (_, "BatchGetItem") => {
            let rest = split_off(&mut read["RequestItems"], |table| table["Keys"].as_array_mut());
            handed_back(whole(read.to_string().as_bytes()), "UnprocessedKeys", rest)
        }
        (_, "Query") => {
            read["Limit"] = json!(1);
            whole(read.to_string().as_bytes())
        }
        _ => whole(body),
    }
}

/// Takes the second half out of each table's requests, and gives it in the same form.
fn split_off(tables: &mut Value, list: impl Fn(&mut Value) -> Option<&mut Vec<Value>>) -> Value {
    let mut rest = tables.clone();
    for table in tables.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
        if let Some(list) = list(table) {
            list.truncate(list.len().div_ceil(2));
        }
    }
    let mut anything = false;
    for table in rest.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
        if let Some(list) = list(table) {
            list.drain(..list.len().div_ceil(2));
            anything |= !list.is_empty();
        }
    }
    if anything { rest } else { json!({}) }
}

fn handed_back((status, body): (u16, String), name: &str, rest: Value) -> (u16, String) {
    let mut body: Value = serde_json::from_str(&body).unwrap_or_default();
    if status == 200 {
        body[name] = rest;
    }
    (status, body.to_string())
}

fn error(kind: &str, message: &str) -> (u16, String) {
    (400, json!({"__type": kind, "message": message}).to_string())
}

fn cut() -> Answered {
    let cut = io::Error::new(io::ErrorKind::ConnectionReset, "the connection was cut");
    Err(ConnectorError::io(cut.into()))
}

fn respond((status, body): (u16, String)) -> Answered {
    let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
    Ok(HttpResponse::new(status, SdkBody::from(body)))
}
