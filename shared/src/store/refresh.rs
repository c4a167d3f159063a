//! Refresh runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Store,
    condition::Condition,
    item::{self, Item},
    keys, store_error, text,
};
use crate::{
    domain::{RefreshRun, RunId, RunState, Site, Vendor},
    error::Result,
};

/// How long a run is stored, seconds: 90 days.
const LIFETIME_S: i64 = 90 * 24 * 60 * 60;

/// A run with the time at which it expires, Unix seconds (the table's TTL attribute).
#[derive(Serialize, Deserialize)]
struct StoredRun {
    #[serde(flatten)]
    run: RefreshRun,
    expires_at: i64,
}

/// How often in a row the refresh of a catalog failed; one whose last was complete is left out.
#[derive(Default, Serialize, Deserialize)]
struct Failures {
    in_a_row: BTreeMap<String, u64>,
}

/// How a catalog's refresh ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogOutcome {
    /// The catalog.
    pub catalog: (Vendor, Site),
    /// Whether it failed.
    pub failed: bool,
}

impl Store {
    /// Counts how refreshes ended, and gives the failures in a row of the catalog with the most. `all`: there are no
    /// other catalogs (any more).
    ///
    /// Two runs that end at the same moment may count one failure less; the alarm then starts one run later.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn count_refresh_failures(&self, ended: &[CatalogOutcome], all: bool) -> Result<u64> {
        let found = self.get(keys::refresh_failures()).await?;
        let stored: Option<Failures> =
            found.map(|found| Ok(item::from_attributes::<Item<Failures>>(found)?.value)).transpose()?;
        let before = stored.unwrap_or_default().in_a_row;
        let mut after = if all { BTreeMap::new() } else { before.clone() };
        for outcome in ended {
            let (vendor, site) = outcome.catalog;
            let name = format!("{vendor}#{site}");
            if outcome.failed {
                let failures = before.get(&name).copied().unwrap_or_default() + 1;
                after.insert(name, failures);
            } else {
                after.remove(&name);
            }
        }
        let most = after.values().copied().max().unwrap_or_default();
        if after != before {
            self.put_failures(Failures { in_a_row: after }).await?;
        }
        Ok(most)
    }

    async fn put_failures(&self, failures: Failures) -> Result<()> {
        let item = Item::new(keys::refresh_failures(), "refresh_failures", failures);
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item::to_attributes(item)?));
        put.send().await.map(|_| ()).map_err(|error| store_error("put_item", error))
    }

    /// Writes a run. `false`, and nothing is changed, when it has ended already. A run that has not ended counts as
    /// lost from `lost_at_ms` on, Unix milliseconds, and is due then.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_refresh(&self, run: &RefreshRun, lost_at_ms: i64) -> Result<bool> {
        let expires_at = run.create_time / 1000 + LIFETIME_S;
        let over = matches!(run.state, RunState::Complete | RunState::Failed);
        let stored = StoredRun { run: run.clone(), expires_at };
        let item = Item {
            gsi3pk: (!over).then(|| keys::DUE.to_owned()),
            gsi3sk: (!over).then(|| keys::by_time(lost_at_ms, run.id.as_str())),
            ..Item::new(keys::refresh(&run.id), "refresh", stored)
        };
        let not_ended = Condition::OneOf("state", vec![text("pending"), text("running")]);
        let done = self.put(item::to_attributes(item)?, Condition::ITEM_MISSING.or(not_ended)).await?;
        Ok(done.is_done())
    }

    /// The run, if there is one.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn refresh(&self, id: &RunId) -> Result<Option<RefreshRun>> {
        let found = self.get(keys::refresh(id)).await?;
        found.map(|found| Ok(item::from_attributes::<Item<StoredRun>>(found)?.value.run)).transpose()
    }
}
