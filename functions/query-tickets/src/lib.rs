//! `GET /tickets`, `GET /tickets/{id}`, `GET /tickets/{id}/messages`.
//!
//! [`handle`] is thin; [`list`] lists tickets, [`messages`] a ticket's conversation.

pub mod list;
pub mod messages;

use http::{Method, Request, Response, StatusCode};
use shared::{
    app::App,
    domain::{Ticket, TicketId},
    error::{Error, Result},
    http::{Fields, Invocation, answer, fields::path_id, json, no_route, segments},
};

/// Serves the function's routes.
pub async fn handle(
    app: &App,
    request: &Request<impl AsRef<[u8]>>,
    invocation: &Invocation,
) -> Response<String> {
    answer(invocation, async {
        let uri = request.uri();
        match (request.method(), segments(uri.path()).as_slice()) {
            (&Method::GET, ["tickets"]) => list::list(app, uri.query()).await,
            (&Method::GET, ["tickets", id]) => {
                Fields::of_query(uri.query()).finish(|| Some(()))?;
                json(StatusCode::OK, &ticket(app, id).await?)
            }
            (&Method::GET, ["tickets", id, "messages"]) => {
                messages::list(app, invocation, id, uri.query()).await
            }
            _ => Err(no_route()),
        }
    })
    .await
}

async fn ticket(app: &App, id: &str) -> Result<Ticket> {
    let id: TicketId = path_id(id)?;
    let found = app.store.ticket(&id).await?;
    found.ok_or_else(|| Error::not_found("There is no such ticket.").with_code("ticket_not_found"))
}
