//! What a refresh run has read of a catalog before its time was up, for the next run of the function.

use serde::{Deserialize, Serialize};

use super::{Store, item::Item, keys, number, query::Index};
use crate::{
    domain::{CatalogEntry, ProductId, RunId, Site, Vendor},
    error::Result,
};

/// How long it is kept, seconds: a day.
const LIFETIME_S: i64 = 24 * 60 * 60;

/// The problem types of a product, as a refresh run read them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductRead {
    /// The product.
    pub product_id: ProductId,
    /// Its problem types.
    pub problem_types: Vec<CatalogEntry>,
}

impl Store {
    /// Keeps what the run has read of a catalog until `now_ms`.
    ///
    /// # Errors
    /// When the store does not take every item in time; some may be written then.
    pub async fn save_products_read(
        &self,
        run: &RunId,
        (vendor, site): (Vendor, Site),
        read: &[ProductRead],
        now_ms: i64,
    ) -> Result<()> {
        let item = |read: &ProductRead| {
            let item = Item::new(keys::product_read(run, vendor, site, &read.product_id), "product_read", read)?;
            Ok(item.with("expires_at", number(now_ms / 1000 + LIFETIME_S)))
        };
        self.batch_write(read.iter().map(item).collect::<Result<_>>()?).await
    }

    /// What earlier runs of the function have read of a catalog for this refresh run.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn products_read(&self, run: &RunId, (vendor, site): (Vendor, Site)) -> Result<Vec<ProductRead>> {
        self.query(Index::TABLE, keys::products_read(run, vendor, site), None).read_all().await
    }
}
