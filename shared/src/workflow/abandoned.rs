//! Tickets that were given up and turn up at the vendor after all: late, never lost.

use tokio::time::Instant;

use super::reconcile_ticket;
use crate::{
    app::App,
    domain::{Account, TicketId, TicketState},
    error::Result,
};

/// How long a ticket that was given up is looked for, milliseconds: 30 days.
const LOOKED_FOR_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// The longest time between two looks, milliseconds: a day.
const LONGEST_PAUSE_MS: i64 = 24 * 60 * 60 * 1000;
/// The shortest time between two looks, milliseconds: a minute.
const SHORTEST_PAUSE_MS: i64 = 60 * 1000;

/// When a ticket that was given up at `abandoned_ms` is looked for next: the pauses begin at the settle time and grow by a half.
pub fn next_look(app: &App, abandoned_ms: i64, now_ms: i64) -> i64 {
    let waited = (now_ms - abandoned_ms).max(0);
    let shortest = app.config.settle_time_ms.clamp(SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS);
    now_ms + (waited / 2).clamp(shortest, LONGEST_PAUSE_MS)
}

/// Looks for a ticket that was given up, and takes it in as `open` when the vendor has it. `false`: nobody looks for it any more, and
/// the vendor was not asked.
pub async fn look_for(app: &App, account: &Account, id: &TicketId, deadline: Instant) -> Result<bool> {
    let Some(late) = app.store.abandoned_ticket(id).await? else { return Ok(false) };
    let now_ms = app.clock.now_ms();
    for cloud_id in reconcile_ticket::find(app, account, &late.ticket, deadline).await? {
        let mut ticket = late.ticket.clone();
        ticket.state = TicketState::Open;
        ticket.cloud_id = Some(cloud_id);
        if app.store.adopt_abandoned_ticket(&ticket).await? {
            tracing::warn!(ticket.id = %id, vendor = %ticket.vendor, "A ticket that was given up turned up at the vendor and was taken in.");
            return Ok(true);
        }
    }
    if late.abandoned_time + LOOKED_FOR_MS <= now_ms {
        app.store.delete_abandoned_ticket(id).await?;
        return Ok(true);
    }
    app.store.postpone_abandoned_ticket(id, next_look(app, late.abandoned_time, now_ms)).await?;
    Ok(true)
}
