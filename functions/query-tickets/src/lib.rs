//! `GET /tickets`, `GET /tickets/{id}`, `GET /tickets/{id}/messages`, `GET /tickets/{id}/verification`,
//! `GET /statistics`.
//!
//! [`list`] lists tickets, [`messages`] a ticket's conversation, [`verification`] checks its archive, [`statistics`]
//! shows what was counted.

pub mod list;
pub mod messages;
pub mod statistics;
pub mod verification;

use http::{Response, StatusCode};
use shared::{
    app::App,
    http::{HttpCall, answer, found, json, no_route},
    problem_code::ProblemCode,
    start::Connection,
};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// Serves the function's routes.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        match call.route.as_str() {
            "GET /tickets" => list::list(app, &call.query).await,
            "GET /statistics" => statistics::show(app, &call.query).await,
            "GET /tickets/{id}" => {
                call.no_query()?;
                let ticket = app.store.ticket(&call.ticket_id()?).await?;
                json(StatusCode::OK, &found(ticket, ProblemCode::TicketNotFound)?)
            }
            "GET /tickets/{id}/messages" => messages::list(app, call).await,
            "GET /tickets/{id}/verification" => verification::verify(app, call).await,
            _ => Err(no_route()),
        }
    })
    .await
}
