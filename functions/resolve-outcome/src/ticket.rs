//! The decision about a ticket.

use shared::{
    app::App,
    domain::{CloudId, Ticket, TicketId, TicketState},
    error::{Error, Result},
    http::found,
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{Store, StoredAnswer, StoredTicket},
    telemetry,
    vendors::is_unreadable,
    workflow::{
        abandoned, existing_account, precondition::Precondition, reconcile_ticket::commit_created,
        vendor_write::COMMIT_RESERVE,
    },
};

use crate::request::Decision;

/// Commits the ticket under the vendor's id, or removes it and frees its key. An absent ticket that shows up later is
/// adopted all the same.
///
/// # Errors
/// `ticket_not_found`, `ticket_not_indeterminate`, `precondition_failed`, `vendor_id_not_found` where the account has
/// no such ticket at the vendor, `vendor_id_taken` where another ticket of ours has it, and the failures of vendor and
/// store. Nothing is changed then.
pub async fn resolve(
    app: &App,
    invocation: &Invocation,
    mut precondition: Precondition<'_>,
    id: &TicketId,
    decision: Decision<CloudId>,
) -> Result<StoredAnswer> {
    loop {
        match try_to_resolve(app, precondition.store(), invocation, id, &decision).await {
            Err(error) if error.is(ProblemCode::TicketNotIndeterminate) && precondition.renew().await? => {}
            resolved => return resolved,
        }
    }
}

async fn try_to_resolve(
    app: &App,
    store: &Store,
    invocation: &Invocation,
    id: &TicketId,
    decision: &Decision<CloudId>,
) -> Result<StoredAnswer> {
    let stored = found(app.store.stored_ticket(id).await?, ProblemCode::TicketNotFound)?;
    telemetry::set_account(&stored.ticket.account_id);
    match decision {
        // The same decision again.
        Decision::Present(cloud_id) if stored.ticket.cloud_id.as_ref() == Some(cloud_id) => {
            StoredAnswer::new(200, None, &stored.ticket)
        }
        _ if stored.ticket.state != TicketState::Indeterminate => Err(not_indeterminate(&stored.ticket)),
        Decision::Present(cloud_id) => present(app, store, invocation, &stored, cloud_id).await,
        Decision::Absent => {
            let now_ms = app.clock.now_ms();
            let next_check_ms = abandoned::next_check(app, now_ms, now_ms);
            let ticket = resolved(&stored.ticket);
            let stored = StoredTicket { ticket, ..stored };
            if !store.abandon_ticket(&stored, now_ms, next_check_ms).await? {
                return Err(changed());
            }
            tracing::info!(ticket.id = %id, "A person decided that the vendor does not have a ticket.");
            Ok(StoredAnswer::no_content())
        }
    }
}

async fn present(
    app: &App,
    store: &Store,
    invocation: &Invocation,
    stored: &StoredTicket,
    cloud_id: &CloudId,
) -> Result<StoredAnswer> {
    let ticket = &stored.ticket;
    let account = existing_account(app, &ticket.account_id).await?;
    let session = app.session(&account, invocation.deadline_minus(COMMIT_RESERVE));
    let is_candidate = ticket.candidates.iter().any(|candidate| candidate.vendor_id == cloud_id.as_str());
    match session.show_ticket(cloud_id).await {
        // The vendor lists some tickets that it does not show.
        Err(error) if is_unreadable(&error) && is_candidate => {}
        Err(error) if error.is(ProblemCode::VendorTicketNotFound) => {
            let rule = "names no ticket of this account at the vendor";
            return Err(Error::invalid_field("/cloud_id", rule).with_code(ProblemCode::VendorIdNotFound));
        }
        shown => drop(shown?),
    }
    let hash = stored.idempotency_hash.as_deref();
    commit_created(app, store, &account, hash, &resolved(ticket), cloud_id.clone(), None)
        .await?
        .ok_or_else(|| Error::new(ProblemCode::VendorIdTaken, "The vendor's ticket belongs to another ticket here."))?;
    tracing::info!(ticket.id = %ticket.id, "A person decided that the vendor has a ticket.");
    // Another run may have found the ticket under another id at this moment.
    let now = app.store.ticket(&ticket.id).await?.filter(|now| now.cloud_id.as_ref() == Some(cloud_id));
    let now = now.ok_or_else(changed)?;
    StoredAnswer::new(200, None, &now)
}

/// The ticket as the caller has decided about it.
fn resolved(ticket: &Ticket) -> Ticket {
    Ticket { resolved_by: telemetry::actor(), ..ticket.clone() }
}

fn not_indeterminate(ticket: &Ticket) -> Error {
    let message = format!("The ticket is {}; only an indeterminate ticket needs a decision.", ticket.state.as_str());
    Error::new(ProblemCode::TicketNotIndeterminate, message)
}

fn changed() -> Error {
    Error::new(ProblemCode::TicketNotIndeterminate, "The ticket changed at this moment; read it again.")
}
