//! The use case: acquires the lease of the close, runs the close, and answers with its outcome.

use shared::{
    app::App,
    domain::{IfMatch, Ticket, TicketId, TicketState},
    error::{Error, Result, Retry},
    http::idempotency::KeyedOutcome,
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{CloseReason, StoredAnswer},
    telemetry,
    workflow::{
        close::{self, Acquired, CloseOutcome},
        precondition::Precondition,
    },
};

/// Closes and archives the ticket. A closed ticket is answered with its first result. Fails with `ticket_not_found`,
/// `ticket_not_open`, `precondition_failed`, the vendor's refusal, and failures that a retry would repeat.
pub async fn close(
    app: &App,
    invocation: &Invocation,
    id: &TicketId,
    if_match: Option<IfMatch>,
) -> Result<KeyedOutcome> {
    let mut precondition = match Precondition::of_ticket(app, id, if_match).await {
        Err(unmet) if unmet.is(ProblemCode::PreconditionFailed) => return begun_before(app, id, unmet).await,
        checked => checked?,
    };
    let run = loop {
        match close::acquire(app, precondition.store(), invocation, id, Some(CloseReason::Asked)).await {
            Ok(Acquired::Run(run)) => {
                telemetry::set_account(run.account_id());
                break run;
            }
            Ok(Acquired::Busy(ticket)) => return accepted(&ticket),
            Ok(Acquired::Refused(ticket)) if ticket.state == TicketState::Closed => return closed(&ticket),
            Ok(Acquired::Refused(ticket)) if !precondition.renew().await? => return Err(not_open(&ticket)),
            Ok(Acquired::Refused(_)) => {}
            Ok(Acquired::NotFound) => {
                return Err(Error::new(ProblemCode::TicketNotFound, "There is no such ticket."));
            }
            Err(error) if error.is(ProblemCode::StoreContention) && precondition.renew().await? => {}
            Err(error) => return Err(error),
        }
    };
    match close::run(app, &run).await {
        CloseOutcome::Closed(ticket) => closed(&ticket),
        CloseOutcome::Refused(error) => Err(error),
        CloseOutcome::Stopped(_, error) if error.retry() == Retry::No => Err(error),
        CloseOutcome::Stopped(ticket, error) => {
            tracing::warn!(
                ticket.id = %id, vendor = %ticket.vendor, error = ?error,
                "A close could not be finished yet."
            );
            accepted(&ticket)
        }
        CloseOutcome::OutOfTime(ticket) => accepted(&ticket),
        CloseOutcome::NotEnded => Err(Error::unexpected("A close that a caller asked for has another reason.")),
    }
}

/// The answer where the ticket is not as the caller has seen it. A close that was begun before has changed it: then the
/// request begins nothing, and a retry is answered as the first one.
async fn begun_before(app: &App, id: &TicketId, unmet: Error) -> Result<KeyedOutcome> {
    match app.store.ticket(id).await? {
        Some(ticket) if ticket.state == TicketState::Closing => accepted(&ticket),
        Some(ticket) if ticket.state == TicketState::Closed => closed(&ticket),
        _ => Err(unmet),
    }
}

fn closed(ticket: &Ticket) -> Result<KeyedOutcome> {
    telemetry::set_account(&ticket.account_id);
    Ok(KeyedOutcome::Final(StoredAnswer::new(200, None, ticket)?))
}

fn accepted(ticket: &Ticket) -> Result<KeyedOutcome> {
    telemetry::set_account(&ticket.account_id);
    let location = Some(format!("/tickets/{}", ticket.id));
    Ok(KeyedOutcome::Pending(StoredAnswer::new(202, location, ticket)?))
}

fn not_open(ticket: &Ticket) -> Error {
    telemetry::set_account(&ticket.account_id);
    let state = ticket.state.as_str();
    let message = format!("The ticket is {state}; only an open ticket can be closed.");
    Error::new(ProblemCode::TicketNotOpen, message)
}
