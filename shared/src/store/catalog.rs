//! The catalog: entries by vendor and site. Only a refresh writes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Page, Store,
    condition::Condition,
    item::{self, Item},
    key_attributes,
    keys::{self, Key},
    query::{Index, Query},
    text,
};
use crate::{
    domain::{CatalogEntry, EntryKind, ProductId, RunId, Site, Vendor},
    error::{Error, Result},
};

/// When a catalog was last refreshed completely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CatalogHead {
    /// The run that did it.
    pub run_id: RunId,
    /// When it was done, Unix milliseconds.
    pub refresh_time: i64,
}

/// Which entries of one catalog a list holds.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryFilter {
    /// What they are.
    pub kind: EntryKind,
    /// Of this product only (problem types).
    pub product_id: Option<ProductId>,
    /// Whose name holds this text, whatever its case.
    pub name_part: Option<String>,
}

impl Store {
    /// Every entry of a catalog, removed ones too.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn catalog(&self, vendor: Vendor, site: Site) -> Result<Vec<CatalogEntry>> {
        let query = self.query(Index::TABLE, keys::catalog_partition(vendor, site), None);
        // The head is in the same partition and is no entry.
        query.filter(Condition::Exists("kind")).read_all().await
    }

    /// The entries whose sort key begins with `prefix`.
    fn query_entries(&self, partition: String, prefix: &str) -> Query {
        let begins = Condition::Function("begins_with", Index::TABLE.sk, text(prefix));
        self.query(Index::TABLE, partition, Some(begins)).lagging()
    }

    /// Writes entries, new or changed.
    ///
    /// # Errors
    /// When a problem type has no product, or the store does not take every item in time; some may be written then.
    pub async fn put_entries(&self, entries: &[CatalogEntry]) -> Result<()> {
        self.batch_write(entries.iter().map(entry_item).collect::<Result<_>>()?).await
    }

    /// Records a complete refresh of the catalog.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_catalog_head(&self, vendor: Vendor, site: Site, head: CatalogHead) -> Result<()> {
        self.overwrite(Item::new(keys::catalog_head(vendor, site), "catalog_head", &head)?).await
    }

    /// When each of these catalogs was last refreshed completely, Unix milliseconds. One that never was is left out.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn catalog_refresh_times(
        &self,
        catalogs: impl IntoIterator<Item = (Vendor, Site)>,
    ) -> Result<BTreeMap<(Vendor, Site), i64>> {
        let with_key = |of: (Vendor, Site)| (of, keys::catalog_head(of.0, of.1));
        let heads: Vec<_> = catalogs.into_iter().map(with_key).collect();
        // DynamoDB refuses a read of no item.
        if heads.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut found = self.batch_get(heads.iter().map(|(_, key)| key.clone()).collect()).await?;
        let mut times = BTreeMap::new();
        for (of, key) in heads {
            let Some(head) = found.remove(&key) else { continue };
            times.insert(of, item::from_attributes::<CatalogHead>(head)?.refresh_time);
        }
        Ok(times)
    }

    /// The products that have a problem type of that id: for a refusal that names what goes together.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn products_with_problem_type(&self, vendor: Vendor, site: Site, id: &str) -> Result<Vec<ProductId>> {
        let prefix = keys::entry_prefix(EntryKind::ProblemType, None);
        let is_it = Condition::equals("id", text(id)).and(Condition::Missing("removed_time"));
        let query = self.query_entries(keys::catalog_partition(vendor, site), &prefix).filter(is_it);
        let found: Vec<CatalogEntry> = query.read_all().await?;
        Ok(found.into_iter().filter_map(|entry| entry.product_id).collect())
    }

    /// A page of one catalog's entries, by id. `after` is the id part of the last entry's sort key.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn entries(
        &self,
        vendor: Vendor,
        site: Site,
        filter: &EntryFilter,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page<CatalogEntry, String>> {
        let pk = keys::catalog_partition(vendor, site);
        let prefix = keys::entry_prefix(filter.kind, filter.product_id.as_ref());
        let start = after.map(|sk| key_attributes(Key { pk: pk.clone(), sk: sk.to_owned() }));
        let query = self.query_entries(pk, &prefix).after(start);
        let query = match &filter.name_part {
            Some(part) => query.filter(Condition::Function("contains", "search_name", text(part.to_lowercase()))),
            None => query.page_size(limit + 1),
        };
        query.read_page(limit).await
    }
}

fn entry_item(entry: &CatalogEntry) -> Result<Item> {
    if entry.kind == EntryKind::ProblemType && entry.product_id.is_none() {
        return Err(Error::unexpected("A problem type must have a product."));
    }
    let key = keys::catalog_entry(entry.vendor, entry.site, entry.kind, entry.product_id.as_ref(), &entry.id);
    // For the name search.
    Ok(Item::new(key, "catalog_entry", entry)?.with("search_name", text(entry.name.to_lowercase())))
}
