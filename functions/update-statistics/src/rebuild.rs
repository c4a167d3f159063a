//! Rebuilds the statistics from all tickets, beside the stream, which goes on.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{app::App, error::Result, ids::nonce, invocation::Invocation, store::Lease};

/// The time before the end of the run in which no further page is begun: a page takes some calls of the store, each of
/// which may be repeated.
const RESERVE: Duration = Duration::from_secs(15);

/// Rebuilds, or continues a rebuild. Answers `state`, and in `tickets` how many were read: `complete`, or `unfinished`
/// where the run's time is up, and `running` without a number where another run is at it.
///
/// # Errors
/// The store's failures; the same event continues from the last page.
pub async fn rebuild(app: &App, invocation: &Invocation) -> Result<Value> {
    let now_ms = app.clock.now_ms();
    let left_ms = i64::try_from(invocation.remaining().as_millis()).unwrap_or(i64::MAX);
    let lease = Lease { token: nonce(app.random.as_ref())?, until_ms: now_ms.saturating_add(left_ms) };
    let Some(mut position) = app.store.start_rebuild(now_ms, &lease).await? else {
        return Ok(json!({"state": "running"}));
    };
    loop {
        if invocation.remaining() <= RESERVE {
            app.store.release_rebuild(&lease).await?;
            tracing::info!(tickets = position.tickets, "The rebuild of the statistics takes longer than one run.");
            return Ok(json!({"state": "unfinished", "tickets": position.tickets}));
        }
        match app.store.rebuild_next(&lease, &mut position).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                // The next run need not wait for the end of the lease.
                let _ = app.store.release_rebuild(&lease).await;
                return Err(error);
            }
        }
    }
    app.store.finish_rebuild(&lease, &position).await?;
    tracing::info!(tickets = position.tickets, "The statistics are rebuilt.");
    Ok(json!({"state": "complete", "tickets": position.tickets}))
}
