//! Erases tickets that were closed longer ago than they are kept.

use shared::{
    app::App,
    domain::{Erasure, ErasureState},
    error::Result,
    store::RetentionPosition,
};

/// The most tickets that a run reads.
const MOST_READ: usize = 100;
/// How long after its end the search begins again, milliseconds.
const SEARCH_WAIT_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Marks some tickets as erased, if the stack keeps them for a number of days. What is left of them is due then.
///
/// # Errors
/// The store did not answer. The next run continues.
pub async fn mark_old(app: &App) -> Result<()> {
    let days = app.config.retention_days;
    if days == 0 {
        return Ok(());
    }
    let now_ms = app.clock.now_ms();
    let position = app.store.retention_position().await?;
    if position.next_ms > now_ms {
        return Ok(());
    }
    let before_ms = now_ms.saturating_sub(i64::from(days) * DAY_MS);
    let (old, after) = app.store.tickets_closed_before(before_ms, position.after.as_deref(), MOST_READ).await?;
    for id in old {
        let reason = Some(format!("It was closed more than {days} days ago."));
        let erasure = Erasure { time: now_ms, by: None, reason, state: ErasureState::Pending };
        app.store.mark_erased(&id, &erasure).await?;
        tracing::info!(ticket.id = %id, days, "A ticket was kept for as long as it may be.");
    }
    let next_ms = if after.is_some() { now_ms } else { now_ms + SEARCH_WAIT_MS };
    app.store.set_retention_position(&RetentionPosition { after, next_ms }).await
}
