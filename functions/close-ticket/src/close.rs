//! The use case: take the turn to close the ticket, do its work, and tell how far it came.

use http::StatusCode;
use shared::{
    app::App,
    domain::{Ticket, TicketId, TicketState},
    error::{Error, Result, Retry},
    http::{idempotency::Outcome, stored_answer},
    invocation::Invocation,
    problem_code::ProblemCode,
    store::CloseReason,
    workflow::close::{self, Start, TurnEnd},
};

/// Closes and archives the ticket. A closed one gives the first result again.
pub async fn close(app: &App, invocation: &Invocation, id: &TicketId) -> Result<Outcome> {
    let turn = match close::start(app, invocation, id, Some(CloseReason::Asked)).await? {
        Start::Turn(turn) => turn,
        Start::Busy(ticket) => return accepted(&ticket),
        Start::Refused(ticket) if ticket.state == TicketState::Closed => return closed(&ticket),
        Start::Refused(ticket) => return Err(not_open(&ticket)),
        Start::NotFound => {
            return Err(Error::new(ProblemCode::TicketNotFound, "There is no such ticket."));
        }
    };
    match close::run(app, &turn).await {
        TurnEnd::Closed(ticket) => closed(&ticket),
        TurnEnd::Refused(error) => Err(error),
        TurnEnd::Stopped(_, error) if error.retry() == Retry::No => Err(error),
        TurnEnd::Stopped(ticket, error) => {
            tracing::warn!(ticket.id = %id, vendor = %ticket.vendor, error = ?error, "A close could not be finished yet.");
            accepted(&ticket)
        }
        TurnEnd::OutOfTime(ticket) => accepted(&ticket),
        TurnEnd::NotEnded => Err(Error::unexpected("A close that was asked for was taken for another.")),
    }
}

fn closed(ticket: &Ticket) -> Result<Outcome> {
    Ok(Outcome::Final(stored_answer(StatusCode::OK, None, ticket)?))
}

fn accepted(ticket: &Ticket) -> Result<Outcome> {
    let location = Some(format!("/tickets/{}", ticket.id));
    Ok(Outcome::Pending(stored_answer(StatusCode::ACCEPTED, location, ticket)?))
}

fn not_open(ticket: &Ticket) -> Error {
    let state = ticket.state.as_str();
    Error::conflict(format!("The ticket is {state}; only an open ticket can be closed."))
        .with_code(ProblemCode::TicketNotOpen)
}
