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
    let mut fields = Fields::of_query(query);
    let vendor = fields.optional_vendor("type");
    let site =
        fields.optional_parsed("site", |text| text.parse().map_err(|_| "must be china or international".to_owned()));
    let product_id = if kind == EntryKind::ProblemType { fields.optional_id("product_id") } else { None };
    let name_part = fields.optional_text("q", SEARCH_RULE);
    let (limit, cursor) = fields.page();
    fields.finish(|| Some(()))?;
    let filter = EntryFilter { kind, product_id, name_part };
    let cursors = Cursors::new(&app.config.cursor_key, format!("/catalog {vendor:?} {site:?} {filter:?}"));
    let start = cursors.position(cursor.as_deref())?.unwrap_or(Position { catalog: 0, after: None });
    cursors.answer(read_page(app, &catalogs(vendor, site), &filter, limit, start).await?)
}

/// Reads on from `start`, catalog after catalog, until the page is full.
async fn read_page(
    app: &App,
    catalogs: &[(Vendor, Site)],
    filter: &EntryFilter,
    limit: usize,
    start: Position,
) -> Result<Page<CatalogEntry, Position>> {
    let mut items = Vec::new();
    let mut after = start.after;
    for (index, (vendor, site)) in catalogs.iter().enumerate().skip(start.catalog) {
        let missing = limit - items.len();
        if missing == 0 {
            return Ok(Page { items, next: Some(Position { catalog: index, after: None }) });
        }
        let page = app.store.entries(*vendor, *site, filter, missing, after.as_deref()).await?;
        items.extend(page.items);
        if page.next.is_some() {
            return Ok(Page { items, next: Some(Position { catalog: index, after: page.next }) });
        }
        after = None;
    }
    Ok(Page { items, next: None })
}

fn catalogs(vendor: Option<Vendor>, site: Option<Site>) -> Vec<(Vendor, Site)> {
    let vendors = vendor.map_or(Vendor::ALL.to_vec(), |vendor| vec![vendor]);
    let sites = site.map_or(Site::ALL.to_vec(), |site| vec![site]);
    vendors.into_iter().flat_map(|vendor| sites.iter().map(move |site| (vendor, *site))).collect()
}
