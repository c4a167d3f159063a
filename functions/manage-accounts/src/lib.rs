//! Accounts: register with verification, list, show, change, rotate keys, remove.
//!
//! [`request`] reads bodies, [`register`], [`change`], [`rotate`] and [`remove`] are the use cases.

pub mod change;
pub mod register;
pub mod remove;
pub mod request;
pub mod rotate;
pub mod show;

use http::Response;
use shared::{
    app::App,
    http::{HttpCall, answer, no_content, no_route},
};

/// Serves the function's routes.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        match call.route.as_str() {
            register::ROUTE => register::register(app, call).await,
            "GET /accounts" => show::list(app, &call.query).await,
            "GET /accounts/{id}" => {
                call.no_query()?;
                show::one(app, &call.account_id()?).await
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
