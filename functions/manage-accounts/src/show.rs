//! `GET /accounts` and `GET /accounts/{id}`: accounts with their health, never with their keys.

use http::{Response, StatusCode};
use shared::{
    app::App,
    domain::{Account, AccountId},
    error::{Error, Result},
    http::{Fields, json, page::Cursors},
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

/// Answers one account.
pub async fn one(app: &App, id: &AccountId) -> Result<Response<String>> {
    json(StatusCode::OK, &existing(app, id).await?)
}

/// The account; `NotFound` when there is none.
pub async fn existing(app: &App, id: &AccountId) -> Result<Account> {
    let found = app.store.account(id).await?;
    found.ok_or_else(|| Error::new(ProblemCode::AccountNotFound, "There is no such account."))
}
