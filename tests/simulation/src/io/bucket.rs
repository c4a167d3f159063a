//! The bucket for files, in process. It has no versions, and checks no signature.

use std::{collections::BTreeMap, sync::Arc};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use shared::{
    bucket::{BucketAnswer, BucketSend},
    digest::sha256_hex,
};

use super::{
    faulty_call::{AwsCall, with_fault},
    point,
};
use crate::{
    process::{CallTarget, ProcessContext, RunningInvocation, lock},
    world::SimulatedWorld,
};

/// Its name.
pub const BUCKET: &str = "simulation-files";

/// The objects, by their keys.
#[derive(Debug, Default)]
pub struct SimulatedBucket(BTreeMap<String, Bytes>);

impl SimulatedBucket {
    /// The objects, by their keys.
    pub fn objects(&self) -> &BTreeMap<String, Bytes> {
        &self.0
    }

    /// Stores an object, as whoever has the link does.
    pub fn put_by_link(&mut self, link: &str, bytes: Bytes) {
        let request = Request::put(link).body(bytes).expect("a link");
        self.answer(&request);
    }

    fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let key = key(request);
        match *request.method() {
            Method::PUT => {
                self.0.insert(key.to_owned(), request.body().clone());
                with_etag(Bytes::new(), request.body())
            }
            Method::GET => self.0.get(key).map_or_else(missing, |bytes| with_etag(bytes.clone(), bytes)),
            Method::HEAD => self.0.get(key).map_or_else(missing, head),
            _ => status(StatusCode::NOT_IMPLEMENTED),
        }
    }
}

fn key(request: &Request<Bytes>) -> &str {
    let path = request.uri().path();
    path.strip_prefix(&format!("/{BUCKET}/")).unwrap_or_default()
}

fn with_etag(body: Bytes, content: &Bytes) -> Response<Bytes> {
    let mut answer = Response::new(body);
    let etag = HeaderValue::from_str(&format!("\"{}\"", &sha256_hex(content)[..32])).expect("a header");
    answer.headers_mut().insert(header::ETAG, etag);
    answer
}

fn head(bytes: &Bytes) -> Response<Bytes> {
    let mut answer = with_etag(Bytes::new(), bytes);
    answer.headers_mut().insert(header::CONTENT_LENGTH, bytes.len().into());
    answer
}

fn missing() -> Response<Bytes> {
    status(StatusCode::NOT_FOUND)
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = status;
    answer
}

/// Sends a process's requests to the simulated bucket, with injected faults.
pub struct FaultyBucketSender(pub Arc<ProcessContext>);

impl BucketSend for FaultyBucketSender {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, BucketAnswer> {
        let (world, run) = (Arc::clone(&self.0.world), self.0.run());
        let answer = async move {
            let run = run.ok_or("the schedule has not begun")?;
            let point = point::bucket(run.function, request.method(), key(&request));
            let answer = with_fault(&world, &run, point, CallTarget::Aws, ObjectCall(request)).await;
            Ok(answer.ok_or("the connection was reset")?.map(SdkBody::from))
        };
        answer.boxed()
    }
}

/// A request for an object.
#[derive(Clone)]
struct ObjectCall(Request<Bytes>);

impl AwsCall for ObjectCall {
    type Answer = Response<Bytes>;

    fn effect(&self, world: &SimulatedWorld) -> Response<Bytes> {
        lock(&world.bucket).answer(&self.0)
    }

    /// An object is stored whole or not at all.
    fn partial(&self, world: &SimulatedWorld, _: &RunningInvocation) -> Response<Bytes> {
        self.effect(world)
    }

    fn throttled() -> Response<Bytes> {
        status(StatusCode::SERVICE_UNAVAILABLE)
    }

    fn failed() -> Response<Bytes> {
        status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn summary(answer: &Response<Bytes>) -> String {
        answer.status().as_u16().to_string()
    }
}
