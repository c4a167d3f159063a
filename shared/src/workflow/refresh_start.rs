//! Starts refresh runs of the catalogs.

use crate::{
    app::App,
    domain::{RefreshRun, RunId, Vendor},
    error::Result,
    telemetry,
};

/// Stores a run of one vendor or of all as pending, for the caller of this invocation, and asks for it on the bus. A
/// run that has ended is not asked for again.
///
/// # Errors
/// When the store or the bus does not answer. A run that is stored and was not asked for counts as lost some time
/// later.
pub async fn start(app: &App, id: RunId, vendor: Option<Vendor>) -> Result<RefreshRun> {
    let run = RefreshRun::pending(id, vendor, app.clock.now_ms(), telemetry::actor());
    if app.store.put_refresh(&run, lost_at(app)).await? {
        app.events.request_refresh(&run.id).await?;
    }
    Ok(run)
}

/// The time from which a run that is stored now counts as lost, unless it has ended: Unix milliseconds.
pub fn lost_at(app: &App) -> i64 {
    app.clock.now_ms() + RefreshRun::LOST_AFTER_MS
}
