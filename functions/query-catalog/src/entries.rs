//! Lists of catalog entries: by vendor, then site, then id.

use http::Response;
use serde::{Deserialize, Serialize};
use shared::{
    app::App,
    domain::{CatalogEntry, EntryKind, Site, Vendor},
    error::Result,
    http::{Fields, fields::TextRule, page::Cursors},
    store::{EntryFilter, Page},
};

/// The rule of a name search.
pub const SEARCH_RULE: TextRule = TextRule { max_chars: 100, multi_line: false };

struct ListQuery {
    vendor: Option<Vendor>,
    site: Option<Site>,
    filter: EntryFilter,
    limit: usize,
    cursor: Option<String>,
}

/// A position in a list over several catalogs.
#[derive(Serialize, Deserialize)]
struct Position {
    /// The index of the catalog.
    catalog: usize,
    /// The last entry's position in the catalog; absent at its start.
    after: Option<String>,
}

/// Answers the page that the query string asks for, removed entries included, with their `removed_time`.
pub async fn list(app: &App, kind: EntryKind, query: &[(String, String)]) -> Result<Response<String>> {
    let query = read(kind, query)?;
    let scope = format!("/catalog {:?} {:?} {:?}", query.vendor, query.site, query.filter);
    let cursors = Cursors::new(&app.config.cursor_key, scope);
    let start = cursors.position(query.cursor.as_deref())?.unwrap_or(Position { catalog: 0, after: None });
    let (items, next) = read_page(app, &query, start).await?;
    cursors.answer(Page { items, next })
}

/// Reads on from `start`, catalog after catalog, until the page is full.
async fn read_page(app: &App, query: &ListQuery, start: Position) -> Result<(Vec<CatalogEntry>, Option<Position>)> {
    let catalogs = catalogs(query);
    let mut items = Vec::new();
    let mut after = start.after;
    for (index, (vendor, site)) in catalogs.iter().enumerate().skip(start.catalog) {
        let missing = query.limit - items.len();
        if missing == 0 {
            return Ok((items, Some(Position { catalog: index, after: None })));
        }
        let page = app.store.entries(*vendor, *site, &query.filter, missing, after.as_deref()).await?;
        items.extend(page.items);
        if page.next.is_some() {
            return Ok((items, Some(Position { catalog: index, after: page.next })));
        }
        after = None;
    }
    Ok((items, None))
}

fn catalogs(query: &ListQuery) -> Vec<(Vendor, Site)> {
    let vendors = Vendor::ALL.into_iter().filter(|vendor| query.vendor.is_none_or(|only| *vendor == only));
    let sites = |vendor| Site::ALL.into_iter().map(move |site| (vendor, site));
    vendors.flat_map(sites).filter(|(_, site)| query.site.is_none_or(|only| *site == only)).collect()
}

fn read(kind: EntryKind, query: &[(String, String)]) -> Result<ListQuery> {
    let mut fields = Fields::of_query(query);
    let vendor = fields.optional_vendor("type");
    let site =
        fields.optional_parsed("site", |text| text.parse().map_err(|_| "must be china or international".to_owned()));
    let product_id = if kind == EntryKind::ProblemType { fields.optional_id("product_id") } else { None };
    let name_part = fields.optional_text("q", SEARCH_RULE);
    let (limit, cursor) = fields.page();
    let filter = EntryFilter { kind, product_id, name_part };
    fields.finish(|| Some(ListQuery { vendor, site, filter, limit, cursor }))
}
