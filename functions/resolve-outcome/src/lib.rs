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
    http::{HttpCall, answer, no_route},
};

/// Serves the function's routes. Repeating a decision is safe, so that no `Idempotency-Key` is needed.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        match call.route.as_str() {
            "POST /tickets/{id}/resolution" => {
                let id = call.ticket_id()?;
                let decision = request::read_ticket(&call.body)?;
                ticket::resolve(app, &call.invocation, &id, decision).await
            }
            "POST /tickets/{id}/replies/{reply_id}/resolution" => {
                let (ticket, reply) = (call.ticket_id()?, call.reply_id()?);
                let decision = request::read_reply(&call.body)?;
                reply::resolve(app, &call.invocation, &ticket, &reply, decision).await
            }
            _ => Err(no_route()),
        }
    })
    .await
}
