//! Copies the files of messages into the bucket, and erases those of erased tickets. A schedule starts it every minute.
//!
//! Whoever stores a message in an archive makes its files due first (`ArchiveWriter`). `attempt` makes one attempt to
//! copy a file, `links` reads a conversation again for links that have not expired, `upload` streams a file into the
//! bucket.
//!
//! `retention` finds tickets that were kept too long, `erase` removes what is left of erased ones.
//!
//! The attempt is counted before it begins, so that a file which ends the process has growing waits like any other.

mod attempt;
mod erase;
mod links;
mod retention;
mod upload;

use std::time::Duration;

use futures_util::future::join_all;
use shared::{
    app::App,
    domain::Vendor,
    error::Result,
    invocation::Invocation,
    start::Connection,
    telemetry::{self, metrics},
};
use tokio::time::Instant;

use self::links::Links;

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// The time before the deadline that is reserved for the end of an attempt.
const END_RESERVE: Duration = Duration::from_secs(10);
/// No attempt begins with less time.
const LEAST_TIME: Duration = Duration::from_secs(20);
/// The most files of a vendor that a run takes.
const MOST_DUE: usize = 200;

/// Erases what is due, and copies the files that are due. A file that can't be copied is due again, and holds up no
/// other.
///
/// # Errors
/// The store did not answer. The next run continues.
pub async fn handle_event(app: &App, invocation: &Invocation) -> Result<()> {
    let work = Box::pin(run(app, invocation));
    telemetry::run_event(&app.telemetry, env!("CARGO_PKG_NAME"), invocation, work).await
}

async fn run(app: &App, invocation: &Invocation) -> Result<()> {
    for metric in [metrics::ATTACHMENTS_STORED, metrics::ATTACHMENTS_FAILED] {
        metric.add([], 0);
    }
    let end = invocation.deadline_minus(END_RESERVE);
    retention::mark_old(app).await?;
    erase::erase_all(app, end).await?;
    // All at once: a vendor that does not answer delays no file of another.
    let vendors = join_all(Vendor::ALL.map(|vendor| copy_due(app, vendor, end))).await;
    vendors.into_iter().collect()
}

/// Makes an attempt for each file of the vendor that is due, one after the other, each until `end` at the latest.
async fn copy_due(app: &App, vendor: Vendor, end: Instant) -> Result<()> {
    let copies = app.store.due_attachments(vendor, app.clock.now_ms(), MOST_DUE).await?;
    let mut links = Links::default();
    let count = copies.len();
    for (done, copy) in copies.into_iter().enumerate() {
        if end.saturating_duration_since(Instant::now()) < LEAST_TIME {
            tracing::info!(%vendor, left = count - done, "Files are left for the next run.");
            break;
        }
        attempt::attempt(app, &mut links, &copy, end).await?;
    }
    Ok(())
}
