//! The use case: read and store the history, close at the vendor, read once more and store what is new, commit.
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
};
use tokio::time::{Instant, timeout_at};

use crate::archive;

/// What is kept back of the time that is left, to answer `202` in.
const ANSWER_RESERVE: Duration = Duration::from_secs(1);

/// How long after its begin a close counts as abandoned, milliseconds: longer than any invocation.
const DUE_AFTER_MS: i64 = 60_000;

/// Closes and archives the ticket. A closed one gives the first result again.
pub async fn close(app: &App, invocation: &Invocation, id: &TicketId) -> Result<Outcome> {
    let ticket = match app
        .store
        .start_closing(id, app.clock.now_ms() + DUE_AFTER_MS)
        .await?
    {
        CloseStart::Closing(ticket) => ticket,
        CloseStart::Refused(ticket) if ticket.state == TicketState::Closed => return closed(&ticket),
        CloseStart::Refused(ticket) => return Err(not_open(&ticket)),
        CloseStart::NotFound => {
            return Err(Error::not_found("There is no such ticket.").with_code("ticket_not_found"));
        }
    };
    let deadline = invocation.keep_back(ANSWER_RESERVE);
    match timeout_at(deadline, finish(app, &ticket, deadline)).await {
        Ok(Ok(ticket)) => closed(&ticket),
        Ok(Err(error)) => unfinished(app, &ticket, error).await,
        Err(_) => {
            tracing::info!(ticket.id = %ticket.id, "A close takes longer than one answer may; it goes on with the next call.");
            accepted(&ticket)
        }
    }
}

/// A passing trouble leaves the ticket `closing`; a refusal puts it back to `open` and is told.
async fn unfinished(app: &App, ticket: &Ticket, error: Error) -> Result<Outcome> {
    if error.retry() == Retry::No {
        app.store.reopen_ticket(&ticket.id).await?;
        return Err(error);
    }
    tracing::warn!(ticket.id = %ticket.id, vendor = %ticket.vendor, error = ?error, "A close could not be finished yet.");
    accepted(ticket)
}

async fn finish(app: &App, ticket: &Ticket, deadline: Instant) -> Result<Ticket> {
    let account = app.store.account(&ticket.custom_id).await?;
    let account = account
        .ok_or_else(|| Error::conflict("The ticket's account is gone.").with_code("account_not_found"))?;
    let cloud_id = ticket.cloud_id.as_ref().ok_or_else(|| not_open(ticket))?;

    let mut kept = app.store.archived_ids(&ticket.id).await?;
    let history = read(app, &account, cloud_id, deadline).await?;
    archive::keep_new(app, ticket, cloud_id, history, &mut kept).await?;

    let vendor = app.vendors.get(account.vendor);
    with_keys(app, &account, deadline, |access| async move {
        vendor.close_ticket(&access, cloud_id).await
    })
    .await?;

    // What was written between the first reading and the close would be lost without a second one.
    let history = read(app, &account, cloud_id, deadline).await?;
    archive::keep_new(app, ticket, cloud_id, history, &mut kept).await?;
    archive::commit(app, &ticket.id).await
}

async fn read(
    app: &App,
    account: &Account,
    cloud_id: &CloudId,
    deadline: Instant,
) -> Result<Vec<shared::domain::Message>> {
    let vendor = app.vendors.get(account.vendor);
    with_keys(app, account, deadline, |access| async move {
        vendor.list_messages(&access, cloud_id).await
    })
    .await
}

fn closed(ticket: &Ticket) -> Result<Outcome> {
    Ok(Outcome::Final(stored_answer(StatusCode::OK, None, ticket)?))
}

fn accepted(ticket: &Ticket) -> Result<Outcome> {
    let location = Some(format!("/tickets/{}", ticket.id));
    Ok(Outcome::Passing(stored_answer(
        StatusCode::ACCEPTED,
        location,
        ticket,
    )?))
}

fn not_open(ticket: &Ticket) -> Error {
    let state = ticket.state.as_str();
    Error::conflict(format!(
        "The ticket is {state}; only an open ticket can be closed."
    ))
    .with_code("ticket_not_open")
}
