//! Two or more tickets at the vendor with one id of ours: the oldest is ours, each other one gets a ticket of its own.

use super::adopt;
use crate::{
    app::App,
    domain::{CloudId, Ticket},
    error::Result,
    vendors::Session,
};

/// The vendor's tickets with an id of ours.
pub(super) enum Marked {
    /// There is none.
    Absent,
    /// This one is ours.
    Ours(CloudId),
    /// Several, of which one can't be read: nobody can tell which is ours.
    Unclear(Vec<CloudId>),
}

/// The oldest of the vendor's tickets `found` that belong to no other ticket of ours. Any further one is a duplicate:
/// it is adopted as a ticket of its own, so that none is lost. This is done before the oldest is committed: afterwards
/// nobody would look for them again. Beside one of `unreadable`, which may have the id too, nobody can tell which is
/// ours: people copy a text to ask again.
///
/// # Errors
/// The failures of vendor and store; then nothing is committed, and the next run goes on. Where `is_late`, a ticket
/// that can't be read makes the result unclear instead.
pub(super) async fn without_duplicates(
    app: &App,
    session: &Session<'_>,
    ticket: &Ticket,
    (found, unreadable): (&[CloudId], &[CloudId]),
    is_late: bool,
) -> Result<Marked> {
    let mut found = app.store.unclaimed(session.account(), found).await?;
    let unreadable = app.store.unclaimed(session.account(), unreadable).await?;
    if !found.is_empty() && !unreadable.is_empty() {
        found.extend(unreadable);
        return Ok(Marked::Unclear(found));
    }
    if found.len() < 2 {
        return Ok(found.pop().map_or(Marked::Absent, Marked::Ours));
    }
    let mut by_time = Vec::with_capacity(found.len());
    for cloud_id in &found {
        match session.show_ticket(cloud_id).await {
            // The vendor does not document the order of its list.
            Ok(shown) => by_time.push((shown.create_time.unwrap_or(i64::MAX), cloud_id, shown)),
            Err(_) if is_late => return Ok(Marked::Unclear(found)),
            Err(error) => return Err(error),
        }
    }
    by_time.sort_by_key(|(time, ..)| *time);
    let mut by_time = by_time.into_iter();
    let oldest = by_time.next().map(|(_, cloud_id, _)| cloud_id.clone());
    for (_, duplicate, shown) in by_time {
        adopt::adopt_duplicate(app, session.account(), ticket, duplicate, shown).await?;
    }
    Ok(oldest.map_or(Marked::Absent, Marked::Ours))
}
