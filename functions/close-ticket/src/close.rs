//! The use case: read and store the messages, close at the vendor, read once more and store what is new, commit.
//!
//! `closing` is written first, and every step may be repeated, so that a crash or a time-out at any point loses nothing:
//! the next close goes on from there.

use std::time::Duration;

use http::StatusCode;
use shared::{
    access::with_keys,
    app::App,
    domain::{Account, CloudId, Ticket, TicketId, TicketState},
    error::{Error, Result, Retry},
    http::{Invocation, idempotency::Outcome, stored_answer},
    store::CloseStart,
    vendor::failure::CLOSE_REFUSED,
};
use tokio::time::{Instant, timeout_at};

use crate::archive;

/// What is kept back of the time that is left, to answer `202` in.
const ANSWER_RESERVE: Duration = Duration::from_secs(1);

/// How much longer than the invocation a turn to close lasts, milliseconds: clocks and last writes.
const TURN_RESERVE_MS: i64 = 5_000;

/// Closes and archives the ticket. A closed one gives the first result again.
pub async fn close(app: &App, invocation: &Invocation, id: &TicketId) -> Result<Outcome> {
    let now_ms = app.clock.now_ms();
    let left_ms = i64::try_from(invocation.remaining().as_millis()).unwrap_or_default();
    let until_ms = now_ms + left_ms + TURN_RESERVE_MS;
    let ticket = match app.store.start_closing(id, now_ms, until_ms).await? {
        CloseStart::Closing(ticket) => ticket,
        CloseStart::Busy(ticket) => return accepted(&ticket),
        CloseStart::Refused(ticket) if ticket.state == TicketState::Closed => return closed(&ticket),
        CloseStart::Refused(ticket) => return Err(not_open(&ticket)),
        CloseStart::NotFound => {
            return Err(Error::not_found("There is no such ticket.").with_code("ticket_not_found"));
        }
    };
    let turn = Turn { ticket, until_ms, deadline: invocation.keep_back(ANSWER_RESERVE) };
    match timeout_at(turn.deadline, finish(app, &turn)).await {
        Ok(Ok(ticket)) => closed(&ticket),
        Ok(Err(error)) => stopped(app, &turn, error).await,
        Err(_) => {
            tracing::info!(ticket.id = %id, "A close takes longer than one answer may; the next one goes on.");
            end_turn(app, &turn).await;
            accepted(&turn.ticket)
        }
    }
}

/// One invocation's turn to close a ticket.
struct Turn {
    ticket: Ticket,
    until_ms: i64,
    deadline: Instant,
}

/// Only the vendor's own refusal, after which the ticket was read as not ended, puts it back to `open`. Whatever else stops a
/// close leaves `closing`: this turn or an earlier one may have closed it at the vendor.
async fn stopped(app: &App, turn: &Turn, error: Error) -> Result<Outcome> {
    let id = &turn.ticket.id;
    if error.code() == CLOSE_REFUSED {
        // If this fails the ticket stays `closing`; the refusal is the answer all the same.
        if let Err(failure) = app.store.reopen_ticket(id, turn.until_ms).await {
            tracing::error!(ticket.id = %id, error = ?failure, "A ticket could not be put back to open.");
        }
        return Err(error);
    }
    end_turn(app, turn).await;
    if error.retry() == Retry::No {
        return Err(error);
    }
    tracing::warn!(ticket.id = %id, vendor = %turn.ticket.vendor, error = ?error, "A close could not be finished yet.");
    accepted(&turn.ticket)
}

/// If this fails the next close has to wait for the turn's end, no more.
async fn end_turn(app: &App, turn: &Turn) {
    let ended = app.store.end_closing_turn(&turn.ticket.id, app.clock.now_ms(), turn.until_ms).await;
    if let Err(error) = ended {
        tracing::warn!(ticket.id = %turn.ticket.id, error = ?error, "A turn to close could not be given back.");
    }
}

async fn finish(app: &App, turn: &Turn) -> Result<Ticket> {
    let (ticket, deadline) = (&turn.ticket, turn.deadline);
    let account = account_of(app, ticket).await?;
    let cloud_id = ticket.cloud_id.as_ref().ok_or_else(|| not_open(ticket))?;

    let mut kept = app.store.archived_ids(&ticket.id).await?;
    let messages = read(app, &account, cloud_id, deadline).await?;
    archive::keep_new(app, ticket, cloud_id, messages, &mut kept).await?;

    let vendor = app.vendors.get(account.vendor);
    with_keys(app, &account, deadline, |access| async move { vendor.close_ticket(&access, cloud_id).await })
        .await?;

    // What was written between the first reading and the close would be lost without a second one.
    let messages = read(app, &account, cloud_id, deadline).await?;
    archive::keep_new(app, ticket, cloud_id, messages, &mut kept).await?;
    archive::commit(app, ticket).await
}

async fn account_of(app: &App, ticket: &Ticket) -> Result<Account> {
    let account = app.store.account(&ticket.custom_id).await?;
    account.ok_or_else(|| Error::conflict("The ticket's account is gone.").with_code("account_not_found"))
}

async fn read(
    app: &App,
    account: &Account,
    cloud_id: &CloudId,
    deadline: Instant,
) -> Result<Vec<shared::domain::Message>> {
    let vendor = app.vendors.get(account.vendor);
    with_keys(app, account, deadline, |access| async move { vendor.list_messages(&access, cloud_id).await })
        .await
}

fn closed(ticket: &Ticket) -> Result<Outcome> {
    Ok(Outcome::Final(stored_answer(StatusCode::OK, None, ticket)?))
}

fn accepted(ticket: &Ticket) -> Result<Outcome> {
    let location = Some(format!("/tickets/{}", ticket.id));
    Ok(Outcome::Passing(stored_answer(StatusCode::ACCEPTED, location, ticket)?))
}

fn not_open(ticket: &Ticket) -> Error {
    let state = ticket.state.as_str();
    Error::conflict(format!("The ticket is {state}; only an open ticket can be closed."))
        .with_code("ticket_not_open")
}
