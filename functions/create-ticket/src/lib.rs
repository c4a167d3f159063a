//! `POST /tickets`: creates a ticket at its vendor. Whatever fails, and however often the caller tries again with the
//! same `Idempotency-Key`, the vendor has one ticket at the most, and one that it has is not lost.
//!
//! [`handle`] is thin; [`request`] reads the body, [`create`] is the use case, [`lookup`] settles unknown outcomes.

pub mod create;
pub mod lookup;
pub mod request;

use http::{Method, Request, Response};
use shared::{
    app::App,
    http::{Invocation, answer, idempotency, no_route, segments},
    vendor::hash::sha256_hex,
};

/// The operation's name in idempotency records.
const OPERATION: &str = "POST /tickets";

/// Serves the function's route.
pub async fn handle(
    app: &App,
    request: &Request<impl AsRef<[u8]>>,
    invocation: &Invocation,
) -> Response<String> {
    answer(invocation, async {
        if (request.method(), segments(request.uri().path()).as_slice()) != (&Method::POST, &["tickets"]) {
            return Err(no_route());
        }
        let key = idempotency::required_key(request.headers())?;
        let body = request.body().as_ref();
        let wanted = request::read(body)?;
        let caller = create::Caller {
            hash: idempotency::record_hash(OPERATION, &key),
            request_hash: sha256_hex(body),
            invocation,
        };
        create::create(app, &caller, &wanted).await
    })
    .await
}
