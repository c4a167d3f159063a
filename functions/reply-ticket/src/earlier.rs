//! What became of an earlier attempt under the same key. Nobody sends again before looking at the vendor.

use std::time::Duration;

use http::StatusCode;
use shared::{
    app::App,
    domain::{Account, Reply, ReplyId, ReplyState, Ticket},
    error::{Error, Result},
    http::idempotency,
    problem_code::ProblemCode,
    store::{IdempotencyRecord, StoredAnswer},
    workflow::reconcile_reply::{self, Settled, answer_for},
};

use crate::reply::Caller;

/// What is kept back of the time that is left, to commit what was found in.
const COMMIT_RESERVE: Duration = Duration::from_secs(3);

/// How an earlier attempt stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Earlier {
    /// This is its answer; `true`: given before, or made by somebody else's work.
    Answer(StoredAnswer, bool),
    /// It certainly did not arrive, and the key is free.
    Free,
}

/// Settles the earlier attempt that `old` records, as far as that can be done now.
pub async fn settle(
    app: &App,
    caller: &Caller<'_>,
    account: &Account,
    ticket: &Ticket,
    old: &IdempotencyRecord,
) -> Result<Earlier> {
    if let Some(answer) = &old.answer {
        return Ok(Earlier::Answer(answer.clone(), true));
    }
    let id = ReplyId::parse(old.subject.as_str())?;
    let Some(stored) = app.store.reply(&ticket.id, &id).await? else {
        return Err(idempotency::running());
    };
    match stored.reply.state {
        ReplyState::Sending if old.lease.until_ms > app.clock.now_ms() => return Err(idempotency::running()),
        ReplyState::Sending | ReplyState::Unknown => {}
        ReplyState::Sent => {
            return Ok(Earlier::Answer(answer_for(StatusCode::CREATED, ticket, &stored.reply)?, true));
        }
        ReplyState::Indeterminate => return Err(indeterminate(&stored.reply)),
    }
    let deadline = caller.invocation.deadline_minus(COMMIT_RESERVE);
    match reconcile_reply::settle(app, account, ticket, &stored, deadline).await? {
        Settled::Sent(answer) => Ok(Earlier::Answer(answer, true)),
        Settled::Unknown(reply, _) => {
            Ok(Earlier::Answer(answer_for(StatusCode::ACCEPTED, ticket, &reply)?, true))
        }
        Settled::Indeterminate(reply) => Err(indeterminate(&reply)),
        Settled::Removed => Ok(Earlier::Free),
        Settled::Moved => Err(idempotency::running()),
    }
}

fn indeterminate(reply: &Reply) -> Error {
    Error::conflict(
        "The vendor gave no answer to this message, and the conversation holds the same text from another message or time, \
         so nobody can tell whether it arrived. Look at GET /tickets/{id}/messages; to send it again use a new Idempotency-Key.",
    )
    .with_code(ProblemCode::ReplyIndeterminate)
    .with_context("reply.id", reply.id.as_str())
}
