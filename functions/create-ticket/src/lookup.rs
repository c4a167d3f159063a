//! What became of an earlier attempt under the same key. Nobody creates again before looking at the vendor.

use std::time::Duration;

use http::StatusCode;
use shared::{
    app::App,
    domain::{Account, TicketId, TicketState},
    error::Result,
    http::idempotency,
    store::{IdempotencyRecord, StoredAnswer},
    workflow::{
        creation::answer_for,
        reconcile_ticket::{LookedUp, reconcile_ticket},
    },
};

use crate::create::Caller;

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
    let Some(stored) = app.store.stored_ticket(&id).await? else {
        return Err(idempotency::running());
    };
    match stored.ticket.state {
        TicketState::Creating if old.lease.until_ms > app.clock.now_ms() => {
            return Err(idempotency::running());
        }
        TicketState::Creating | TicketState::Unknown => {}
        TicketState::Open | TicketState::Closing | TicketState::Closed => {
            return Ok(Settled::Answer(answer_for(StatusCode::CREATED, &stored.ticket)?, true));
        }
    }
    let deadline = caller.invocation.deadline_minus(COMMIT_RESERVE);
    match reconcile_ticket(app, account, &stored, deadline).await? {
        LookedUp::Found(answer) => Ok(Settled::Answer(answer, true)),
        LookedUp::Unknown(ticket, _) => Ok(Settled::Answer(answer_for(StatusCode::ACCEPTED, &ticket)?, true)),
        LookedUp::Removed => Ok(Settled::Free),
        LookedUp::Moved => Err(idempotency::running()),
    }
}
