//! Refresh runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Store, condition::Condition, item::Item, keys, number, query::Index, text, transaction::Updated};
use crate::{
    domain::{RefreshRun, RunId, RunState, Site, Vendor},
    error::Result,
};

/// How long a run is stored, seconds: 90 days.
const LIFETIME_S: i64 = 90 * 24 * 60 * 60;

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
    pub(crate) async fn count_refresh_failures(&self, ended: &[CatalogOutcome], all: bool) -> Result<u64> {
        let stored: Option<Failures> = self.get(keys::refresh_failures()).await?;
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
            let failures = Failures { in_a_row: after };
            self.overwrite(Item::new(keys::refresh_failures(), "refresh_failures", &failures)?).await?;
        }
        Ok(most)
    }

    /// Writes a run. `false`, and nothing is changed, when it has ended already. A run that has not ended counts as
    /// lost from `lost_at_ms` on, Unix milliseconds, and is due then.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_refresh(&self, run: &RefreshRun, lost_at_ms: i64) -> Result<bool> {
        // The table's TTL attribute is in Unix seconds.
        let expires_at = number(run.create_time / 1000 + LIFETIME_S);
        let mut item = Item::new(keys::refresh(&run.id), "refresh", run)?.with("expires_at", expires_at);
        if !matches!(run.state, RunState::Complete | RunState::Failed) {
            item = item.due_at(lost_at_ms, run.id.as_str());
        }
        let not_ended = Condition::OneOf("state", vec![text("pending"), text("running")]);
        let written = item.0.clone();
        Ok(match self.put(item, Condition::ITEM_MISSING.or(not_ended)).await? {
            Updated::Done(_) => true,
            // Also where the SDK sent this very write again, because the answer to the first one was lost.
            Updated::Refused(stored) => stored == Some(written),
        })
    }

    /// The run, if there is one.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn refresh(&self, id: &RunId) -> Result<Option<RefreshRun>> {
        self.get(keys::refresh(id)).await
    }

    /// The runs that have not ended and do not count as lost at `now_ms`, Unix milliseconds. One that can't be read is
    /// left out. The index may lag behind the table by a moment.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn refreshes_under_way(&self, now_ms: i64) -> Result<Vec<RefreshRun>> {
        let is_refresh = Condition::equals("entity", text("refresh"));
        let later = Condition::Compare(Index::GSI3.sk, ">", text(keys::time(now_ms)));
        self.query(Index::GSI3, keys::DUE, Some(later)).filter(is_refresh).read_readable().await
    }
}
