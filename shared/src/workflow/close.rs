//! Closing a ticket: read and store the messages, close at the vendor, read again and store what is new, commit.
//!
//! `closing` is written first, with a lease, and every step may be repeated. After a crash or a timeout at any point
//! the run with the next lease continues from the stored state. A ticket that has ended at the vendor takes the same
//! steps, except the close at the vendor.

mod close_error;
mod steps;

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use self::steps::{Finished, finish};
use super::vendor_write::new_lease;
use crate::{
    app::App,
    domain::{AccountId, CloseError, Ticket, TicketId},
    error::{Error, Result},
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{CloseReason, CloseStart, Lease, Store},
};

/// The time before the invocation's deadline that is reserved for releasing the lease.
const RELEASE_RESERVE: Duration = Duration::from_secs(1);

/// The number of attempts to start while another run aborts the close at the same moment.
const START_ATTEMPTS: u32 = 3;

/// One invocation's work on the close of a ticket, under a lease.
#[derive(Debug)]
pub struct CloseRun {
    ticket: Ticket,
    reason: CloseReason,
    lease: Lease,
    deadline: Instant,
}

impl CloseRun {
    /// The account of its ticket.
    pub fn account_id(&self) -> &AccountId {
        &self.ticket.account_id
    }
}

/// The result of acquiring the lease of a close.
#[derive(Debug)]
pub enum Acquired {
    /// The caller has it.
    Run(CloseRun),
    /// Another run has it.
    Busy(Ticket),
    /// The ticket is closed already, or in a state that can't be closed.
    Refused(Ticket),
    /// There is no such ticket.
    NotFound,
}

/// The result of a run.
#[derive(Debug)]
pub enum CloseOutcome {
    /// The ticket is closed and archived.
    Closed(Ticket),
    /// The vendor refuses to close it: it is `open` again.
    Refused(Error),
    /// It has not ended at the vendor, and no caller asked to close it: it is `open` again.
    NotEnded,
    /// It stays `closing`; the next run continues.
    Stopped(Ticket, Error),
    /// It stays `closing`, because the invocation's time is up.
    OutOfTime(Ticket),
}

/// Acquires a lease that lasts as long as the invocation, by a write of `store`. Without a reason the ticket must be
/// `closing` already.
///
/// # Errors
/// `store_contention` where the ticket's state changes during every attempt, and the store's failures.
pub async fn acquire(
    app: &App,
    store: &Store,
    invocation: &Invocation,
    id: &TicketId,
    reason: Option<CloseReason>,
) -> Result<Acquired> {
    for _ in 0..START_ATTEMPTS {
        let lease = new_lease(app, invocation)?;
        match store.start_close(id, reason, app.clock.now_ms(), &lease).await? {
            CloseStart::Closing(ticket, reason) => {
                let deadline = invocation.deadline_minus(RELEASE_RESERVE);
                return Ok(Acquired::Run(CloseRun { ticket, reason, lease, deadline }));
            }
            // The other run aborts the close of a ticket that has not ended. It must know that a caller asked for the
            // close; where it ends before that is stored, this run starts again.
            CloseStart::Busy(_, CloseReason::Ended)
                if reason == Some(CloseReason::Asked) && !store.request_close(id).await? => {}
            CloseStart::Busy(ticket, _) => return Ok(Acquired::Busy(ticket)),
            CloseStart::Refused(ticket) => return Ok(Acquired::Refused(ticket)),
            CloseStart::NotFound => return Ok(Acquired::NotFound),
        }
    }
    Err(Error::new(ProblemCode::StoreContention, "The ticket's state changes at this moment; try again."))
}

/// Does the remaining steps, and releases the lease where the ticket stays `closing`.
pub async fn run(app: &App, run: &CloseRun) -> CloseOutcome {
    // Boxed: it is large, and every future of the sync that may run a close would be larger than it.
    match timeout_at(run.deadline, Box::pin(finish(app, run))).await {
        Ok(Ok(Finished::Closed(ticket))) => CloseOutcome::Closed(*ticket),
        Ok(Ok(Finished::NotEnded)) => abort(app, run, None).await,
        Ok(Ok(Finished::Refused(error))) => abort(app, run, Some(error)).await,
        // Any other error leaves `closing`: this run or an earlier one may have closed the ticket at the vendor.
        Ok(Err(error)) => {
            release(app, run, close_error::shown(&error)).await;
            CloseOutcome::Stopped(run.ticket.clone(), error)
        }
        Err(_) => {
            tracing::info!(ticket.id = %run.ticket.id, "A close takes longer than one run; the next run continues.");
            release(app, run, None).await;
            CloseOutcome::OutOfTime(run.ticket.clone())
        }
    }
}

/// If this fails, the ticket stays `closing` and the next run has the same result.
async fn abort(app: &App, run: &CloseRun, refusal: Option<Error>) -> CloseOutcome {
    let shown =
        refusal.as_ref().map(|error| CloseError { code: error.problem_code(), detail: error.message().to_owned() });
    match app.store.abort_close(&run.ticket.id, &run.lease, run.reason, shown.as_ref()).await {
        Ok(true) => {}
        // A caller asked for the close meanwhile: the next run closes it.
        Ok(false) => release(app, run, None).await,
        Err(error) => {
            tracing::error!(ticket.id = %run.ticket.id, error = ?error, "A ticket could not be put back to open.");
        }
    }
    refusal.map_or(CloseOutcome::NotEnded, CloseOutcome::Refused)
}

/// If this fails, the next run waits for the end of the lease. A write of messages that was cut off can't take effect
/// after it.
async fn release(app: &App, run: &CloseRun, error: Option<CloseError>) {
    if let Err(error) = app.store.release_close(&run.ticket.id, app.clock.now_ms(), &run.lease, error.as_ref()).await {
        tracing::warn!(ticket.id = %run.ticket.id, error = ?error, "The lease of a close could not be released.");
    }
}
