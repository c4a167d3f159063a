//! `POST /tickets`: creates a ticket at its vendor. After any failure and any number of retries with the same
//! `Idempotency-Key` the vendor has at most one ticket, and the store knows of it.
//!
//! `POST /attachments`: a file that is to come with a ticket or a reply ([`upload`]).
//!
//! `GET /catalog/form`: what a ticket of one problem type needs and may have ([`form`]).
//!
//! [`request`] and [`details`] read the body, `catalog_check` and [`form`] check it, `create` is the use case.

mod broken;
mod catalog_check;
mod create;
pub mod details;
pub mod form;
pub mod request;
pub mod upload;

use http::{Response, StatusCode};
use shared::{
    app::App,
    http::{Fields, HttpCall, answer, idempotency, json, no_route, warnings::respond_warned},
    start::Connection,
};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// Serves the function's route.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        match call.route.as_str() {
            "POST /tickets" => {}
            "GET /catalog/form" => return json(StatusCode::OK, &form::show::show(app, call).await?),
            "POST /attachments" => {
                let new = upload::read(&call.body, app.config.max_attachment_bytes)?;
                return json(StatusCode::CREATED, &upload::announce(app, new).await?);
            }
            _ => return Err(no_route()),
        }
        let keyed = idempotency::required(call)?;
        let mut query = Fields::of_query(&call.query);
        let validates = query.optional_flag("validate_only").unwrap_or_default();
        query.finish(|| Some(()))?;
        let body = request::read(&call.body)?;
        let answer = create::create(app, &keyed, &body, validates).await?;
        respond_warned(answer.answer, answer.replayed, &body.warnings)
    })
    .await
}
