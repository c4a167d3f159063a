//! The catalog: entries by vendor and site. Only a refresh writes them.

use std::{future::ready, pin::pin};

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::{
    Page, Store,
    condition::Condition,
    item::{self, Item, StoredEntry},
    key_attributes,
    keys::{self, Key},
    query::{Index, Query},
    store_error, text,
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
        let entries = query.items().try_filter(|attributes| ready(attributes.contains_key("kind")));
        let read = |attributes| item::from_attributes::<Item<StoredEntry>>(attributes).map(|i| i.value.entry);
        entries.and_then(|attributes| ready(read(attributes))).try_collect().await
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
        let mut writes = Vec::with_capacity(entries.len());
        for entry in entries {
            let search_name = entry.name.to_lowercase();
            let stored = StoredEntry { entry: entry.clone(), search_name };
            let attributes = item::to_attributes(Item::new(entry_key(entry)?, "catalog_entry", stored))?;
            let put = PutRequest::builder()
                .set_item(Some(attributes))
                .build()
                .map_err(|source| Error::unexpected("A catalog entry could not be written.").with_source(source))?;
            writes.push(WriteRequest::builder().put_request(put).build());
        }
        self.batch_write(writes).await
    }

    /// Records a complete refresh of the catalog.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_catalog_head(&self, vendor: Vendor, site: Site, head: CatalogHead) -> Result<()> {
        let item = Item::new(keys::catalog_head(vendor, site), "catalog_head", head);
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::to_attributes(item)?))
            .send()
            .await
            .map_err(|error| store_error("put_item", error))?;
        Ok(())
    }

    /// The products that have a problem type of that id: for a refusal that names what goes together.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn products_with_problem_type(&self, vendor: Vendor, site: Site, id: &str) -> Result<Vec<ProductId>> {
        let prefix = keys::entry_prefix(EntryKind::ProblemType, None);
        let is_it = Condition::equals("id", text(id)).and(Condition::Missing("removed_time"));
        let query = self.query_entries(keys::catalog_partition(vendor, site), &prefix).filter(is_it);
        let found = query.read_all(item::from_attributes::<Item<StoredEntry>>).await?;
        Ok(found.into_iter().filter_map(|item| item.value.entry.product_id).collect())
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
        let mut items = pin!(query.items());
        let mut entries: Vec<(String, CatalogEntry)> = Vec::new();
        while entries.len() <= limit
            && let Some(attributes) = items.try_next().await?
        {
            let item = item::from_attributes::<Item<StoredEntry>>(attributes)?;
            entries.push((item.sk, item.value.entry));
        }
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(|(sk, _)| sk.clone());
        Ok(Page { items: entries.into_iter().map(|(_, entry)| entry).collect(), next })
    }
}

fn entry_key(entry: &CatalogEntry) -> Result<Key> {
    if entry.kind == EntryKind::ProblemType && entry.product_id.is_none() {
        return Err(Error::unexpected("A problem type must have a product."));
    }
    Ok(keys::catalog_entry(entry.vendor, entry.site, entry.kind, entry.product_id.as_ref(), &entry.id))
}
