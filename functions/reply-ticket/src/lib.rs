//! `POST /tickets/{id}/messages`: adds a customer message to an open ticket. Whatever fails, and however often the caller tries
//! again with the same `Idempotency-Key`, support sees the message once at the most.
//!
//! [`handle`] is thin; [`request`] reads the body, [`reply`] is the use case, [`earlier`] settles what an earlier attempt left.

pub mod earlier;
pub mod reply;
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
const ROUTE: &str = "POST /tickets/{id}/messages";

/// Serves the function's route.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, FUNCTION, call, async {
        if call.route != ROUTE {
            return Err(no_route());
        }
        let key = idempotency::required_key(&call.headers)?;
        let ticket_id = call.ticket_id()?;
        let content = request::read(&call.body)?;
        let mut request = call.id.clone().into_bytes();
        request.extend_from_slice(&call.body);
        let caller = reply::Caller {
            hash: idempotency::record_hash(ROUTE, &key),
            request_hash: sha256_hex(request),
            invocation: &call.invocation,
        };
        reply::reply(app, &caller, &ticket_id, &content).await
    })
    .await
}
