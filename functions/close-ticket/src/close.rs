//! The use case: acquires the lease of the close, runs the close, and answers with its outcome.

use shared::{
    app::App,
    domain::{Ticket, TicketId, TicketState},
    error::{Error, Result, Retry},
    http::idempotency::KeyedOutcome,
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{CloseReason, StoredAnswer},
    workflow::close::{self, Acquired, CloseOutcome},
};

/// Closes and archives the ticket. A closed ticket is answered with its first result. Fails with `ticket_not_found`,
/// `ticket_not_open`, the vendor's refusal, and failures that a retry would repeat.
pub async fn close(app: &App, invocation: &Invocation, id: &TicketId) -> Result<KeyedOutcome> {
    let run = match close::acquire(app, invocation, id, Some(CloseReason::Asked)).await? {
        Acquired::Run(run) => run,
        Acquired::Busy(ticket) => return accepted(&ticket),
        Acquired::Refused(ticket) if ticket.state == TicketState::Closed => return closed(&ticket),
        Acquired::Refused(ticket) => return Err(not_open(&ticket)),
        Acquired::NotFound => {
            return Err(Error::new(ProblemCode::TicketNotFound, "There is no such ticket."));
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

fn closed(ticket: &Ticket) -> Result<KeyedOutcome> {
    Ok(KeyedOutcome::Final(StoredAnswer::new(200, None, ticket)?))
}

fn accepted(ticket: &Ticket) -> Result<KeyedOutcome> {
    let location = Some(format!("/tickets/{}", ticket.id));
    Ok(KeyedOutcome::Pending(StoredAnswer::new(202, location, ticket)?))
}

fn not_open(ticket: &Ticket) -> Error {
    let state = ticket.state.as_str();
    let message = format!("The ticket is {state}; only an open ticket can be closed.");
    Error::new(ProblemCode::TicketNotOpen, message)
}
