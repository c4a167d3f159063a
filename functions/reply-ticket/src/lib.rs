//! `POST /tickets/{id}/messages`: adds a customer message to an open ticket. After any failure and any number of
//! retries with the same `Idempotency-Key` the vendor has at most one message.
//!
//! [`request`] reads the body, `reply` is the use case.

mod reply;
pub mod request;

use http::Response;
use shared::{
    app::App,
    http::{HttpCall, answer, idempotency, no_route, respond},
    start::Connection,
};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// Serves the function's route.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        if call.route != "POST /tickets/{id}/messages" {
            return Err(no_route());
        }
        let keyed = idempotency::required(call)?;
        let ticket_id = call.ticket_id()?;
        let content = request::read(&call.body)?;
        let answer = reply::reply(app, &keyed, &ticket_id, &content).await?;
        respond(answer.answer, answer.replayed)
    })
    .await
}
