//! HTTP for the functions: reading requests, answers, problems, cursors, idempotency keys. Knows no Lambda type.

pub mod fields;
pub mod idempotency;
pub mod page;
pub mod problem;
#[cfg(feature = "schema")]
mod schema;

use std::{fmt, future::Future};

use ::http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use bytes::Bytes;
use serde::Serialize;
use tokio::time::timeout_at;

pub use fields::Fields;

use crate::{
    app::App,
    domain::{AccountId, ReplyId, TicketId},
    error::{Error, Result},
    invocation::Invocation,
    problem_code::ProblemCode,
    store::StoredAnswer,
    telemetry,
};

/// Header of a replayed answer.
pub const REPLAYED_HEADER: &str = "idempotency-replayed";

/// A call of one of the API's routes.
#[derive(Clone)]
pub struct HttpCall {
    /// The route's key as in the template, for example `GET /tickets/{id}`.
    pub route: String,
    /// The path's `{id}`, decoded and unchecked; empty where the route has none.
    pub id: String,
    /// The path's `{reply_id}`, decoded and unchecked; empty where the route has none.
    pub reply_id: String,
    /// The query's parameters, decoded, in any order.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The run of the function.
    pub invocation: Invocation,
}

/// Without body and headers: they hold keys, texts and tokens.
impl fmt::Debug for HttpCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCall").field("route", &self.route).field("id", &self.id).finish_non_exhaustive()
    }
}

impl HttpCall {
    /// The path's id; `InvalidInput` with code `invalid_id` when it is none.
    pub fn path_id<T: TryFrom<String, Error = Error>>(&self) -> Result<T> {
        read_id("id", &self.id)
    }

    /// The path's ticket: from here on the invocation is about it. Fails as [`path_id`](Self::path_id).
    pub fn ticket_id(&self) -> Result<TicketId> {
        let id = self.path_id()?;
        telemetry::set_ticket(&id);
        Ok(id)
    }

    /// The path's reply. Fails as [`path_id`](Self::path_id).
    pub fn reply_id(&self) -> Result<ReplyId> {
        read_id("reply_id", &self.reply_id)
    }

    /// The path's account: from here on the invocation is about it. Fails as [`path_id`](Self::path_id).
    pub fn account_id(&self) -> Result<AccountId> {
        let id = self.path_id()?;
        telemetry::set_account(&id);
        Ok(id)
    }

    /// Refuses query parameters, on a route that has none.
    pub fn no_query(&self) -> Result<()> {
        Fields::of_query(&self.query).finish(|| Some(()))
    }
}

fn read_id<T: TryFrom<String, Error = Error>>(name: &str, id: &str) -> Result<T> {
    let invalid = |_| Error::invalid_field(name, fields::ID_RULE).with_code(ProblemCode::InvalidId);
    T::try_from(id.to_owned()).map_err(invalid)
}

/// Serves `call` as an invocation of `function`: waits for `work` until the run's deadline. Its error becomes a
/// problem, logged once.
///
/// Work that is cancelled at the deadline leaves the same state as a crash; every use case can continue from it.
pub async fn answer(
    app: &App,
    function: &'static str,
    call: &HttpCall,
    work: impl Future<Output = Result<Response<String>>> + Send,
) -> Response<String> {
    let (invocation, work) = (&call.invocation, Box::pin(work));
    let work = async {
        let answer = timeout_at(invocation.deadline, work).await.unwrap_or_else(|_| {
            Err(Error::unavailable("The work was not done in time; send the same request again.")
                .with_code(ProblemCode::DeadlineReached))
        });
        answer.unwrap_or_else(|error| {
            telemetry::record_defect(&error);
            problem::answer(&error, &invocation.request_id)
        })
    };
    telemetry::run_instrumented(&app.telemetry, function, invocation, Box::pin(work)).await
}

/// The item. Where there is none: `404` with that code; the message is the meaning of the code.
pub fn found<T>(item: Option<T>, code: ProblemCode) -> Result<T> {
    item.ok_or_else(|| Error::new(code, code.meaning()))
}

/// `404` for a route that the function does not serve.
pub fn no_route() -> Error {
    Error::new(ProblemCode::RouteNotFound, "There is no such route.")
}

/// A JSON answer.
pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Response<String>> {
    respond(StoredAnswer::new(status.as_u16(), None, body)?, false)
}

/// `204`.
pub fn no_content() -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// Sends an answer, first or `replayed`.
pub fn respond(answer: StoredAnswer, replayed: bool) -> Result<Response<String>> {
    let has_body = !answer.body.is_empty();
    let mut response = Response::new(answer.body);
    *response.status_mut() = StatusCode::from_u16(answer.status)
        .map_err(|source| Error::unexpected("A stored answer has no valid status.").with_source(source))?;
    let headers = response.headers_mut();
    if has_body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(location) = answer.location {
        let location = HeaderValue::try_from(location)
            .map_err(|source| Error::unexpected("An answer's location is not a header.").with_source(source))?;
        headers.insert(LOCATION, location);
    }
    if replayed {
        headers.insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
    }
    Ok(response)
}
