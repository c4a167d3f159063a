//! HTTP for the functions: reading requests, answers, problems, cursors, idempotency keys. Knows no Lambda type.

pub mod access;
mod audit;
pub mod conditional;
pub mod fields;
pub mod idempotency;
pub mod page;
pub mod problem;
#[cfg(feature = "schema")]
mod schema;
pub mod warnings;
mod whole_number;

use std::{collections::HashMap, fmt, future::Future, pin::Pin};

use ::http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, IF_MATCH, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
};
use bytes::Bytes;
use serde::Serialize;
use tokio::time::timeout_at;

pub use fields::Fields;

use crate::{
    app::App,
    domain::{AccountAccess, AccountId, AttachmentId, IfMatch, ReplyId, Ticket, TicketId},
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
    /// The path's `{attachment_id}`, decoded and unchecked; empty where the route has none.
    pub attachment_id: String,
    /// The path's `{message_id}`, decoded and unchecked; empty where the route has none.
    pub message_id: String,
    /// The path's `{path+}`: the rest of it, decoded and unchecked; empty where the route has none.
    pub path: String,
    /// The query's parameters, decoded, in any order.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Which accounts the caller may use.
    pub access: AccountAccess,
    /// The scopes of the caller's token; `None` without a token, and where the route wants no scope. API Gateway has
    /// compared them with the route's, so they are for what is shown alone.
    pub scopes: Option<Vec<String>>,
    /// The run of the function.
    pub invocation: Invocation,
    /// The variables of the API's stage: settings that another value of makes no new version of a function.
    pub stage_variables: HashMap<String, String>,
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

    /// The path's ticket. Fails as [`path_id`](Self::path_id).
    pub fn ticket_id(&self) -> Result<TicketId> {
        self.path_id()
    }

    /// The path's reply. Fails as [`path_id`](Self::path_id).
    pub fn reply_id(&self) -> Result<ReplyId> {
        read_id("reply_id", &self.reply_id)
    }

    /// The path's file. Fails as [`path_id`](Self::path_id).
    pub fn attachment_id(&self) -> Result<AttachmentId> {
        read_id("attachment_id", &self.attachment_id)
    }

    /// The path's message: the vendor's id of it, of up to 200 characters. Fails as [`path_id`](Self::path_id).
    pub fn message_id(&self) -> Result<String> {
        let invalid = |rule| Error::invalid_field("message_id", rule).with_code(ProblemCode::InvalidId);
        fields::MESSAGE_ID_RULE.read(&self.message_id).map_err(invalid)
    }

    /// The path's account. Fails as [`path_id`](Self::path_id).
    pub fn account_id(&self) -> Result<AccountId> {
        self.path_id()
    }

    /// The invocation is about the path's ticket or account, if it names one.
    fn tell_subject(&self) {
        let path = self.route.split_once(' ').map_or("", |(_, path)| path);
        if path.starts_with("/tickets/{id}") {
            let _ = self.path_id().inspect(telemetry::set_ticket);
        } else if path.starts_with("/accounts/{id}") {
            let _ = self.path_id().inspect(telemetry::set_account);
        }
    }

    /// What the caller has seen of what it changes, where it says so. `InvalidInput` where the header can't be read.
    pub fn if_match(&self) -> Result<Option<IfMatch>> {
        let values: Vec<_> = self.headers.get_all(IF_MATCH).iter().map(|value| value.to_str().unwrap_or("?")).collect();
        if values.is_empty() {
            return Ok(None);
        }
        let read = IfMatch::parse(&values.join(","));
        let invalid = || Error::invalid_field("If-Match", IfMatch::RULE).with_code(ProblemCode::InvalidFields);
        read.map(Some).ok_or_else(invalid)
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
/// problem, logged once. A read is answered conditionally. A call about accounts of others is refused before. Every
/// call that may write has its audit record, once its outcome is known.
///
/// Work that is cancelled at the deadline leaves the same state as a crash; every use case can continue from it.
pub async fn answer(
    app: &App,
    function: &'static str,
    call: &HttpCall,
    work: impl Future<Output = Result<Response<String>>> + Send,
) -> Response<String> {
    let invocation = &call.invocation;
    let work = Box::pin(async {
        access::check(app, call).await?;
        work.await
    });
    let work = async {
        let answer = timeout_at(invocation.deadline, work).await;
        answer.unwrap_or_else(|_| {
            Err(Error::unavailable("The work was not done in time; send the same request again.")
                .with_code(ProblemCode::DeadlineReached))
        })
    };
    let work = async {
        call.tell_subject();
        // Boxed: every future around it would be larger than it.
        let work: Pin<Box<dyn Future<Output = _> + Send>> =
            if audit::is_recorded(call) { Box::pin(audit::record(app, call, work)) } else { Box::pin(work) };
        let answer = work.await;
        match answer {
            Ok(answer) if call.route.starts_with("GET ") => conditional::answer(answer, &call.headers),
            Ok(answer) => answer,
            Err(error) => {
                telemetry::record_defect(&error);
                problem::answer(&error, &invocation.request_id)
            }
        }
    };
    telemetry::run_instrumented(&app.telemetry, function, invocation, Box::pin(work)).await
}

/// The item. Where there is none: `404` with that code; the message is the meaning of the code.
pub fn found<T>(item: Option<T>, code: ProblemCode) -> Result<T> {
    item.ok_or_else(|| Error::new(code, code.meaning()))
}

/// The ticket, with what is kept of its conversation. Where there is none: `404`; where it was erased: `410`.
pub fn kept(ticket: Option<Ticket>) -> Result<Ticket> {
    let ticket = found(ticket, ProblemCode::TicketNotFound)?;
    not_erased(&ticket).map(|()| ticket)
}

/// `410` where the ticket was erased.
pub fn not_erased(ticket: &Ticket) -> Result<()> {
    match ticket.erased {
        None => Ok(()),
        Some(_) => Err(Error::new(ProblemCode::TicketErased, ProblemCode::TicketErased.meaning())),
    }
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

/// `302` to a link that is valid for a short time: nothing keeps it, and no page learns where it came from.
///
/// # Errors
/// [`ErrorKind::Unexpected`](crate::error::ErrorKind::Unexpected) when the link can't be a header.
pub fn redirect(link: &str) -> Result<Response<String>> {
    let location = HeaderValue::try_from(link)
        .map_err(|source| Error::unexpected("A link is not a header.").with_source(source))?;
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
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
