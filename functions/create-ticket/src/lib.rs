//! `POST /tickets`: creates a ticket at its vendor. Whatever fails, and however often the caller tries again with the
//! same `Idempotency-Key`, the vendor has one ticket at the most, and one that it has is not lost.
//!
//! [`handle`] is thin; [`request`] reads the body, [`catalog_check`] checks it against the catalog,
//! [`create`] is the use case, [`lookup`] settles unknown outcomes.

pub mod catalog_check;
pub mod create;
pub mod lookup;
pub mod request;

use http::Response;
use shared::{
    app::App,
    digest::sha256_hex,
    http::{HttpCall, answer, idempotency, no_route},
};

/// The function's name.
const FUNCTION: &str = env!("CARGO_PKG_NAME");

/// The function's one route, which names its idempotency records too.
const ROUTE: &str = "POST /tickets";

/// Serves the function's route.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, FUNCTION, call, async {
        if call.route != ROUTE {
            return Err(no_route());
        }
        let key = idempotency::required_key(&call.headers)?;
        let wanted = request::read(&call.body)?;
        let caller = create::Caller {
            hash: idempotency::record_hash(ROUTE, &key),
            request_hash: sha256_hex(&call.body),
            invocation: &call.invocation,
        };
        create::create(app, &caller, &wanted).await
    })
    .await
}
