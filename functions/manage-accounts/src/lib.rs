//! Accounts: register with verification, list, show, change, rotate keys, remove.
//!
//! `request` reads bodies, `customer` says whose keys they are, `register`, `show`, `change`, `rotate` and `remove` are
//! the use cases.

mod change;
mod customer;
mod register;
mod remove;
mod request;
mod rotate;
mod show;

use http::{Response, StatusCode};
use shared::{
    app::App,
    http::{HttpCall, answer, json, no_content, no_route},
    start::Connection,
};

pub use request::{KEY_ID_PATTERN, KEY_RULE};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// Serves the function's routes.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        match call.route.as_str() {
            "POST /accounts" => register::register(app, call).await,
            "GET /accounts" => show::list(app, &call.query).await,
            "GET /accounts/{id}" => {
                call.no_query()?;
                json(StatusCode::OK, &show::existing(app, &call.account_id()?).await?)
            }
            "PATCH /accounts/{id}" => change::change(app, call).await,
            "PUT /accounts/{id}/keys" => rotate::rotate(app, call).await,
            "DELETE /accounts/{id}" => {
                remove::remove(app, &call.account_id()?).await?;
                Ok(no_content())
            }
            _ => Err(no_route()),
        }
    })
    .await
}
