//! Work that is due: unknown outcomes, closes under way, post-close rechecks, abandoned tickets.

use futures_util::{StreamExt, stream};
use shared::{
    domain::{ReplyId, ReplyState, TicketId, TicketState},
    error::Result,
    seeded_bugs::{self, SeededBug},
    store::{CloseReason, DueWork},
    workflow::{
        ReconcileOutcome, abandoned,
        close::{self, Acquired, CloseOutcome},
        recheck::{self, RecheckOutcome},
        reconcile_reply::reconcile_reply,
        reconcile_ticket::reconcile_ticket,
    },
};

use crate::context::{AccountSync, SyncCounts};

/// How many items of one account run at once.
const AT_ONCE: usize = 4;

/// Runs the items, as far as time and the circuit breaker allow.
pub async fn run_due(sync: &AccountSync<'_>, due: impl Iterator<Item = DueWork>) -> SyncCounts {
    stream::iter(due)
        .map(async |work| run_item(sync, &work).await)
        .buffer_unordered(AT_ONCE)
        .fold(SyncCounts::NONE, async |sum, counts| sum + counts)
        .await
}

/// Runs one item, if it may be begun.
pub async fn run_item(sync: &AccountSync<'_>, work: &DueWork) -> SyncCounts {
    if !sync.may_go_on() {
        return SyncCounts::LEFT;
    }
    let done = match work {
        DueWork::ReconcileTicket(id) => ticket(sync, id).await,
        DueWork::ReconcileReply(ticket, id) => reply(sync, ticket, id).await,
        DueWork::Close(_) if seeded_bugs::enabled(SeededBug::DueCloseIgnored) => Ok(SyncCounts::NONE),
        DueWork::Close(id) => close(sync, id, None).await,
        DueWork::Recheck(id) => recheck(sync, id).await,
        DueWork::Abandoned(id) => check_abandoned(sync, id).await,
    };
    sync.count("due work", done)
}

/// The index lags behind the table, so the ticket's present state decides the work.
async fn ticket(sync: &AccountSync<'_>, id: &TicketId) -> Result<SyncCounts> {
    let app = sync.app;
    let Some(stored) = app.store.stored_ticket(id).await? else { return Ok(SyncCounts::NONE) };
    match stored.ticket.state {
        TicketState::Unknown => {}
        TicketState::Creating if stored.lease_until_ms() <= app.clock.now_ms() => {}
        _ => return Ok(SyncCounts::NONE),
    }
    let outcome = reconcile_ticket(app, &sync.reconcile_session(), &stored).await?;
    Ok(reconciled(sync, outcome))
}

async fn reply(sync: &AccountSync<'_>, ticket: &TicketId, id: &ReplyId) -> Result<SyncCounts> {
    let app = sync.app;
    let Some(stored) = app.store.reply(ticket, id).await? else { return Ok(SyncCounts::NONE) };
    match stored.reply.state {
        ReplyState::Unknown => {}
        ReplyState::Sending if stored.lease.until_ms <= app.clock.now_ms() => {}
        _ => return Ok(SyncCounts::NONE),
    }
    let Some(ticket) = app.store.ticket(ticket).await? else { return Ok(SyncCounts::NONE) };
    let outcome = reconcile_reply(app, &sync.reconcile_session(), &ticket, &stored).await?;
    Ok(reconciled(sync, outcome))
}

fn reconciled(sync: &AccountSync<'_>, outcome: ReconcileOutcome) -> SyncCounts {
    if let ReconcileOutcome::Unknown(Some(error)) = outcome {
        sync.breaker.record_failure(&error);
        return SyncCounts::UNKNOWN;
    }
    sync.breaker.record_success();
    match outcome {
        ReconcileOutcome::Unknown(_) => SyncCounts::UNKNOWN,
        ReconcileOutcome::Found(_)
        | ReconcileOutcome::Indeterminate(_)
        | ReconcileOutcome::Absent
        | ReconcileOutcome::Superseded => SyncCounts::RECONCILED,
    }
}

/// Continues the close of a ticket; without a reason only if it is `closing`. Where a caller
/// asked for the close, the ticket is closed at the vendor whatever `reason` is.
pub async fn close(sync: &AccountSync<'_>, id: &TicketId, reason: Option<CloseReason>) -> Result<SyncCounts> {
    let Acquired::Run(run) = close::acquire(sync.app, &sync.invocation, id, reason).await? else {
        return Ok(SyncCounts::NONE);
    };
    match close::run(sync.app, &run).await {
        CloseOutcome::Closed(_) => {
            sync.breaker.record_success();
            Ok(SyncCounts::CLOSED)
        }
        CloseOutcome::NotEnded => {
            sync.breaker.record_success();
            Ok(SyncCounts::NONE)
        }
        CloseOutcome::Refused(error) => {
            sync.breaker.record_success();
            // A missing permission is shown at the account.
            sync.breaker.record_failure(&error);
            tracing::warn!(
                ticket.id = %id, vendor = %sync.account.vendor, error = ?error,
                "The vendor refuses to close a ticket; it is open again."
            );
            Ok(SyncCounts::NONE)
        }
        CloseOutcome::Stopped(_, error) => Err(error),
        CloseOutcome::OutOfTime(_) => Ok(SyncCounts::LEFT),
    }
}

async fn recheck(sync: &AccountSync<'_>, id: &TicketId) -> Result<SyncCounts> {
    match recheck::recheck(sync.app, &sync.session(), &sync.invocation, id).await? {
        RecheckOutcome::NotDue => {}
        RecheckOutcome::Complete => sync.breaker.record_success(),
        RecheckOutcome::Ended(error) => sync.breaker.record_failure(&error),
    }
    Ok(SyncCounts::NONE)
}

async fn check_abandoned(sync: &AccountSync<'_>, id: &TicketId) -> Result<SyncCounts> {
    if abandoned::check(sync.app, &sync.reconcile_session(), id).await? {
        sync.breaker.record_success();
    }
    Ok(SyncCounts::NONE)
}
