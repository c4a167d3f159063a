//! Copies of open tickets' conversations: of those that the vendor says have new messages, and of those whose time has
//! come.

use std::{
    collections::{HashMap, HashSet},
    future::ready,
};

use futures_util::stream;
use shared::{
    domain::{CloudId, TicketId},
    error::{Error, ErrorKind, Result},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::OpenTicket,
    workflow::copy::{self, CopyOutcome},
};

use crate::context::{AccountSync, StepOutcome};

/// The most conversations that are copied in one run for one account, the longest due first, so that the first copies
/// of many tickets do not use all of its pace for hours.
const COPIED_IN_A_RUN: usize = 20;

/// The tickets whose conversations this run copies: those that the vendor `told` of, and those that are due at
/// `now_ms`.
pub fn due(open: &[OpenTicket], told: &HashSet<TicketId>, now_ms: i64) -> Vec<OpenTicket> {
    let is_told = |ticket: &OpenTicket| told.contains(&ticket.id);
    let is_due = |ticket: &&OpenTicket| is_told(ticket) || ticket.copy.next_copy.is_none_or(|next| next <= now_ms);
    let mut due: Vec<_> = open.iter().filter(is_due).collect();
    due.sort_by_key(|ticket| (!is_told(ticket), ticket.copy.next_copy));
    due.into_iter().take(COPIED_IN_A_RUN).cloned().collect()
}

/// Copies the conversations, as far as time and the circuit breaker allow.
pub async fn copy_all(sync: &AccountSync<'_>, due: Vec<OpenTicket>) -> Vec<StepOutcome> {
    let due = stream::once(ready(Ok(due)));
    sync.run_steps(("copy", "copy"), due, |ticket| ticket.id.to_string(), async |ticket| copy(sync, &ticket).await)
        .await
}

/// Copies one conversation, unless it was copied since the ticket was read.
pub async fn copy(sync: &AccountSync<'_>, ticket: &OpenTicket) -> Result<Option<StepOutcome>> {
    let session = sync.session().yielding();
    match copy::copy(sync.app, session, &sync.invocation, &ticket.id, ticket.copy.as_of).await {
        Ok(CopyOutcome::Complete(messages)) => {
            sync.breaker.record_success();
            Ok((messages > 0).then_some(StepOutcome::Copied))
        }
        Ok(CopyOutcome::NotAtVendor(_)) => {
            sync.breaker.record_success();
            Ok(None)
        }
        Ok(CopyOutcome::NotDue) => Ok(None),
        Err(error) if error.is(ProblemCode::CloseLeaseLost) => Ok(None),
        Err(error) if error.is(ProblemCode::DeadlineReached) => Ok(Some(StepOutcome::Left)),
        Err(error) => Err(error),
    }
}

/// Records the tickets of which the vendor tells new messages as due, and gives them. A failure is one step that
/// failed: every ticket has its own time.
pub async fn record_told(sync: &AccountSync<'_>, open: &[OpenTicket]) -> (HashSet<TicketId>, Vec<StepOutcome>) {
    if seeded_bugs::enabled(SeededBug::ToldMessagesIgnored) {
        return (HashSet::new(), Vec::new());
    }
    match told_of(sync, open).await {
        Ok(told) => (told, Vec::new()),
        Err(error) => {
            let failed = sync.logged("new messages", "new messages", Err(error));
            (HashSet::new(), failed.into_iter().collect())
        }
    }
}

/// The tickets of which the vendor tells new messages, where it can be asked for many at once. They are recorded as due
/// before the vendor's mark is, so that none is lost when this run ends early.
async fn told_of(sync: &AccountSync<'_>, open: &[OpenTicket]) -> Result<HashSet<TicketId>> {
    let session = sync.reconcile_session();
    let Some(limit) = session.capability().max_new_messages_tickets else { return Ok(HashSet::new()) };
    let by_cloud_id: HashMap<&CloudId, &OpenTicket> = open.iter().map(|ticket| (&ticket.cloud_id, ticket)).collect();
    let cloud_ids: Vec<CloudId> = open.iter().map(|ticket| ticket.cloud_id.clone()).collect();
    let mut mark = sync.account.new_messages_mark.as_deref();
    let (mut told, mut first_mark) = (HashSet::new(), None);
    for tickets in cloud_ids.chunks(limit) {
        if !sync.may_go_on() {
            return Ok(told);
        }
        let mut new = session.new_messages(tickets, mark).await;
        // A mark that the vendor no longer takes must not end its signs.
        if mark.is_some() && new.as_ref().is_err_and(is_no_failure) {
            mark = None;
            new = session.new_messages(tickets, mark).await;
        }
        let new = match new {
            Err(error) if is_no_failure(&error) => return Ok(told),
            new => new?,
        };
        sync.breaker.record_success();
        first_mark = first_mark.or(Some(new.mark));
        for (cloud_id, digest) in new.tickets {
            let Some(ticket) = by_cloud_id.get(&cloud_id) else { continue };
            if ticket.copy.told_messages.as_ref() != Some(&digest)
                && sync.app.store.record_told_messages(&ticket.id, &digest, sync.app.clock.now_ms()).await?
            {
                told.insert(ticket.id.clone());
            }
        }
    }
    // That of the first call: what is written during the later ones is told again, and recognised. While nothing is
    // told the old mark serves.
    if let Some(mark) = first_mark.flatten().filter(|_| mark.is_none() || !told.is_empty()) {
        sync.app.store.set_new_messages_mark(&sync.account.id, &mark).await?;
    }
    Ok(told)
}

/// Keys without the right to ask, or a vendor that does not take the question: every ticket still has its own time.
fn is_no_failure(error: &Error) -> bool {
    use ErrorKind::{InvalidInput, NotFound, PermissionDenied, Unsupported};
    let is_one = matches!(error.kind(), PermissionDenied | Unsupported | InvalidInput | NotFound);
    if is_one {
        tracing::debug!(error = ?error, "The vendor can't be asked for new messages.");
    }
    is_one
}
