//! `GET /accounts` and `GET /accounts/{id}`: accounts with their health, never with their keys.

use http::Response;
use shared::{
    app::App,
    domain::{Account, AccountId},
    error::{Error, Result},
    http::{Fields, HttpCall, access::NO_ACCOUNT, page::Cursors},
    problem_code::ProblemCode,
};

/// Answers a page of all accounts that the caller may use, oldest first.
pub async fn list(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let mut fields = Fields::of_query(&call.query);
    let (limit, cursor) = fields.page();
    fields.finish(|| Some(()))?;
    let allowed = call.access.narrow(None);
    let scope = allowed.as_ref().map_or_else(|| "/accounts".to_owned(), |allowed| format!("/accounts {allowed:?}"));
    let cursors = Cursors::new(&app.config.cursor_key, scope);
    let after: Option<String> = cursors.position(cursor.as_deref())?;
    cursors.answer(match allowed {
        Some(allowed) => app.store.accounts_of(&allowed, limit, after.as_deref()).await?,
        None => app.store.accounts(limit, after.as_deref()).await?,
    })
}

/// The account; `404` when there is none.
pub async fn existing(app: &App, id: &AccountId) -> Result<Account> {
    app.store.account(id).await?.ok_or_else(not_found)
}

pub fn not_found() -> Error {
    Error::new(ProblemCode::AccountNotFound, NO_ACCOUNT)
}
