//! `POST /tickets/{id}/messages` adds a customer message to an open ticket, `POST /tickets/{id}/reopen` opens a closed
//! one again with a message. After any failure and any number of retries with the same `Idempotency-Key` the vendor has
//! at most one message.
//!
//! [`request`] reads the bodies, `reply` has the use cases.

mod reply;
pub mod request;

use http::Response;
use shared::{
    app::App,
    http::{HttpCall, answer, idempotency, no_route, warnings::respond_warned},
    start::Connection,
    workflow::precondition::Precondition,
};

use self::reply::ReplyKind;

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// Serves the function's routes.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        let kind = match call.route.as_str() {
            "POST /tickets/{id}/messages" => ReplyKind::Message,
            "POST /tickets/{id}/reopen" => ReplyKind::Reopening,
            _ => return Err(no_route()),
        };
        let keyed = idempotency::required(call)?;
        let ticket_id = call.ticket_id()?;
        let body = match kind {
            ReplyKind::Message => request::read(&call.body)?,
            ReplyKind::Reopening => request::read_reopening(&call.body)?,
        };
        let precondition = Precondition::of_first_attempt(app, &ticket_id, call.if_match()?).await?;
        let answer = reply::reply(app, &keyed, precondition, &ticket_id, &body, kind).await?;
        respond_warned(answer.answer, answer.replayed, &body.warnings)
    })
    .await
}
