//! `POST /tickets`: creates a ticket at its vendor. After any failure and any number of retries with the same
//! `Idempotency-Key` the vendor has at most one ticket, and the store knows of it.
//!
//! [`request`] reads the body, `catalog_check` checks it against the catalog, `create` is the use case.

mod catalog_check;
mod create;
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
        if call.route != "POST /tickets" {
            return Err(no_route());
        }
        let keyed = idempotency::required(call)?;
        let body = request::read(&call.body)?;
        let answer = create::create(app, &keyed, &body).await?;
        respond(answer.answer, answer.replayed)
    })
    .await
}
