//! The use cases around erasing: a ticket's texts and files, and the hold that keeps them.

use http::{Response, StatusCode};
use shared::{
    app::App,
    domain::{Erasure, ErasureState, Hold, Ticket, TicketId, TicketState},
    error::{Error, Result},
    http::{found, json, kept},
    problem_code::ProblemCode,
    telemetry,
    workflow::precondition::Precondition,
};

/// Erases a closed ticket's texts in the table; `copy-attachments` erases its files and looks for what came late. A
/// ticket that is erased is answered as it is. Fails with `ticket_not_found`, `ticket_not_closed`, `ticket_on_hold`,
/// `precondition_failed`, and the store's failures, after which a repeat or the schedule goes on.
pub async fn erase(
    app: &App,
    mut precondition: Precondition<'_>,
    id: &TicketId,
    reason: Option<String>,
) -> Result<Response<String>> {
    let erasure = Erasure { time: app.clock.now_ms(), by: by(), reason, state: ErasureState::Pending };
    loop {
        let ticket = precondition.store().mark_erased(id, &erasure).await?;
        let mut ticket = found(ticket, ProblemCode::TicketNotFound)?;
        telemetry::set_account(&ticket.account_id);
        match &ticket.erased {
            None if precondition.renew().await? => continue,
            None => return Err(refusal(&ticket)),
            Some(erased) if erased.state == ErasureState::Done => {}
            Some(_) => {
                app.store.erase_texts(id).await?;
                tracing::info!(ticket.id = %id, vendor = %ticket.vendor, "The texts of a ticket are erased.");
            }
        }
        ticket.forget_actor_names();
        return json(StatusCode::OK, &ticket);
    }
}

/// Who asks for it, without a name: an erased ticket keeps none.
fn by() -> Option<String> {
    telemetry::actor().map(|actor| actor.id)
}

fn refusal(ticket: &Ticket) -> Error {
    let state = match ticket.state {
        TicketState::Closed if ticket.hold.is_some() => {
            return Error::new(ProblemCode::TicketOnHold, "The ticket is on hold; end the hold before it is erased.");
        }
        TicketState::Closed => "being opened again",
        state => state.as_str(),
    };
    Error::new(ProblemCode::TicketNotClosed, format!("The ticket is {state}; only a closed ticket can be erased."))
}

/// Keeps the ticket from being erased. A hold with the same reason stays as it is. Fails with `ticket_not_found`,
/// `ticket_erased`, `precondition_failed`, and the store's failures.
pub async fn hold(
    app: &App,
    mut precondition: Precondition<'_>,
    id: &TicketId,
    reason: Option<String>,
) -> Result<Response<String>> {
    let ticket = kept(app.store.ticket(id).await?)?;
    telemetry::set_account(&ticket.account_id);
    if ticket.hold.as_ref().is_some_and(|hold| hold.reason == reason) {
        return json(StatusCode::OK, &ticket);
    }
    let now_ms = app.clock.now_ms();
    let hold = Hold { time: now_ms, by: by(), reason };
    loop {
        let ticket = kept(precondition.store().set_hold(id, Some(&hold), now_ms).await?)?;
        if ticket.hold.as_ref() == Some(&hold) || !precondition.renew().await? {
            tracing::info!(ticket.id = %id, "A ticket is on hold.");
            return json(StatusCode::OK, &ticket);
        }
    }
}

/// Ends the ticket's hold, if it has one. Fails as [`hold`].
pub async fn end_hold(app: &App, mut precondition: Precondition<'_>, id: &TicketId) -> Result<Response<String>> {
    loop {
        let ticket = kept(precondition.store().set_hold(id, None, app.clock.now_ms()).await?)?;
        telemetry::set_account(&ticket.account_id);
        if ticket.hold.is_none() || !precondition.renew().await? {
            tracing::info!(ticket.id = %id, "A ticket is not on hold.");
            return json(StatusCode::OK, &ticket);
        }
    }
}
