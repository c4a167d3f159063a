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
    text, to_value,
};
use crate::{
    domain::{
        AttachmentLimits, CatalogEntry, EntryKind, ProductId, RunId, Site, Vendor,
        search_name::{search_name, search_part},
    },
    error::{Error, Result},
};

/// When a catalog was last refreshed completely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CatalogHead {
    /// The run that did it.
    pub run_id: RunId,
    /// When it was done, Unix milliseconds.
    pub refresh_time: i64,
    /// The limits of the files that may be sent, where the vendor told them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_limits: Option<AttachmentLimits>,
}

/// Which entries of one catalog a list holds.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryFilter {
    /// What they are.
    pub kind: EntryKind,
    /// Of this product only (problem types).
    pub product_id: Option<ProductId>,
    /// Whose name, in one of both languages, holds this text, whatever its case, also in pinyin or its initials.
    pub name_part: Option<String>,
}

/// Which changes of one catalog a list holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeFilter {
    /// Those at this time or later, Unix milliseconds.
    pub since_ms: i64,
    /// Only of such entries.
    pub kind: Option<EntryKind>,
}

/// An entry with the text that searches look in.
#[derive(Clone, Debug, Deserialize)]
pub struct StoredEntry {
    /// The entry.
    #[serde(flatten)]
    pub entry: CatalogEntry,
    #[serde(default)]
    search_name: String,
}

impl StoredEntry {
    /// The entry as it is written now.
    pub fn new(entry: CatalogEntry) -> Self {
        Self { search_name: searched(&entry), entry }
    }

    /// Whether searches find it by the present rules: an earlier version may have written it.
    pub fn is_searchable(&self) -> bool {
        self.search_name == searched(&self.entry)
    }
}

impl Store {
    /// Every entry of a catalog, removed ones too.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn catalog(&self, vendor: Vendor, site: Site) -> Result<Vec<StoredEntry>> {
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

    /// The last complete refresh of a catalog, if there was one.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn catalog_head(&self, vendor: Vendor, site: Site) -> Result<Option<CatalogHead>> {
        self.get(keys::catalog_head(vendor, site)).await
    }

    /// The limits of files that the last complete refresh read; those of nobody where the vendor tells none.
    ///
    /// # Errors
    /// As [`catalog_head`](Self::catalog_head).
    pub async fn attachment_limits(&self, vendor: Vendor, site: Site) -> Result<AttachmentLimits> {
        let head = self.catalog_head(vendor, site).await?;
        Ok(head.and_then(|head| head.attachment_limits).unwrap_or_default())
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
            Some(part) => {
                let has = |part: String| Condition::Function("contains", "search_name", text(part));
                query.filter(has(part.to_lowercase()).or(has(search_part(part))))
            }
            None => query.page_size(limit + 1),
        };
        query.read_page(limit).await
    }

    /// A page of one catalog's entries that changed, by the time of their last change, oldest first. `after` is the
    /// last one's position on the page before. The index may lag behind the table by a moment.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn entry_changes(
        &self,
        vendor: Vendor,
        site: Site,
        filter: &ChangeFilter,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page<CatalogEntry, String>> {
        let start = after.map_or_else(|| keys::time(filter.since_ms), str::to_owned);
        let later = Condition::Compare(Index::GSI1.sk, ">", text(start));
        let query = self.query(Index::GSI1, keys::changes_of_catalog(vendor, site), Some(later));
        let query = match &filter.kind {
            Some(kind) => query.filter(Condition::equals("kind", to_value(kind)?)),
            None => query.page_size(limit + 1),
        };
        query.read_page(limit).await
    }
}

/// The text in which searches look for a part of an entry's name.
fn searched(entry: &CatalogEntry) -> String {
    let names = [Some(&entry.name), entry.other_name.as_ref()];
    names.into_iter().flatten().map(|name| search_name(name)).collect::<Vec<_>>().join("\n")
}

fn entry_item(entry: &CatalogEntry) -> Result<Item> {
    if entry.kind == EntryKind::ProblemType && entry.product_id.is_none() {
        return Err(Error::unexpected("A problem type must have a product."));
    }
    let key = keys::catalog_entry(entry.vendor, entry.site, entry.kind, entry.product_id.as_ref(), &entry.id);
    let in_catalog = key.sk.clone();
    let item = Item::new(key, "catalog_entry", entry)?.with("search_name", text(searched(entry)));
    Ok(match &entry.last_change {
        Some(change) => {
            let partition = keys::changes_of_catalog(entry.vendor, entry.site);
            item.indexed(Index::GSI1, partition, keys::by_time(change.time, &in_catalog))
        }
        None => item,
    })
}
