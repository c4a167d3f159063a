//! `GET /accounts` and `GET /accounts/{id}`: accounts with their health, never with their keys.

use http::Response;
use shared::{
    app::App,
    domain::{Account, AccountId},
    error::{Error, Result},
    http::{Fields, page::Cursors},
    problem_code::ProblemCode,
};

/// Answers a page of all accounts, oldest first.
pub async fn list(app: &App, query: &[(String, String)]) -> Result<Response<String>> {
    let mut fields = Fields::of_query(query);
    let (limit, cursor) = fields.page();
    fields.finish(|| Some(()))?;
    let cursors = Cursors::new(&app.config.cursor_key, "/accounts");
    let after: Option<String> = cursors.position(cursor.as_deref())?;
    cursors.answer(app.store.accounts(limit, after.as_deref()).await?)
}

/// The account; `404` when there is none.
pub async fn existing(app: &App, id: &AccountId) -> Result<Account> {
    app.store.account(id).await?.ok_or_else(not_found)
}

pub fn not_found() -> Error {
    Error::new(ProblemCode::AccountNotFound, "There is no such account.")
}
