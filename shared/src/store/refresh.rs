//! Refresh runs.

use serde::{Deserialize, Serialize};

use super::{
    Store,
    item::{self, Item},
    keys, store_error,
};
use crate::{
    domain::{RefreshRun, RunId},
    error::Result,
};

/// How long a run is kept, seconds: 90 days.
const LIFETIME_S: i64 = 90 * 24 * 60 * 60;

/// A run with the time at which it may be forgotten, Unix seconds (the table's TTL attribute).
#[derive(Serialize, Deserialize)]
struct StoredRun {
    #[serde(flatten)]
    run: RefreshRun,
    expires_at: i64,
}

impl Store {
    /// Writes a run as it stands.
    pub async fn put_refresh(&self, run: &RefreshRun) -> Result<()> {
        let expires_at = run.create_time / 1000 + LIFETIME_S;
        let stored = StoredRun { run: run.clone(), expires_at };
        let item = item::to_attributes(Item::new(keys::refresh(&run.id), "refresh", stored))?;
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
        found.map(|found| Ok(item::from_attributes::<Item<StoredRun>>(found)?.value.run)).transpose()
    }
}
