//! Work that is due: unknown outcomes, closes under way, post-close rechecks, abandoned tickets.

use std::{future::ready, sync::Arc};

use futures_util::stream;
use shared::{
    domain::{ReplyId, ReplyState, TicketId, TicketState},
    error::{ErrorKind, Result},
    seeded_bugs::{self, SeededBug},
    store::{CloseReason, DueWork},
    workflow::{
        ReconcileOutcome, abandoned,
        close::{self, Acquired, CloseOutcome},
        recheck::{self, RecheckOutcome},
        reconcile_reply::reconcile_reply,
        reconcile_ticket::reconcile_ticket,
        ticket_pages::TicketPages,
    },
};

use crate::context::{AccountSync, StepOutcome};

/// Runs the items, as far as time and the circuit breaker allow.
pub async fn run_due(sync: &AccountSync<'_>, due: impl Iterator<Item = DueWork>) -> Vec<StepOutcome> {
    let due = stream::once(ready(Ok(due.collect())));
    sync.run_steps(("due work", "due work"), due, subject, |work| run_item(sync, work)).await
}

fn subject(work: &DueWork) -> String {
    match work {
        DueWork::ReconcileTicket(id)
        | DueWork::Close(id)
        | DueWork::Recheck(id)
        | DueWork::Abandoned(id)
        | DueWork::ReconcileReply(id, _) => id.to_string(),
    }
}

/// Does the work, and gives it its next due time where it is not done: one that fails must not be in front of the
/// others in each run. What had no time, or was throttled, goes on in the next run.
async fn run_item(sync: &AccountSync<'_>, work: DueWork) -> Result<Option<StepOutcome>> {
    let done = look_at(sync, &work).await;
    let had_no_time = match &done {
        Ok(outcome) => *outcome == Some(StepOutcome::Left),
        Err(error) => error.kind() == ErrorKind::RateLimited,
    };
    if !had_no_time {
        let settle_time_ms = sync.app.config.settle_time_ms;
        sync.app.store.postpone(&work, sync.app.clock.now_ms(), settle_time_ms).await?;
    }
    done
}

async fn look_at(sync: &AccountSync<'_>, work: &DueWork) -> Result<Option<StepOutcome>> {
    match work {
        DueWork::ReconcileTicket(id) => ticket(sync, id).await,
        DueWork::ReconcileReply(ticket, id) => reply(sync, ticket, id).await,
        DueWork::Close(_) if seeded_bugs::enabled(SeededBug::DueCloseIgnored) => Ok(None),
        DueWork::Close(id) => close(sync, id, None).await,
        DueWork::Recheck(id) => recheck(sync, id).await,
        DueWork::Abandoned(id) => check_abandoned(sync, id).await,
    }
}

/// The index lags behind the table, so the ticket's present state decides the work.
async fn ticket(sync: &AccountSync<'_>, id: &TicketId) -> Result<Option<StepOutcome>> {
    let app = sync.app;
    let Some(stored) = app.store.stored_ticket(id).await? else { return Ok(None) };
    match stored.ticket.state {
        TicketState::Unknown | TicketState::Indeterminate => {}
        TicketState::Creating if stored.lease_until_ms() <= app.clock.now_ms() => {}
        _ => return Ok(None),
    }
    let outcome = reconcile_ticket(app, &sync.reconcile_session(), &stored).await?;
    Ok(Some(reconciled(sync, id, &outcome)))
}

async fn reply(sync: &AccountSync<'_>, ticket: &TicketId, id: &ReplyId) -> Result<Option<StepOutcome>> {
    let app = sync.app;
    let Some(stored) = app.store.reply(ticket, id).await? else { return Ok(None) };
    match stored.reply.state {
        ReplyState::Unknown => {}
        ReplyState::Sent if stored.reply.message_id.is_none() => {}
        ReplyState::Sending if stored.lease.until_ms <= app.clock.now_ms() => {}
        _ => return Ok(None),
    }
    let Some(ticket) = app.store.ticket(ticket).await? else { return Ok(None) };
    let session = sync.reconcile_session().saving_pages(Arc::new(TicketPages::of_reply(app, &stored)));
    let outcome = reconcile_reply(app, &session, &ticket, &stored).await?;
    Ok(Some(reconciled(sync, &ticket.id, &outcome)))
}

fn reconciled(sync: &AccountSync<'_>, ticket: &TicketId, outcome: &ReconcileOutcome) -> StepOutcome {
    if let ReconcileOutcome::Unknown(Some(error)) = outcome {
        sync.breaker.record_failure(ticket.as_str(), error);
        return if error.kind() == ErrorKind::RateLimited { StepOutcome::Left } else { StepOutcome::Unknown };
    }
    sync.breaker.record_success();
    match outcome {
        ReconcileOutcome::Unknown(_) => StepOutcome::Unknown,
        ReconcileOutcome::Found(_)
        | ReconcileOutcome::Indeterminate(_)
        | ReconcileOutcome::Absent
        | ReconcileOutcome::Superseded => StepOutcome::Reconciled,
    }
}

/// Continues the close of a ticket; without a reason only if it is `closing`. Where a caller asked for the close, the
/// ticket is closed at the vendor whatever `reason` is.
pub async fn close(sync: &AccountSync<'_>, id: &TicketId, reason: Option<CloseReason>) -> Result<Option<StepOutcome>> {
    let Acquired::Run(run) = close::acquire(sync.app, &sync.app.store, &sync.invocation, id, reason).await? else {
        return Ok(None);
    };
    let outcome = close::run(sync.app, &run).await;
    if matches!(outcome, CloseOutcome::Closed(_) | CloseOutcome::NotEnded | CloseOutcome::Refused(_)) {
        sync.breaker.record_success();
    }
    match outcome {
        CloseOutcome::Closed(_) => Ok(Some(StepOutcome::Closed)),
        CloseOutcome::NotEnded => Ok(None),
        CloseOutcome::Refused(error) => {
            // A missing permission is shown at the account.
            sync.breaker.record_failure(id.as_str(), &error);
            tracing::warn!(
                ticket.id = %id, vendor = %sync.account.vendor, error = ?error,
                "The vendor refuses to close a ticket; it is open again."
            );
            Ok(None)
        }
        CloseOutcome::Stopped(_, error) => {
            if error.kind() != ErrorKind::RateLimited {
                sync.record_blocked(id, &error);
            }
            Err(error)
        }
        CloseOutcome::OutOfTime(_) => Ok(Some(StepOutcome::Left)),
    }
}

async fn recheck(sync: &AccountSync<'_>, id: &TicketId) -> Result<Option<StepOutcome>> {
    // Boxed: it is large, and every future of the sync would be larger than it.
    match Box::pin(recheck::recheck(sync.app, sync.session(), &sync.invocation, id)).await? {
        RecheckOutcome::NotDue => {}
        RecheckOutcome::Complete => sync.breaker.record_success(),
        RecheckOutcome::Ended(error) => sync.breaker.record_failure(id.as_str(), &error),
    }
    Ok(None)
}

async fn check_abandoned(sync: &AccountSync<'_>, id: &TicketId) -> Result<Option<StepOutcome>> {
    if abandoned::check(sync.app, &sync.reconcile_session(), id).await? {
        sync.breaker.record_success();
    }
    Ok(None)
}
