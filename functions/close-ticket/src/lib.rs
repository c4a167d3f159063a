//! `POST /tickets/{id}/close`: closes a ticket at its vendor and archives its whole conversation.
//!
//! [`handle`] is thin; [`close`] is the use case, [`archive`] stores messages and commits the archive.

pub mod archive;
pub mod close;

use http::Response;
use shared::{
    app::App,
    domain::TicketId,
    error::Result,
    http::{Fields, HttpCall, answer, idempotency, no_route},
    store::IdempotencyRecord,
    vendor::hash::sha256_hex,
};

/// The function's one route, which names its idempotency records too.
const ROUTE: &str = "POST /tickets/{id}/close";

/// Serves the function's route.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(call, async {
        if call.route != ROUTE {
            return Err(no_route());
        }
        let id: TicketId = call.path_id()?;
        Fields::of_optional_body(&call.body)?.finish(|| Some(()))?;
        let record = record(app, call, &id)?;
        idempotency::run(app, record, id.to_string(), |_| {
            close::close(app, &call.invocation, &id)
        })
        .await
    })
    .await
}

/// The caller's key is optional here: closing is safe to repeat by itself.
fn record(app: &App, call: &HttpCall, id: &TicketId) -> Result<Option<IdempotencyRecord>> {
    let Some(key) = idempotency::key(&call.headers)? else {
        return Ok(None);
    };
    let hash = idempotency::record_hash(ROUTE, &key);
    let request_hash = sha256_hex(id.as_str());
    idempotency::record(app, &call.invocation, hash, request_hash, id.to_string()).map(Some)
}
