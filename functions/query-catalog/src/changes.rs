//! `GET /catalog/changes`: entries that were added, changed or removed, by their last change.

use http::Response;
use shared::{
    app::App,
    domain::EntryKind,
    error::Result,
    http::{Fields, fields::MAX_TIME_MS},
    store::ChangeFilter,
};

use crate::pages::{EntryList, PageRequest};

/// Answers the page that the query string asks for: by vendor, then site, then time, oldest first.
pub async fn list(app: &App, query: &[(String, String)]) -> Result<Response<String>> {
    let mut fields = Fields::of_query(query);
    let page = PageRequest::read(&mut fields);
    let since_ms = fields.integer("since", 0, MAX_TIME_MS);
    let kind = fields.optional_parsed("kind", |text| {
        EntryKind::parse(text).ok_or_else(|| "must be product, problem_type, source or region".to_owned())
    });
    let filter = fields.finish(|| Some(ChangeFilter { since_ms: since_ms?, kind }))?;
    page.answer(app, &EntryList::Changed(filter)).await
}
