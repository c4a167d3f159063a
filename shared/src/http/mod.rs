//! HTTP for the functions: reading requests, answers, problems, cursors, idempotency keys. Knows no Lambda type.

pub mod fields;
pub mod idempotency;
pub mod page;
pub mod problem;

use std::{future::Future, time::Duration};

use ::http::{
    HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use serde::Serialize;
use tokio::time::Instant;

pub use fields::Fields;

use crate::{
    clock::Clock,
    error::{Error, Result},
    store::StoredAnswer,
};

/// Header of an answer that was given before.
pub const REPLAYED_HEADER: &str = "idempotency-replayed";

/// What is kept back from the time that is left, to answer in.
const ANSWER_RESERVE: Duration = Duration::from_millis(500);

/// One run of a function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// When the answer must be on its way.
    pub deadline: Instant,
    /// Lambda's id of the run, shown in problems and logs.
    pub request_id: String,
}

impl Invocation {
    /// A run that Lambda ends at `ends_at_ms` (Unix milliseconds).
    pub fn new(ends_at_ms: u64, request_id: &str, clock: &dyn Clock) -> Self {
        let now_ms = u64::try_from(clock.now_ms()).unwrap_or_default();
        let left = Duration::from_millis(ends_at_ms.saturating_sub(now_ms));
        Self {
            deadline: Instant::now() + left.saturating_sub(ANSWER_RESERVE),
            request_id: request_id.to_owned(),
        }
    }

    /// The time that is left.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The same run with `reserve` kept back from its time.
    pub fn keep_back(&self, reserve: Duration) -> Instant {
        Instant::now() + self.remaining().saturating_sub(reserve)
    }
}

/// The path's segments, as they stand: `/tickets/a%2Fb` has `tickets` and `a%2Fb`, which is no valid id.
pub fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

/// Waits for `work` and turns its failure into a problem, logged once.
pub async fn answer(
    invocation: &Invocation,
    work: impl Future<Output = Result<Response<String>>>,
) -> Response<String> {
    match work.await {
        Ok(response) => response,
        Err(error) => problem::answer(&error, &invocation.request_id),
    }
}

/// `404` for a method and path that the function does not serve.
pub fn no_route() -> Error {
    Error::not_found("There is no such route.").with_code("route_not_found")
}

/// A JSON body as an answer to keep.
pub fn stored_answer(
    status: StatusCode,
    location: Option<String>,
    body: &impl Serialize,
) -> Result<StoredAnswer> {
    let body = serde_json::to_string(body)
        .map_err(|source| Error::unexpected("The answer could not be written.").with_source(source))?;
    Ok(StoredAnswer {
        status: status.as_u16(),
        location,
        body,
    })
}

/// A JSON answer.
pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Response<String>> {
    respond(stored_answer(status, None, body)?, false)
}

/// `204`.
pub fn no_content() -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// Sends an answer, first or `replayed`.
pub fn respond(answer: StoredAnswer, replayed: bool) -> Result<Response<String>> {
    let mut response = Response::new(answer.body);
    *response.status_mut() = StatusCode::from_u16(answer.status)
        .map_err(|source| Error::unexpected("A kept answer has no valid status.").with_source(source))?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(location) = answer.location {
        let location = HeaderValue::try_from(location).map_err(|source| {
            Error::unexpected("An answer's location is not a header.").with_source(source)
        })?;
        headers.insert(LOCATION, location);
    }
    if replayed {
        headers.insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
    }
    Ok(response)
}
