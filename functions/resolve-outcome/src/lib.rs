//! `POST /tickets/{id}/resolution` and `POST /tickets/{id}/replies/{reply_id}/resolution`: a person decides whether the
//! vendor has a ticket or a reply of which no reconcile can tell it.
//!
//! [`request`] reads the bodies, `ticket` and `reply` are the use cases.

mod reply;
pub mod request;
mod ticket;

use http::Response;
use shared::{
    app::App,
    http::{
        HttpCall, answer,
        idempotency::{self, KeyedOutcome},
        no_route,
    },
    start::Connection,
};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// Serves the function's routes.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        match call.route.as_str() {
            "POST /tickets/{id}/resolution" => {
                let id = call.ticket_id()?;
                let decision = request::read_ticket(&call.body)?;
                let work =
                    async |_| ticket::resolve(app, &call.invocation, &id, decision).await.map(KeyedOutcome::Final);
                idempotency::run(app, call, id.to_string(), work).await
            }
            "POST /tickets/{id}/replies/{reply_id}/resolution" => {
                let (ticket, reply) = (call.ticket_id()?, call.reply_id()?);
                let decision = request::read_reply(&call.body)?;
                let work = async |_| {
                    let answer = reply::resolve(app, &call.invocation, &ticket, &reply, decision).await;
                    answer.map(KeyedOutcome::Final)
                };
                idempotency::run(app, call, reply.to_string(), work).await
            }
            _ => Err(no_route()),
        }
    })
    .await
}
