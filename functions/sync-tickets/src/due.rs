//! Work that is due: unknown outcomes, closes that were not finished, second looks at closed tickets, tickets that were given up.

use futures_util::{StreamExt, stream};
use shared::{
    domain::{ReplyId, ReplyState, TicketId, TicketState},
    error::Result,
    life::{
        closing::{self, Start, TurnEnd},
        late,
        look_up::{LookedUp, look_up},
        replying::{self, Settled},
    },
    store::{CloseReason, DueWork},
};

use crate::{
    account::{Desk, Done},
    second_look::second_look,
};

/// How many pieces of one account's work are done at once.
const AT_ONCE: usize = 4;

/// Does what is due, as far as time and vendor allow.
pub async fn work_off(desk: &Desk<'_>, due: impl Iterator<Item = DueWork>) -> Done {
    stream::iter(due)
        .map(async |work| begin(desk, Some(work)).await)
        .buffer_unordered(AT_ONCE)
        .fold(Done::default(), async |sum, done| sum + done)
        .await
}

/// Does one piece, if there is one and it may be begun.
pub async fn begin(desk: &Desk<'_>, work: Option<DueWork>) -> Done {
    let Some(work) = work else { return Done::default() };
    if desk.may_go_on() { desk.count("due work", one(desk, &work).await) } else { left() }
}

async fn one(desk: &Desk<'_>, work: &DueWork) -> Result<Done> {
    match work {
        DueWork::LookUp(id) => settle_ticket(desk, id).await,
        DueWork::Close(id) => close(desk, id, None).await,
        DueWork::SecondLook(id) => second_look(desk, id).await,
        DueWork::Late(id) => {
            if late::look_for(desk.app, desk.account, id, desk.look_deadline()).await? {
                desk.guard.answered();
            }
            Ok(Done::default())
        }
        DueWork::Reply(ticket, id) => settle_reply(desk, ticket, id).await,
    }
}

/// The index lags behind the table: what is to be done follows from the ticket as it stands now.
async fn settle_ticket(desk: &Desk<'_>, id: &TicketId) -> Result<Done> {
    let app = desk.app;
    let Some(stored) = app.store.stored_ticket(id).await? else { return Ok(Done::default()) };
    match stored.ticket.state {
        TicketState::Unknown => {}
        TicketState::Creating if stored.lease_until <= app.clock.now_ms() => {}
        _ => return Ok(Done::default()),
    }
    match look_up(app, desk.account, &stored, desk.look_deadline()).await? {
        LookedUp::Unknown(_, None) => {
            desk.guard.answered();
            Ok(waiting())
        }
        LookedUp::Unknown(_, Some(error)) => {
            desk.guard.failed(&error);
            Ok(waiting())
        }
        LookedUp::Found(_) | LookedUp::Removed | LookedUp::Moved => {
            desk.guard.answered();
            Ok(settled())
        }
    }
}

async fn settle_reply(desk: &Desk<'_>, ticket: &TicketId, id: &ReplyId) -> Result<Done> {
    let app = desk.app;
    let Some(stored) = app.store.reply(ticket, id).await? else { return Ok(Done::default()) };
    match stored.reply.state {
        ReplyState::Unknown => {}
        ReplyState::Sending if stored.lease_until <= app.clock.now_ms() => {}
        _ => return Ok(Done::default()),
    }
    let Some(ticket) = app.store.ticket(ticket).await? else { return Ok(Done::default()) };
    match replying::settle(app, desk.account, &ticket, &stored, desk.look_deadline()).await? {
        Settled::Unknown(_, None) => {
            desk.guard.answered();
            Ok(waiting())
        }
        Settled::Unknown(_, Some(error)) => {
            desk.guard.failed(&error);
            Ok(waiting())
        }
        Settled::Sent(_) | Settled::Doubtful(_) | Settled::Removed | Settled::Moved => {
            desk.guard.answered();
            Ok(settled())
        }
    }
}

/// Takes a turn to close the ticket; without a reason only if it is `closing`. One that a caller asked to be closed is closed all
/// the same.
pub async fn close(desk: &Desk<'_>, id: &TicketId, reason: Option<CloseReason>) -> Result<Done> {
    let Start::Turn(turn) = closing::start(desk.app, &desk.invocation, id, reason).await? else {
        return Ok(Done::default());
    };
    match closing::run(desk.app, &turn).await {
        TurnEnd::Closed(_) => {
            desk.guard.answered();
            Ok(Done { closed: 1, ..Done::default() })
        }
        TurnEnd::NotEnded => {
            desk.guard.answered();
            Ok(Done::default())
        }
        TurnEnd::Refused(error) => {
            desk.guard.answered();
            // A missing right is shown at the account.
            desk.guard.failed(&error);
            tracing::warn!(ticket.id = %id, vendor = %desk.account.vendor, error = ?error, "The vendor refuses to close a ticket; it is open again.");
            Ok(Done::default())
        }
        TurnEnd::Stopped(_, error) => Err(error),
        TurnEnd::OutOfTime(_) => Ok(left()),
    }
}

fn settled() -> Done {
    Done { settled: 1, ..Done::default() }
}

fn waiting() -> Done {
    Done { waiting: 1, ..Done::default() }
}

fn left() -> Done {
    Done { left: 1, ..Done::default() }
}
