//! The vendor's tickets with an id of ours: one is ours, each other one gets a ticket of its own.

use super::{adopt, vendor_time};
use crate::{
    app::App,
    domain::{CloudId, Ticket},
    error::Result,
    vendors::{FoundTicket, Session},
};

/// Those of `found` that belong to no ticket of ours, each once, the oldest first: the vendor does not document the
/// order of its list. One whose time can't be read is the last.
///
/// # Errors
/// The store's failures.
pub(super) async fn unclaimed(app: &App, session: &Session<'_>, found: &[FoundTicket]) -> Result<Vec<FoundTicket>> {
    let mut ids: Vec<_> = found.iter().map(|found| found.cloud_id.clone()).collect();
    ids.sort();
    ids.dedup();
    let ids = app.store.unclaimed(session.account(), &ids).await?;
    // One reading may give the time and another one not.
    let by_id = |id: &CloudId| found.iter().filter(|found| found.cloud_id == *id).max_by_key(|found| found.create_time);
    let mut unclaimed: Vec<_> = ids.iter().filter_map(by_id).cloned().collect();
    unclaimed.sort_by_key(|found| found.create_time.unwrap_or(i64::MAX));
    Ok(unclaimed)
}

/// Whether the vendor made the ticket during our create, which lasted from `start_ms` to `end_ms` at most. One that was
/// made later may be a copy: people copy a text with its id to ask again.
pub(super) fn is_made_by_create(start_ms: i64, end_ms: i64, found: &FoundTicket) -> bool {
    found.create_time.is_some_and(|time_ms| vendor_time::is_made_between(start_ms, end_ms, time_ms))
}

/// Adopts each of the `duplicates` of our ticket as a ticket of its own, so that none is lost. This is done before ours
/// is committed: afterwards nobody would look for them again. `is_late`: reading has failed for long, so one that can't
/// be read is adopted with the text that its list shows.
///
/// # Errors
/// The failures of vendor and store; the next run goes on.
pub(super) async fn adopt_duplicates(
    app: &App,
    session: &Session<'_>,
    ticket: &Ticket,
    duplicates: &[FoundTicket],
    is_late: bool,
) -> Result<()> {
    for duplicate in duplicates {
        let shown = match session.show_ticket(&duplicate.cloud_id).await {
            Err(_) if is_late => duplicate.clone().into(),
            shown => shown?,
        };
        adopt::adopt_duplicate(app, session.account(), ticket, shown).await?;
    }
    Ok(())
}
