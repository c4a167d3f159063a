//! What became of an earlier attempt under the same key. Nobody creates again before looking at the vendor.

use std::time::Duration;

use http::StatusCode;
use shared::{
    access::with_keys,
    app::App,
    domain::{Account, Ticket, TicketId, TicketState},
    error::{Error, Result},
    http::idempotency,
    store::{IdempotencyRecord, StoredAnswer},
};

use crate::create::{Caller, answer_for, commit};

/// What is kept back of the time that is left, to commit what was found in.
const COMMIT_RESERVE: Duration = Duration::from_secs(3);

/// How an earlier attempt stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// This is its answer; `true`: given before, or made by somebody else's work.
    Answer(StoredAnswer, bool),
    /// It certainly left no ticket, and the key is free.
    Free,
}

/// Settles the earlier attempt that `old` records, as far as that can be done now.
pub async fn settle(
    app: &App,
    caller: &Caller<'_>,
    account: &Account,
    old: &IdempotencyRecord,
) -> Result<Settled> {
    if let Some(answer) = &old.answer {
        return Ok(Settled::Answer(answer.clone(), true));
    }
    let id = TicketId::parse(old.subject.as_str())?;
    let Some(ticket) = app.store.ticket(&id).await? else {
        return Err(idempotency::running());
    };
    let now_ms = app.clock.now_ms();
    match ticket.state {
        TicketState::Creating if old.lease_until > now_ms => Err(idempotency::running()),
        TicketState::Creating | TicketState::Unknown => look(app, caller, account, ticket, now_ms).await,
        TicketState::Open | TicketState::Closing | TicketState::Closed => {
            Ok(Settled::Answer(answer_for(StatusCode::CREATED, &ticket)?, true))
        }
    }
}

/// Looks for the ticket's marker in the vendor's list.
async fn look(
    app: &App,
    caller: &Caller<'_>,
    account: &Account,
    ticket: Ticket,
    now_ms: i64,
) -> Result<Settled> {
    let vendor = app.vendors.get(account.vendor);
    let marker = &shared::domain::ticket::marker(&ticket.id);
    let since_ms = ticket.create_time;
    let deadline = caller.invocation.keep_back(COMMIT_RESERVE);
    let found = with_keys(app, account, deadline, |access| async move {
        vendor.find_tickets(&access, marker, since_ms).await
    })
    .await;
    let found = match found {
        Ok(found) => found,
        // A look-up that fails proves nothing.
        Err(error) => {
            log_failed_look(&ticket, &error);
            return still_unknown(ticket);
        }
    };
    for cloud_id in found {
        // One that belongs to another ticket only ends with the same line.
        if let Some(answer) = commit(app, &caller.hash, &ticket, cloud_id).await? {
            return Ok(Settled::Answer(answer, true));
        }
    }
    if ticket.create_time + app.config.settle_time_ms > now_ms {
        return still_unknown(ticket);
    }
    give_up(app, caller, ticket).await
}

/// The vendor certainly has no such ticket: longer than any lag of its list has passed.
async fn give_up(app: &App, caller: &Caller<'_>, ticket: Ticket) -> Result<Settled> {
    if app.store.remove_ticket(&ticket, &caller.hash).await? {
        return Ok(Settled::Free);
    }
    Err(idempotency::running())
}

fn still_unknown(ticket: Ticket) -> Result<Settled> {
    let unknown = Ticket { state: TicketState::Unknown, ..ticket };
    Ok(Settled::Answer(answer_for(StatusCode::ACCEPTED, &unknown)?, true))
}

fn log_failed_look(ticket: &Ticket, error: &Error) {
    tracing::warn!(ticket.id = %ticket.id, vendor = %ticket.vendor, error = ?error, "A look-up at the vendor failed; the outcome stays unknown.");
}
