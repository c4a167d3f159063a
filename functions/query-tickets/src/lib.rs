//! `GET /tickets`, `GET /tickets/{id}`, `GET /tickets/{id}/messages`, `GET /tickets/{id}/attachments/{attachment_id}`,
//! `GET /tickets/{id}/verification`, `GET /tickets/{id}/transcript`, `GET /statistics`, `GET /audit`.
//!
//! [`list`] lists tickets, [`messages`] a ticket's conversation, [`attachments`] leads to a file, [`verification`]
//! checks the archive, [`transcript`] leads to it as a whole, [`statistics`] shows what was counted, [`audit`] who did
//! what.

pub mod attachments;
pub mod audit;
pub mod list;
pub mod messages;
pub mod statistics;
pub mod transcript;
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
            "GET /tickets" => list::list(app, call).await,
            "GET /audit" => audit::list(app, call).await,
            "GET /statistics" => statistics::show(app, call).await,
            "GET /tickets/{id}" => {
                call.no_query()?;
                let ticket = found(app.store.ticket(&call.ticket_id()?).await?, ProblemCode::TicketNotFound)?;
                json(StatusCode::OK, &Box::pin(app.store.with_removed_entries(ticket)).await?)
            }
            "GET /tickets/{id}/messages" => messages::list(app, call).await,
            "GET /tickets/{id}/attachments/{attachment_id}" => attachments::redirect(app, call).await,
            "GET /tickets/{id}/transcript" => transcript::redirect(app, call).await,
            "GET /tickets/{id}/verification" => verification::verify(app, call).await,
            _ => Err(no_route()),
        }
    })
    .await
}
