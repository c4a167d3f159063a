//! What a person does with a ticket apart from writing to it.
//!
//! `POST /tickets/{id}/resolution` and `POST /tickets/{id}/replies/{reply_id}/resolution`: a person decides whether the
//! vendor has a ticket or a reply of which no reconcile can tell it. `POST /tickets/{id}/urge` and
//! `POST /tickets/{id}/rating`: support is urged, and rated. `DELETE /tickets/{id}/messages/{message_id}`: a message is
//! withdrawn at the vendor.
//!
//! [`request`] reads the bodies; `ticket`, `reply`, `action` and `withdraw` are the use cases.

mod action;
mod reply;
pub mod request;
mod ticket;
mod withdraw;

use http::Response;
use shared::{
    app::App,
    http::{
        HttpCall, answer,
        idempotency::{self, KeyedOutcome},
        no_route, respond,
    },
    start::Connection,
    workflow::precondition::Precondition,
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
                let if_match = call.if_match()?;
                let work = async |_| {
                    let precondition = Precondition::of_ticket(app, &id, if_match).await?;
                    let answer = ticket::resolve(app, &call.invocation, precondition, &id, decision).await;
                    answer.map(KeyedOutcome::Final)
                };
                idempotency::run_of_ticket(app, call, &id, id.to_string(), work).await
            }
            "POST /tickets/{id}/replies/{reply_id}/resolution" => {
                let (ticket, reply) = (call.ticket_id()?, call.reply_id()?);
                let decision = request::read_reply(&call.body)?;
                let work = async |_| {
                    let answer = reply::resolve(app, &call.invocation, &ticket, &reply, decision).await;
                    answer.map(KeyedOutcome::Final)
                };
                idempotency::run_of_ticket(app, call, &ticket, reply.to_string(), work).await
            }
            "POST /tickets/{id}/urge" => {
                let (keyed, id) = (idempotency::required(call)?, call.ticket_id()?);
                request::read_nothing(&call.body)?;
                let answer = action::urge(app, &keyed, &id, call.if_match()?).await?;
                respond(answer.answer, answer.replayed)
            }
            "POST /tickets/{id}/rating" => {
                let (keyed, id) = (idempotency::required(call)?, call.ticket_id()?);
                let rating = request::read_rating(&call.body)?;
                let answer = action::rate(app, &keyed, &id, call.if_match()?, &rating).await?;
                respond(answer.answer, answer.replayed)
            }
            "DELETE /tickets/{id}/messages/{message_id}" => {
                let (keyed, id) = (idempotency::required(call)?, call.ticket_id()?);
                let message_id = call.message_id()?;
                let answer = withdraw::withdraw(app, &keyed, &id, call.if_match()?, &message_id).await?;
                respond(answer.answer, answer.replayed)
            }
            _ => Err(no_route()),
        }
    })
    .await
}
