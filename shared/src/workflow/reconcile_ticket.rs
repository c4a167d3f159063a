//! Reconciles a create of unknown outcome with the vendor's list. It never creates a ticket.

use super::{ReconcileOutcome, abandoned};
use crate::{
    app::App,
    domain::{CloudId, Ticket, TicketState},
    error::Result,
    events::{BusEvent, TICKET_CREATED},
    seeded_bugs::{self, SeededBug},
    store::{CreatedCommit, StoredAnswer, StoredTicket},
    vendors::Session,
};

/// Searches the vendor's list for the ticket's marker. The ticket must be `unknown`, or `creating` after its lease.
///
/// The vendor's list may lag behind its writes by the settle time. The ticket becomes abandoned once that time has
/// passed since the lease of its create ended. A list that can't be read proves nothing.
///
/// # Errors
/// The store's failures. A vendor that can't be read is [`ReconcileOutcome::Unknown`].
pub async fn reconcile_ticket(app: &App, session: &Session<'_>, stored: &StoredTicket) -> Result<ReconcileOutcome> {
    let ticket = &stored.ticket;
    // The list shows what the vendor received before this time, so it is taken before the list is read.
    let read_at_ms = app.clock.now_ms();
    let found = match abandoned::find(session, ticket).await {
        Ok(found) => found,
        Err(_) if seeded_bugs::enabled(SeededBug::FailedReadCountsAsAbsent) => Vec::new(),
        Err(error) => {
            tracing::warn!(
                ticket.id = %ticket.id, vendor = %ticket.vendor, error = ?error,
                "The vendor's list could not be read; the outcome stays unknown."
            );
            return Ok(ReconcileOutcome::Unknown(Some(error)));
        }
    };
    for cloud_id in found {
        // A vendor's ticket that belongs to another ticket of ours only ends with the same line.
        let hash = stored.idempotency_hash.as_deref();
        if let Some(answer) = commit_created(app, hash, ticket, cloud_id).await? {
            return Ok(ReconcileOutcome::Found(answer));
        }
    }
    let settle_time_ms =
        if seeded_bugs::enabled(SeededBug::AbandonBeforeSettleTime) { 0 } else { app.config.settle_time_ms };
    let settle_end_ms = stored.lease_until_ms().max(ticket.create_time) + settle_time_ms;
    if settle_end_ms > read_at_ms {
        return Ok(ReconcileOutcome::Unknown(None));
    }
    let next_check_ms = abandoned::next_check(app, read_at_ms, read_at_ms);
    if !app.store.abandon_ticket(stored, read_at_ms, next_check_ms).await? {
        return Ok(ReconcileOutcome::Superseded);
    }
    tracing::info!(
        ticket.id = %ticket.id, vendor = %ticket.vendor,
        "The vendor does not show a ticket after the settle time; it is abandoned."
    );
    Ok(ReconcileOutcome::Absent)
}

/// Commits that the vendor has the ticket, and gives the answer, which is stored in the idempotency record `hash`.
/// `None`: the vendor's id belongs to another ticket of ours, or the ticket was removed, and nothing is changed.
///
/// # Errors
/// The store's failures. The ticket stays due, and a reconcile finds it at the vendor by its marker.
pub async fn commit_created(
    app: &App,
    hash: Option<&str>,
    ticket: &Ticket,
    cloud_id: CloudId,
) -> Result<Option<StoredAnswer>> {
    let open = Ticket { state: TicketState::Open, cloud_id: Some(cloud_id), ..ticket.clone() };
    let created = created_answer(&open)?;
    if seeded_bugs::enabled(SeededBug::PublishBeforeCommit) {
        let detail = serde_json::json!({"event_id": ticket.id, "ticket_id": ticket.id, "state": "open"});
        app.events.publish(&[BusEvent::new(TICKET_CREATED, &detail)?]).await?;
    }
    match app.store.commit_created(&open, hash, &created, app.clock.now_ms()).await? {
        CreatedCommit::Done => Ok(Some(created)),
        CreatedCommit::IdTaken => Ok(None),
        CreatedCommit::StateChanged => match app.store.ticket(&open.id).await? {
            Some(now) if now.cloud_id.is_some() => created_answer(&now).map(Some),
            Some(_) => unknown_answer(ticket).map(Some),
            // Another run read the list before the vendor showed the ticket, and abandoned it.
            None => Ok(app.store.adopt_abandoned_ticket(&open).await?.then_some(created)),
        },
    }
}

/// `201` with the ticket.
///
/// # Errors
/// `Unexpected` where it can't be written as JSON, here and below.
pub fn created_answer(ticket: &Ticket) -> Result<StoredAnswer> {
    StoredAnswer::new(201, location(ticket), ticket)
}

/// `202` with the ticket as `unknown`.
pub fn unknown_answer(ticket: &Ticket) -> Result<StoredAnswer> {
    let unknown = Ticket { state: TicketState::Unknown, ..ticket.clone() };
    StoredAnswer::new(202, location(ticket), &unknown)
}

fn location(ticket: &Ticket) -> Option<String> {
    Some(format!("/tickets/{}", ticket.id))
}
