//! `PATCH /accounts/{id}`: whether tickets opened in the vendor's console are adopted.

use http::{Response, StatusCode};
use shared::{
    app::App,
    error::{Error, Result},
    http::{HttpCall, json},
    problem_code::ProblemCode,
};

use crate::request;

/// Changes the account and answers with it. A repeated switch-on keeps the first time.
pub async fn change(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.account_id()?;
    let adopt = request::read_change(&call.body)?;
    let not_found = || Error::new(ProblemCode::AccountNotFound, "There is no such account.");
    let account = app.store.account(&id).await?.ok_or_else(not_found)?;
    if adopt {
        request::can_adopt(app, account.vendor)?;
    }
    let since_ms = adopt.then(|| app.clock.now_ms());
    let account = app.store.set_adoption(&id, since_ms).await?.ok_or_else(not_found)?;
    json(StatusCode::OK, &account)
}
