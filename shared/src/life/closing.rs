//! The closing saga: read and store the messages, close at the vendor, read once more and store what is new, commit.
//!
//! `closing` is written first, and every step may be repeated, so that a crash or a time-out at any point loses nothing: the next
//! turn goes on from there. A ticket that was seen ended at the vendor takes the same way without being closed there.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{archive, existing_account};
use crate::{
    access::with_keys,
    app::App,
    domain::{Account, CloseError, CloudId, Message, Phase, Ticket, TicketId},
    error::{Error, ErrorKind, Result, Retry},
    http::Invocation,
    ids,
    store::{CloseReason, CloseStart, ClosingTurn},
    vendor::{
        VendorStatus,
        failure::{self, CLOSE_REFUSED, TICKET_NOT_FOUND},
    },
};

/// What is kept back of the time that is left, to give the turn back in.
const TURN_END_RESERVE: Duration = Duration::from_secs(1);

/// How much longer than the invocation a turn to close lasts, milliseconds: clocks and last writes.
const TURN_RESERVE_MS: i64 = 5_000;

/// How often the start is tried while another turn is being undone at the same moment.
const START_ATTEMPTS: u32 = 3;

/// The status of a ticket that the vendor no longer has.
const DELETED: &str = "deleted";

/// One invocation's turn to close a ticket.
#[derive(Debug)]
pub struct Turn {
    ticket: Ticket,
    reason: CloseReason,
    closing: ClosingTurn,
    deadline: Instant,
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

/// Asks for a turn that lasts as long as the invocation.
pub async fn start(app: &App, invocation: &Invocation, id: &TicketId, reason: CloseReason) -> Result<Start> {
    for _ in 0..START_ATTEMPTS {
        let now_ms = app.clock.now_ms();
        let left_ms = i64::try_from(invocation.remaining().as_millis()).unwrap_or_default();
        let closing =
            ClosingTurn { name: ids::nonce(&*app.random)?, until_ms: now_ms + left_ms + TURN_RESERVE_MS };
        let deadline = invocation.keep_back(TURN_END_RESERVE);
        return Ok(match app.store.start_closing(id, reason, now_ms, &closing).await? {
            CloseStart::Closing(ticket, reason) => Start::Turn(Turn { ticket, reason, closing, deadline }),
            CloseStart::Busy(ticket, CloseReason::Ended) if reason == CloseReason::Asked => {
                // The turn under way would put a ticket that is not ended back to open, and the caller's wish would be lost.
                if !app.store.ask_to_close(id).await? {
                    continue;
                }
                Start::Busy(ticket)
            }
            CloseStart::Busy(ticket, _) => Start::Busy(ticket),
            CloseStart::Refused(ticket) => Start::Refused(ticket),
            CloseStart::NotFound => Start::NotFound,
        });
    }
    Err(Error::conflict("The ticket's state changes at this moment; try again.")
        .with_code("store_contention"))
}

/// Does the work of a turn, and gives the turn back where it is not the last one.
pub async fn run(app: &App, turn: &Turn) -> TurnEnd {
    match timeout_at(turn.deadline, finish(app, turn)).await {
        Ok(Ok(Some(ticket))) => TurnEnd::Closed(ticket),
        Ok(Ok(None)) => reopen(app, turn, None).await,
        Ok(Err(error)) if error.code() == CLOSE_REFUSED => reopen(app, turn, Some(error)).await,
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
async fn end_turn(app: &App, turn: &Turn) {
    let ended = app.store.end_closing_turn(&turn.ticket.id, app.clock.now_ms(), &turn.closing).await;
    if let Err(error) = ended {
        tracing::warn!(ticket.id = %turn.ticket.id, error = ?error, "A turn to close could not be given back.");
    }
}

/// `None`: nobody asked to close it, and it is not ended at the vendor.
async fn finish(app: &App, turn: &Turn) -> Result<Option<Ticket>> {
    let account = existing_account(app, &turn.ticket.custom_id).await?;
    let done = match turn.reason {
        CloseReason::Asked => close(app, turn, &account).await,
        CloseReason::Ended => follow(app, turn, &account).await,
    };
    match done {
        Err(error) if error.code() == TICKET_NOT_FOUND => {
            archive_deleted(app, turn, &account, error).await.map(Some)
        }
        done => done,
    }
}

async fn close(app: &App, turn: &Turn, account: &Account) -> Result<Option<Ticket>> {
    let (ticket, deadline) = (&turn.ticket, turn.deadline);
    let cloud_id = cloud_id(ticket)?;
    let mut kept = app.store.archived_ids(&ticket.id).await?;
    let messages = read(app, account, cloud_id, deadline).await?;
    archive::keep_new(app, ticket, cloud_id, messages, &mut kept).await?;

    let vendor = app.vendors.get(account.vendor);
    with_keys(app, account, deadline, |access| async move { vendor.close_ticket(&access, cloud_id).await })
        .await?;
    let status = status(app, account, cloud_id, deadline).await?;
    if status.phase != Phase::Ended {
        return Err(not_carried_out(app, ticket, &status).await?);
    }

    // What was written between the first reading and the close would be lost without a second one.
    let messages = read(app, account, cloud_id, deadline).await?;
    archive::keep_new(app, ticket, cloud_id, messages, &mut kept).await?;
    archive::commit(app, ticket, &turn.closing, Some(&status.raw)).await.map(Some)
}

/// The vendor took the close and does not show it. An archive of a ticket that goes on would lose what comes after, so the next turn
/// asks again; one that is not carried out within the settle time counts as refused.
async fn not_carried_out(app: &App, ticket: &Ticket, status: &VendorStatus) -> Result<Error> {
    let stored = app.store.stored_ticket(&ticket.id).await?;
    let since_ms = stored.and_then(|stored| stored.closing_since).unwrap_or_default();
    let raw = failure::safe_text(&status.raw);
    Ok(if since_ms + app.config.settle_time_ms <= app.clock.now_ms() {
        Error::conflict(format!("The vendor takes the close but leaves the ticket in status {raw}."))
            .with_code(CLOSE_REFUSED)
    } else {
        Error::new(
            ErrorKind::VendorUnavailable,
            format!("The vendor still shows the ticket in status {raw}."),
        )
        .with_code("vendor_close_pending")
        .with_retry(Retry::Yes { after: None })
    })
}

/// The status comes before the reading: an ended ticket gets no more messages, so one reading is all of them.
async fn follow(app: &App, turn: &Turn, account: &Account) -> Result<Option<Ticket>> {
    let (ticket, deadline) = (&turn.ticket, turn.deadline);
    let cloud_id = cloud_id(ticket)?;
    let status = status(app, account, cloud_id, deadline).await?;
    if status.phase != Phase::Ended {
        return Ok(None);
    }
    let mut kept = app.store.archived_ids(&ticket.id).await?;
    let messages = read(app, account, cloud_id, deadline).await?;
    archive::keep_new(app, ticket, cloud_id, messages, &mut kept).await?;
    archive::commit(app, ticket, &turn.closing, Some(&status.raw)).await.map(Some)
}

/// The vendor says that it has no such ticket. If it says so of the status too, and the ticket is old enough for every list and
/// replica of the vendor to know it, somebody deleted it there: what was kept is the archive.
async fn archive_deleted(app: &App, turn: &Turn, account: &Account, gone: Error) -> Result<Ticket> {
    let ticket = &turn.ticket;
    let cloud_id = cloud_id(ticket)?;
    if ticket.create_time + app.config.settle_time_ms > app.clock.now_ms() {
        return Err(gone);
    }
    match status(app, account, cloud_id, turn.deadline).await {
        Err(error) if error.kind() == ErrorKind::NotFound && error.code() == TICKET_NOT_FOUND => {
            tracing::warn!(ticket.id = %ticket.id, vendor = %ticket.vendor, "The vendor no longer has the ticket; what was kept of it is archived.");
            archive::commit(app, ticket, &turn.closing, Some(DELETED)).await
        }
        _ => Err(gone),
    }
}

fn cloud_id(ticket: &Ticket) -> Result<&CloudId> {
    ticket.cloud_id.as_ref().ok_or_else(|| Error::unexpected("A closing ticket has no vendor's id."))
}

async fn status(app: &App, account: &Account, cloud_id: &CloudId, deadline: Instant) -> Result<VendorStatus> {
    let vendor = app.vendors.get(account.vendor);
    with_keys(app, account, deadline, |access| async move { vendor.ticket_status(&access, cloud_id).await })
        .await
}

async fn read(app: &App, account: &Account, cloud_id: &CloudId, deadline: Instant) -> Result<Vec<Message>> {
    let vendor = app.vendors.get(account.vendor);
    with_keys(app, account, deadline, |access| async move { vendor.list_messages(&access, cloud_id).await })
        .await
}
