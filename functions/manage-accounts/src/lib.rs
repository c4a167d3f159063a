//! Accounts: register with verification, list, show, change, rotate keys, remove.
//!
//! `rights` reads what an account's keys may do, at its registration, with new keys, and daily for every account.
//! `request` reads bodies, `customer` says whose keys they are, `first_refresh` starts the refresh of a new catalog,
//! `register`, `show`, `change`, `rotate` and `remove` are the use cases.

mod change;
mod customer;
mod first_refresh;
mod register;
mod remove;
mod request;
mod rights;
mod rotate;
mod show;

use http::{Response, StatusCode};
use serde_json::Value;
use shared::{
    app::App,
    error::{Error, Result},
    http::{HttpCall, answer, json, no_content, no_route},
    invocation::Invocation,
    start::Connection,
    telemetry,
};

pub use request::{KEY_ID_PATTERN, KEY_RULE};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// Serves the function's routes.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        match call.route.as_str() {
            "POST /accounts" => register::register(app, call).await,
            "GET /accounts" => show::list(app, call).await,
            "GET /accounts/{id}" => {
                call.no_query()?;
                json(StatusCode::OK, &show::existing(app, &call.account_id()?).await?)
            }
            "PATCH /accounts/{id}" => change::change(app, call).await,
            "PUT /accounts/{id}/keys" => rotate::rotate(app, call).await,
            "DELETE /accounts/{id}" => {
                remove::remove(app, call).await?;
                Ok(no_content())
            }
            _ => Err(no_route()),
        }
    })
    .await
}

/// Reads the rights of every account, on the event of a schedule.
///
/// # Errors
/// `InvalidInput` for any other event, and the store's failure to list the accounts.
pub async fn handle_event(app: &App, event: &Value, invocation: &Invocation) -> Result<()> {
    let is_schedule = event.get("source").and_then(Value::as_str) == Some("aws.events");
    let work = async {
        if !is_schedule {
            return Err(Error::invalid_input("The event is not a schedule's."));
        }
        rights::check_all(app, invocation.deadline).await
    };
    telemetry::run_event(&app.telemetry, env!("CARGO_PKG_NAME"), invocation, Box::pin(work)).await
}
