//! Refresh runs.

use super::{
    Store,
    item::{self, Item},
    keys, store_error,
};
use crate::{
    domain::{RefreshRun, RunId},
    error::Result,
};

impl Store {
    /// Writes a run as it stands.
    pub async fn put_refresh(&self, run: &RefreshRun) -> Result<()> {
        let item = item::to_attributes(Item::new(keys::refresh(&run.id), "refresh", run.clone()))?;
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .send()
            .await
            .map_err(|error| store_error("put_item", error))?;
        Ok(())
    }

    /// The run, if there is one.
    pub async fn refresh(&self, id: &RunId) -> Result<Option<RefreshRun>> {
        let found = self.get(keys::refresh(id)).await?;
        found
            .map(|found| Ok(item::from_attributes::<Item<RefreshRun>>(found)?.value))
            .transpose()
    }
}
