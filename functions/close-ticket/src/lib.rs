//! `POST /tickets/{id}/close`: closes a ticket at its vendor and archives its whole conversation.
//!
//! `close` is the use case, [`shared::workflow::close`] the work.

mod close;

use http::Response;
use shared::{
    app::App,
    http::{Fields, HttpCall, answer, idempotency, no_route},
    start::Connection,
};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// Serves the function's route.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        if call.route != "POST /tickets/{id}/close" {
            return Err(no_route());
        }
        let id = call.ticket_id()?;
        Fields::of_optional_body(&call.body)?.finish(|| Some(()))?;
        idempotency::run(app, call, id.to_string(), |_| close::close(app, &call.invocation, &id)).await
    })
    .await
}
