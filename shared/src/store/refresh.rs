//! Refresh runs.

use serde::{Deserialize, Serialize};

use super::{
    Store,
    item::{self, Item},
    keys, store_error, text,
};
use crate::{
    domain::{RefreshRun, RunId, RunState},
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
    /// Writes a run as it stands. `false`, and nothing is changed, when it is over already. One that is not over counts as lost
    /// from `lost_at_ms` on, and is due then.
    pub async fn put_refresh(&self, run: &RefreshRun, lost_at_ms: i64) -> Result<bool> {
        let expires_at = run.create_time / 1000 + LIFETIME_S;
        let over = matches!(run.state, RunState::Complete | RunState::Failed);
        let stored = StoredRun { run: run.clone(), expires_at };
        let item = Item {
            gsi3pk: (!over).then(|| keys::DUE.to_owned()),
            gsi3sk: (!over).then(|| keys::by_time(lost_at_ms, run.id.as_str())),
            ..Item::new(keys::refresh(&run.id), "refresh", stored)
        };
        let done = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::to_attributes(item)?))
            .condition_expression("attribute_not_exists(PK) OR #state IN (:pending, :running)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":pending", text("pending"))
            .expression_attribute_values(":running", text("running"))
            .send()
            .await;
        match done {
            Err(error)
                if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            done => done.map(|_| true).map_err(|error| store_error("put_item", error)),
        }
    }

    /// The run, if there is one.
    pub async fn refresh(&self, id: &RunId) -> Result<Option<RefreshRun>> {
        let found = self.get(keys::refresh(id)).await?;
        found.map(|found| Ok(item::from_attributes::<Item<StoredRun>>(found)?.value.run)).transpose()
    }
}
