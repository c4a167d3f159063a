//! Pages of lists over several catalogs: by vendor, then site, then the list's order within a catalog.

use http::Response;
use serde::{Deserialize, Serialize};
use shared::{
    app::App,
    domain::{CatalogEntry, Site, Vendor},
    error::Result,
    http::{Fields, page::Cursors},
    store::{ChangeFilter, EntryFilter, Page},
};

/// What a list holds of each catalog.
#[derive(Debug)]
pub enum EntryList {
    /// Entries, by id.
    All(EntryFilter),
    /// Entries that changed, by the time of their last change.
    Changed(ChangeFilter),
}

/// The catalogs and the page that a query asks for.
pub struct PageRequest {
    vendor: Option<Vendor>,
    site: Option<Site>,
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

impl PageRequest {
    /// Reads `type`, `site`, `limit` and `cursor`.
    pub fn read(fields: &mut Fields) -> Self {
        let vendor = fields.optional_vendor("type");
        let site = fields
            .optional_parsed("site", |text| text.parse().map_err(|_| "must be china or international".to_owned()));
        let (limit, cursor) = fields.page();
        Self { vendor, site, limit, cursor }
    }

    /// Answers the page of that list.
    pub async fn answer(self, app: &App, list: &EntryList) -> Result<Response<String>> {
        let Self { vendor, site, limit, cursor } = self;
        let cursors = Cursors::new(&app.config.cursor_key, format!("/catalog {vendor:?} {site:?} {list:?}"));
        let start = cursors.position(cursor.as_deref())?.unwrap_or(Position { catalog: 0, after: None });
        cursors.answer(read_page(app, &catalogs(vendor, site), list, limit, start).await?)
    }
}

/// Reads on from `start`, catalog after catalog, until the page is full.
async fn read_page(
    app: &App,
    catalogs: &[(Vendor, Site)],
    list: &EntryList,
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
        let page = match list {
            EntryList::All(filter) => app.store.entries(*vendor, *site, filter, missing, after.as_deref()).await?,
            EntryList::Changed(filter) => {
                app.store.entry_changes(*vendor, *site, filter, missing, after.as_deref()).await?
            }
        };
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
