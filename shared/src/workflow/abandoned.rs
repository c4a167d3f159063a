//! Abandoned tickets: the vendor did not show them within the settle time after their create. It may show one later, so
//! the sync searches for each at growing intervals for 30 days.

use super::{marked_tickets, ticket_candidates::SEARCHED_BEFORE_MS};
use crate::{
    app::App,
    domain::{Ticket, TicketId, TicketState},
    error::Result,
    vendors::{Session, TicketSearch},
};

/// How long an abandoned ticket is searched for, milliseconds: 30 days.
const SEARCHED_FOR_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// The longest time between two searches, milliseconds: a day.
const LONGEST_INTERVAL_MS: i64 = 24 * 60 * 60 * 1000;
/// The shortest time between two searches, milliseconds: a minute.
const SHORTEST_INTERVAL_MS: i64 = 60 * 1000;

/// The time of the next search for a ticket that was abandoned at `abandoned_ms`. An interval is half of the time that
/// has passed, at least the settle time.
pub fn next_check(app: &App, abandoned_ms: i64, now_ms: i64) -> i64 {
    let waited_ms = (now_ms - abandoned_ms).max(0);
    let shortest_ms = app.config.settle_time_ms.clamp(SHORTEST_INTERVAL_MS, LONGEST_INTERVAL_MS);
    now_ms + (waited_ms / 2).clamp(shortest_ms, LONGEST_INTERVAL_MS)
}

/// Searches the account's tickets at the vendor for the ticket's id. `is_late`: reading has failed for long, so a hit
/// of which each call fails counts as unreadable. Else such a hit would keep the ticket unknown for ever.
///
/// # Errors
/// The vendor's failures.
pub(super) async fn find(session: &Session<'_>, ticket: &Ticket, is_late: bool) -> Result<TicketSearch> {
    let mut search = session.find_tickets(&ticket.id, ticket.create_time - SEARCHED_BEFORE_MS).await?;
    let failed = std::mem::take(&mut search.failed);
    if is_late {
        search.unreadable.extend(failed);
        return Ok(search);
    }
    for hit in failed {
        let shown = session.show_ticket(&hit).await?;
        search.add(hit, &ticket.id, Ok(shown))?;
    }
    Ok(search)
}

/// Searches for an abandoned ticket, and adopts it as `open` when the vendor has it. `false`: the search has ended
/// before, and no call is made.
///
/// # Errors
/// The vendor's and the store's failures; the ticket stays due.
pub async fn check(app: &App, session: &Session<'_>, id: &TicketId) -> Result<bool> {
    let Some(abandoned) = app.store.abandoned_ticket(id).await? else { return Ok(false) };
    let now_ms = app.clock.now_ms();
    let is_over = abandoned.abandoned_time + SEARCHED_FOR_MS <= now_ms;
    let ticket = &abandoned.ticket;
    let search = match find(session, ticket, is_over).await {
        // Keys that are refused must not keep the account for ever.
        Err(error) if is_over => {
            app.store.delete_abandoned_ticket(id).await?;
            return Err(error);
        }
        search => search?,
    };
    let found = marked_tickets::unclaimed(app, session, &search.found).await?;
    let unreadable = app.store.unclaimed(session.account(), &search.unreadable).await?;
    if let Some((oldest, duplicates)) = found.split_first()
        // Beside one that can't be read, nobody can tell which is ours, unless one was made by the create.
        && (is_over
            || unreadable.is_empty()
            || marked_tickets::is_made_by_create(ticket.create_time, ticket.create_time, oldest))
    {
        marked_tickets::adopt_duplicates(app, session, ticket, duplicates, is_over).await?;
        let cloud_id = oldest.cloud_id.clone();
        let (state, cloud_id) = (TicketState::Open, Some(cloud_id));
        let ticket = Ticket { state, cloud_id, candidates: Vec::new(), ..abandoned.ticket.clone() };
        if app.store.adopt_abandoned_ticket(session.account(), &ticket).await? {
            tracing::warn!(
                ticket.id = %id, vendor = %ticket.vendor,
                "The vendor shows an abandoned ticket; it was adopted."
            );
            return Ok(true);
        }
    }
    if is_over {
        app.store.delete_abandoned_ticket(id).await?;
    } else {
        let next_ms = next_check(app, abandoned.abandoned_time, now_ms);
        app.store.postpone_abandoned_ticket(id, next_ms).await?;
    }
    Ok(true)
}
