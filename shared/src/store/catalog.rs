//! The catalog: entries by vendor and site, compared and written by a refresh, read by everybody else.

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use serde::{Deserialize, Serialize};

use super::{
    Page, Store,
    item::{self, Item, StoredEntry},
    key_attributes,
    keys::{self, Key},
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
    pub async fn catalog(&self, vendor: Vendor, site: Site) -> Result<Vec<CatalogEntry>> {
        let mut entries = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("PK = :pk")
                .expression_attribute_values(":pk", text(keys::catalog_partition(vendor, site)))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| store_error("query", error))?;
            for attributes in answer.items.unwrap_or_default() {
                // The head stands in the same partition and is no entry.
                if attributes.contains_key("kind") {
                    entries.push(item::from_attributes::<Item<StoredEntry>>(attributes)?.value.entry);
                }
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(entries);
            }
        }
    }

    /// Writes entries, new or changed.
    pub async fn put_entries(&self, entries: &[CatalogEntry]) -> Result<()> {
        let mut writes = Vec::with_capacity(entries.len());
        for entry in entries {
            let search_name = entry.name.to_lowercase();
            let stored = StoredEntry { entry: entry.clone(), search_name };
            let attributes = item::to_attributes(Item::new(entry_key(entry)?, "catalog_entry", stored))?;
            let put = PutRequest::builder().set_item(Some(attributes)).build().map_err(|source| {
                Error::unexpected("A catalog entry could not be written.").with_source(source)
            })?;
            writes.push(WriteRequest::builder().put_request(put).build());
        }
        self.batch_write(writes).await
    }

    /// Notes that a refresh of the catalog was complete.
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

    /// An entry by its key parts; `product_id` only for problem types.
    pub async fn entry(
        &self,
        vendor: Vendor,
        site: Site,
        kind: EntryKind,
        product_id: Option<&ProductId>,
        id: &str,
    ) -> Result<Option<CatalogEntry>> {
        let found = self.get(keys::catalog_entry(vendor, site, kind, product_id, id)).await?;
        found.map(|found| Ok(item::from_attributes::<Item<StoredEntry>>(found)?.value.entry)).transpose()
    }

    /// The products that have a problem type of that id, for telling a caller that product and type don't go together.
    pub async fn products_with_problem_type(
        &self,
        vendor: Vendor,
        site: Site,
        id: &str,
    ) -> Result<Vec<ProductId>> {
        let mut products = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
                .filter_expression("id = :id AND attribute_not_exists(removed_time)")
                .expression_attribute_values(":pk", text(keys::catalog_partition(vendor, site)))
                .expression_attribute_values(
                    ":prefix",
                    text(keys::entry_prefix(EntryKind::ProblemType, None)),
                )
                .expression_attribute_values(":id", text(id))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| store_error("query", error))?;
            for attributes in answer.items.unwrap_or_default() {
                let entry = item::from_attributes::<Item<StoredEntry>>(attributes)?.value.entry;
                products.extend(entry.product_id);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(products);
            }
        }
    }

    /// A page of one catalog's entries, by id. `after` is the id part of the last entry's sort key.
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
        let mut start = after.map(|sk| key_attributes(Key { pk: pk.clone(), sk: sk.to_owned() }));
        let mut entries: Vec<(String, CatalogEntry)> = Vec::new();
        loop {
            let mut query = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
                .expression_attribute_values(":pk", text(&pk))
                .expression_attribute_values(":prefix", text(&prefix))
                .set_exclusive_start_key(start);
            query = match &filter.name_part {
                Some(part) => query
                    .filter_expression("contains(search_name, :part)")
                    .expression_attribute_values(":part", text(part.to_lowercase())),
                None => query.limit(i32::try_from(limit + 1).unwrap_or(i32::MAX)),
            };
            let answer = query.send().await.map_err(|error| store_error("query", error))?;
            for attributes in answer.items.unwrap_or_default() {
                let item = item::from_attributes::<Item<StoredEntry>>(attributes)?;
                entries.push((item.sk, item.value.entry));
            }
            start = answer.last_evaluated_key;
            if start.is_none() || entries.len() > limit {
                break;
            }
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
