//! The names of products in the other language, English at the China site and Chinese at the international one, so that
//! searches find them too. A catalog is complete without them.
//!
//! One list for each catalog gives them. Problem types have none: their names would cost a call for each product again,
//! and whoever has the product chooses from a few.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use shared::{
    app::App,
    domain::{Account, CatalogEntry, EntryKind, RunId},
    error::Result,
    store::StoredEntry,
};
use tokio::time::Instant;

/// How long the reading of one catalog's names with one account may take.
const READ_TIME: Duration = Duration::from_secs(10);

/// With how many accounts it is tried.
const ACCOUNTS_TRIED: usize = 3;

/// Whether a product that is listed is new, has another name than before, or has none in the other language.
pub fn are_needed(stored: &[StoredEntry], listed: &[CatalogEntry]) -> bool {
    let named = stored.iter().map(|stored| &stored.entry).filter(|entry| entry.other_name.is_some());
    let named: HashSet<_> = named.map(|entry| (entry.kind, &entry.id, &entry.name)).collect();
    let mut products = listed.iter().filter(|entry| entry.kind == EntryKind::Product);
    products.any(|product| !named.contains(&(product.kind, &product.id, &product.name)))
}

/// Reads and stores the names of a catalog's products with the first of its accounts that can. A failure is only
/// logged: the next refresh tries again. Nothing is stored once another run than `run` has refreshed the catalog.
pub async fn fill_in(app: &App, run: &RunId, accounts: &[Account], deadline: Instant) {
    for account in accounts.iter().take(ACCOUNTS_TRIED) {
        let Err(error) = read(app, run, account, deadline.min(Instant::now() + READ_TIME)).await else { return };
        let Account { id, vendor, .. } = account;
        tracing::warn!(account.id = %id, %vendor, ?error, "Names of products in the other language could not be read.");
    }
}

async fn read(app: &App, run: &RunId, account: &Account, deadline: Instant) -> Result<()> {
    let products = app.session(account, deadline).yielding().in_other_language().list_products().await?;
    let mut names: HashMap<String, String> =
        products.into_iter().map(|product| (product.id.to_string(), product.name)).collect();
    let stored = app.store.catalog(account.vendor, account.site).await?;
    let entries = stored.into_iter().map(|stored| stored.entry).filter(|entry| entry.kind == EntryKind::Product);
    let named = entries.filter_map(|entry| {
        let other_name = names.remove(&entry.id).filter(|name| entry.other_name.as_ref() != Some(name));
        other_name.map(|name| CatalogEntry { other_name: Some(name), ..entry })
    });
    let named: Vec<_> = named.collect();
    let head = app.store.catalog_head(account.vendor, account.site).await?;
    if head.is_some_and(|head| head.run_id != *run) {
        return Ok(());
    }
    app.store.put_entries(&named).await
}
