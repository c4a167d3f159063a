//! The closing saga: read and store the messages, close at the vendor, read once more and store what is new, commit.
//!
//! `closing` is written first, and every step may be repeated, so that a crash or a time-out at any point loses nothing: the next
//! turn goes on from there. A ticket that was seen ended at the vendor takes the same way without being closed there.

mod work;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use self::work::Finished;
use crate::{
    app::App,
    domain::{CloseError, Ticket, TicketId},
    error::{Error, Result},
    ids,
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{CloseReason, CloseStart, Lease},
};

/// What is kept back of the time that is left, to give the turn back in.
const TURN_END_RESERVE: Duration = Duration::from_secs(1);

/// How much longer than the invocation a turn to close lasts, milliseconds: clocks and last writes.
const TURN_RESERVE_MS: i64 = 5_000;

/// How often the start is tried while another turn is being undone at the same moment.
const START_ATTEMPTS: u32 = 3;

/// One invocation's turn to close a ticket.
#[derive(Debug)]
pub struct Turn {
    ticket: Ticket,
    reason: CloseReason,
    closing: Lease,
    deadline: Instant,
    /// Whether messages are being stored, or were and nobody knows with what outcome.
    storing: AtomicBool,
}

/// What asking for a turn gave.
#[derive(Debug)]
pub enum Start {
    /// It is the caller's turn.
    Turn(Turn),
    /// It is somebody else's turn.
    Busy(Ticket),
    /// The ticket is in a state that can't be closed, or closed already.
    Refused(Ticket),
    /// There is no such ticket.
    NotFound,
}

/// How a turn ended.
#[derive(Debug)]
pub enum TurnEnd {
    /// The ticket is closed and archived.
    Closed(Ticket),
    /// The vendor refuses to close it: it is `open` again.
    Refused(Error),
    /// It is not ended at the vendor after all, and nobody asked to close it: it is `open` again.
    NotEnded,
    /// It stays `closing`; the next turn goes on.
    Stopped(Ticket, Error),
    /// The same: the invocation's time is up.
    OutOfTime(Ticket),
}

/// Asks for a turn that lasts as long as the invocation. Without a reason only a ticket that is `closing` already is gone on with.
pub async fn start(
    app: &App,
    invocation: &Invocation,
    id: &TicketId,
    reason: Option<CloseReason>,
) -> Result<Start> {
    for _ in 0..START_ATTEMPTS {
        let now_ms = app.clock.now_ms();
        let left_ms = i64::try_from(invocation.remaining().as_millis()).unwrap_or_default();
        let closing =
            Lease { token: ids::nonce(&*app.random)?, until_ms: now_ms + left_ms + TURN_RESERVE_MS };
        let deadline = invocation.deadline_minus(TURN_END_RESERVE);
        return Ok(match app.store.start_close(id, reason, now_ms, &closing).await? {
            CloseStart::Closing(ticket, reason) => {
                let storing = AtomicBool::new(false);
                Start::Turn(Turn { ticket, reason, closing, deadline, storing })
            }
            CloseStart::Busy(ticket, CloseReason::Ended) if reason == Some(CloseReason::Asked) => {
                // The turn under way would put a ticket that is not ended back to open, and the caller's wish would be lost.
                if !app.store.request_close(id).await? {
                    continue;
                }
                Start::Busy(ticket)
            }
            CloseStart::Busy(ticket, _) => Start::Busy(ticket),
            CloseStart::Refused(ticket) => Start::Refused(ticket),
            CloseStart::NotFound => Start::NotFound,
        });
    }
    Err(Error::new(ProblemCode::StoreContention, "The ticket's state changes at this moment; try again."))
}

/// Does the work of a turn, and gives the turn back where it is not the last one.
pub async fn run(app: &App, turn: &Turn) -> TurnEnd {
    match timeout_at(turn.deadline, work::finish(app, turn)).await {
        Ok(Ok(Finished::Closed(ticket))) => TurnEnd::Closed(*ticket),
        Ok(Ok(Finished::NotEnded)) => reopen(app, turn, None).await,
        Ok(Ok(Finished::Refused(error))) => reopen(app, turn, Some(error)).await,
        // Whatever else stops a close leaves `closing`: this turn or an earlier one may have closed it at the vendor.
        Ok(Err(error)) => {
            end_turn(app, turn).await;
            TurnEnd::Stopped(turn.ticket.clone(), error)
        }
        Err(_) => {
            tracing::info!(ticket.id = %turn.ticket.id, "A close takes longer than one run may; the next one goes on.");
            end_turn(app, turn).await;
            TurnEnd::OutOfTime(turn.ticket.clone())
        }
    }
}

/// If this fails the ticket stays `closing`, and the next turn finds the same again.
async fn reopen(app: &App, turn: &Turn, refusal: Option<Error>) -> TurnEnd {
    let told = refusal
        .as_ref()
        .map(|error| CloseError { code: error.code().to_owned(), detail: error.message().to_owned() });
    match app.store.reopen_ticket(&turn.ticket.id, &turn.closing, turn.reason, told.as_ref()).await {
        Ok(true) => {}
        // A caller asked for the close meanwhile: the next turn closes it.
        Ok(false) => end_turn(app, turn).await,
        Err(error) => {
            tracing::error!(ticket.id = %turn.ticket.id, error = ?error, "A ticket could not be put back to open.");
        }
    }
    refusal.map_or(TurnEnd::NotEnded, TurnEnd::Refused)
}

/// If this fails the next turn has to wait for this one's end, no more.
///
/// Where a write of messages may still take effect it is waited for too: the next turn may find other places for the same messages,
/// and they would stand there twice.
async fn end_turn(app: &App, turn: &Turn) {
    if turn.storing.load(Ordering::Relaxed) {
        return;
    }
    let ended = app.store.release_close(&turn.ticket.id, app.clock.now_ms(), &turn.closing).await;
    if let Err(error) = ended {
        tracing::warn!(ticket.id = %turn.ticket.id, error = ?error, "A turn to close could not be given back.");
    }
}
