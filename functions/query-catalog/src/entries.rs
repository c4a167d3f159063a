//! Lists of catalog entries: by vendor, then site, then id.

use http::Response;
use shared::{
    app::App,
    domain::EntryKind,
    error::Result,
    http::{Fields, fields::TextRule},
    store::EntryFilter,
};

use crate::pages::{EntryList, PageRequest};

/// The rule of a name search.
pub const SEARCH_RULE: TextRule = TextRule { max_chars: 100, multi_line: false };

/// Answers the page that the query string asks for, removed entries included, with their `removed_time`.
pub async fn list(app: &App, kind: EntryKind, query: &[(String, String)]) -> Result<Response<String>> {
    let mut fields = Fields::of_query(query);
    let page = PageRequest::read(&mut fields);
    let product_id = if kind == EntryKind::ProblemType { fields.optional_id("product_id") } else { None };
    let name_part = fields.optional_text("q", SEARCH_RULE);
    fields.finish(|| Some(()))?;
    page.answer(app, &EntryList::All(EntryFilter { kind, product_id, name_part })).await
}
