//! `PATCH /accounts/{id}`: whether tickets opened in the vendor's console are adopted.

use http::{Response, StatusCode};
use shared::{
    app::App,
    error::Result,
    http::{HttpCall, json},
};

use crate::{request, show};

/// Changes the account and answers with it. A repeated switch-on keeps the first time.
pub async fn change(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.account_id()?;
    let adopt = request::read_change(&call.body)?;
    let account = show::existing(app, &id).await?;
    if adopt {
        request::can_adopt(app, account.vendor)?;
    }
    let since_ms = adopt.then(|| app.clock.now_ms());
    let account = app.store.set_adoption(&id, since_ms).await?.ok_or_else(show::not_found)?;
    json(StatusCode::OK, &account)
}
