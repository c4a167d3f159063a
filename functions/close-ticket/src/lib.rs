//! `POST /tickets/{id}/close`: closes a ticket at its vendor and archives its whole conversation.
//!
//! [`handle`] is thin; [`close`] is the use case, [`archive`] stores messages and commits the archive.

pub mod archive;
pub mod close;

use http::{Method, Request, Response};
use shared::{
    app::App,
    domain::TicketId,
    error::Result,
    http::{Fields, Invocation, answer, fields::path_id, idempotency, no_route, segments},
    store::IdempotencyRecord,
    vendor::hash::sha256_hex,
};

/// Serves the function's route.
pub async fn handle(
    app: &App,
    request: &Request<impl AsRef<[u8]>>,
    invocation: &Invocation,
) -> Response<String> {
    answer(invocation, async {
        let id = match (request.method(), segments(request.uri().path()).as_slice()) {
            (&Method::POST, ["tickets", id, "close"]) => path_id::<TicketId>(id)?,
            _ => return Err(no_route()),
        };
        let body = request.body().as_ref();
        Fields::of_optional_body(body)?.finish(|| Some(()))?;
        let record = record(app, invocation, request, &id)?;
        idempotency::run(app, record, id.to_string(), |_| {
            close::close(app, invocation, &id)
        })
        .await
    })
    .await
}

/// The caller's key is optional here: closing is safe to repeat by itself.
fn record(
    app: &App,
    invocation: &Invocation,
    request: &Request<impl AsRef<[u8]>>,
    id: &TicketId,
) -> Result<Option<IdempotencyRecord>> {
    let Some(key) = idempotency::key(request.headers())? else {
        return Ok(None);
    };
    let hash = idempotency::record_hash("POST /tickets/{id}/close", &key);
    Ok(Some(idempotency::record(
        app,
        invocation,
        hash,
        sha256_hex(id.as_str()),
        id.to_string(),
    )))
}
