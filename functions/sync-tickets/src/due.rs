//! Work that is due: unknown outcomes, closes that were not finished, second looks at closed tickets, tickets that were given up.

use futures_util::{StreamExt, stream};
use shared::{
    domain::{ReplyId, ReplyState, TicketId, TicketState},
    error::Result,
    store::{CloseReason, DueWork},
    workflow::{
        abandoned,
        close::{self, Start, TurnEnd},
        reconcile_reply::{self, Settled},
        reconcile_ticket::{LookedUp, reconcile_ticket},
    },
};

use crate::{
    account::{AccountSync, SyncCounts},
    recheck::recheck,
};

/// How many pieces of one account's work are done at once.
const AT_ONCE: usize = 4;

/// Does what is due, as far as time and vendor allow.
pub async fn run_due(sync: &AccountSync<'_>, due: impl Iterator<Item = DueWork>) -> SyncCounts {
    stream::iter(due)
        .map(async |work| begin(sync, Some(work)).await)
        .buffer_unordered(AT_ONCE)
        .fold(SyncCounts::default(), async |sum, done| sum + done)
        .await
}

/// Does one piece, if there is one and it may be begun.
pub async fn begin(sync: &AccountSync<'_>, work: Option<DueWork>) -> SyncCounts {
    let Some(work) = work else { return SyncCounts::default() };
    if sync.may_go_on() { sync.count("due work", one(sync, &work).await) } else { left() }
}

async fn one(sync: &AccountSync<'_>, work: &DueWork) -> Result<SyncCounts> {
    match work {
        DueWork::ReconcileTicket(id) => settle_ticket(sync, id).await,
        DueWork::Close(id) => close(sync, id, None).await,
        DueWork::Recheck(id) => recheck(sync, id).await,
        DueWork::Abandoned(id) => {
            if abandoned::look_for(sync.app, sync.account, id, sync.look_deadline()).await? {
                sync.breaker.answered();
            }
            Ok(SyncCounts::default())
        }
        DueWork::ReconcileReply(ticket, id) => settle_reply(sync, ticket, id).await,
    }
}

/// The index lags behind the table: what is to be done follows from the ticket as it stands now.
async fn settle_ticket(sync: &AccountSync<'_>, id: &TicketId) -> Result<SyncCounts> {
    let app = sync.app;
    let Some(stored) = app.store.stored_ticket(id).await? else { return Ok(SyncCounts::default()) };
    match stored.ticket.state {
        TicketState::Unknown => {}
        TicketState::Creating if stored.lease_until_ms() <= app.clock.now_ms() => {}
        _ => return Ok(SyncCounts::default()),
    }
    match reconcile_ticket(app, sync.account, &stored, sync.look_deadline()).await? {
        LookedUp::Unknown(_, None) => {
            sync.breaker.answered();
            Ok(waiting())
        }
        LookedUp::Unknown(_, Some(error)) => {
            sync.breaker.failed(&error);
            Ok(waiting())
        }
        LookedUp::Found(_) | LookedUp::Removed | LookedUp::Moved => {
            sync.breaker.answered();
            Ok(settled())
        }
    }
}

async fn settle_reply(sync: &AccountSync<'_>, ticket: &TicketId, id: &ReplyId) -> Result<SyncCounts> {
    let app = sync.app;
    let Some(stored) = app.store.reply(ticket, id).await? else { return Ok(SyncCounts::default()) };
    match stored.reply.state {
        ReplyState::Unknown => {}
        ReplyState::Sending if stored.lease.until_ms <= app.clock.now_ms() => {}
        _ => return Ok(SyncCounts::default()),
    }
    let Some(ticket) = app.store.ticket(ticket).await? else { return Ok(SyncCounts::default()) };
    match reconcile_reply::settle(app, sync.account, &ticket, &stored, sync.look_deadline()).await? {
        Settled::Unknown(_, None) => {
            sync.breaker.answered();
            Ok(waiting())
        }
        Settled::Unknown(_, Some(error)) => {
            sync.breaker.failed(&error);
            Ok(waiting())
        }
        Settled::Sent(_) | Settled::Indeterminate(_) | Settled::Removed | Settled::Moved => {
            sync.breaker.answered();
            Ok(settled())
        }
    }
}

/// Takes a turn to close the ticket; without a reason only if it is `closing`. One that a caller asked to be closed is closed all
/// the same.
pub async fn close(sync: &AccountSync<'_>, id: &TicketId, reason: Option<CloseReason>) -> Result<SyncCounts> {
    let Start::Turn(turn) = close::start(sync.app, &sync.invocation, id, reason).await? else {
        return Ok(SyncCounts::default());
    };
    match close::run(sync.app, &turn).await {
        TurnEnd::Closed(_) => {
            sync.breaker.answered();
            Ok(SyncCounts { closed: 1, ..SyncCounts::default() })
        }
        TurnEnd::NotEnded => {
            sync.breaker.answered();
            Ok(SyncCounts::default())
        }
        TurnEnd::Refused(error) => {
            sync.breaker.answered();
            // A missing right is shown at the account.
            sync.breaker.failed(&error);
            tracing::warn!(ticket.id = %id, vendor = %sync.account.vendor, error = ?error, "The vendor refuses to close a ticket; it is open again.");
            Ok(SyncCounts::default())
        }
        TurnEnd::Stopped(_, error) => Err(error),
        TurnEnd::OutOfTime(_) => Ok(left()),
    }
}

fn settled() -> SyncCounts {
    SyncCounts { settled: 1, ..SyncCounts::default() }
}

fn waiting() -> SyncCounts {
    SyncCounts { waiting: 1, ..SyncCounts::default() }
}

fn left() -> SyncCounts {
    SyncCounts { left: 1, ..SyncCounts::default() }
}
