//! `GET /accounts` and `GET /accounts/{id}`: accounts with their health, never with their keys.

use http::{Response, StatusCode};
use shared::{
    app::App,
    domain::{Account, AccountId},
    error::{Error, Result},
    http::{
        Fields, json,
        page::{DEFAULT_LIMIT, ListBody, MAX_LIMIT, decode_cursor, encode_cursor},
    },
};

/// Names the list in its cursors.
const SCOPE: &str = "/accounts";

/// Answers a page of all accounts, oldest first.
pub async fn list(app: &App, query: &[(String, String)]) -> Result<Response<String>> {
    let mut fields = Fields::of_query(query);
    let limit = fields
        .optional_integer("limit", 1, MAX_LIMIT)
        .unwrap_or(DEFAULT_LIMIT);
    let cursor = fields.optional_parsed("cursor", |text| Ok(text.to_owned()));
    let (limit, cursor) = fields.finish(|| Some((usize::try_from(limit).ok()?, cursor)))?;
    let key = &app.config.cursor_key;
    let after: Option<String> = cursor
        .map(|cursor| decode_cursor(key, SCOPE, &cursor))
        .transpose()?;
    let page = app.store.accounts(limit, after.as_deref()).await?;
    let next_cursor = page
        .next
        .map(|next| encode_cursor(key, SCOPE, &next))
        .transpose()?;
    json(
        StatusCode::OK,
        &ListBody {
            items: page.items,
            next_cursor,
        },
    )
}

/// Answers one account.
pub async fn one(app: &App, id: &AccountId) -> Result<Response<String>> {
    json(StatusCode::OK, &existing(app, id).await?)
}

/// The account; `NotFound` when there is none.
pub async fn existing(app: &App, id: &AccountId) -> Result<Account> {
    let found = app.store.account(id).await?;
    found.ok_or_else(|| Error::not_found("There is no such account.").with_code("account_not_found"))
}
