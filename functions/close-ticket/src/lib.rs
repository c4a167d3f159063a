//! `POST /tickets/{id}/close`: closes a ticket at its vendor and archives its whole conversation.
//!
//! [`handle`] is thin; [`close`] is the use case, and [`shared::workflow::close`] the work.

pub mod close;

use http::Response;
use shared::{
    app::App,
    http::{Fields, HttpCall, answer, idempotency, no_route},
};

/// The function's name.
const FUNCTION: &str = env!("CARGO_PKG_NAME");

/// The function's one route, which names its idempotency records too.
const ROUTE: &str = "POST /tickets/{id}/close";

/// Serves the function's route.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, FUNCTION, call, async {
        if call.route != ROUTE {
            return Err(no_route());
        }
        let id = call.ticket_id()?;
        Fields::of_optional_body(&call.body)?.finish(|| Some(()))?;
        let record = idempotency::optional_record(app, call, id.as_str())?;
        idempotency::run(app, record, id.to_string(), |_| close::close(app, &call.invocation, &id)).await
    })
    .await
}
