//! Erasing a ticket, and its hold.

use http::StatusCode;
use shared::{domain::Ticket, problem_code::ProblemCode};

use super::Route;
use crate::{
    bodies,
    operation::Operation,
    problems::{CONDITION, ERASED, NO_TICKET, QUERY},
    schemas::Schemas,
};

const OF: &str = "The ticket's id.";

pub(super) fn routes(schemas: &mut Schemas) -> Vec<Route> {
    vec![
        ("DELETE /tickets/{id}", erase(schemas)),
        ("PUT /tickets/{id}/hold", hold(schemas)),
        ("DELETE /tickets/{id}/hold", end_hold(schemas)),
    ]
}

fn operation(id: &str, summary: &str, description: &str) -> Operation {
    Operation::new(id, "tickets", summary, description)
}

fn erase(schemas: &mut Schemas) -> Operation {
    operation(
        "eraseTicket",
        "Erase a closed ticket's texts and files",
        "Title, description, e-mail, messages, replies, files and transcripts. Its ids, times, states, count and \
         digest stay. The vendor is not called, and keeps its own copy. `erased` of the ticket says whether it is \
         done: files go within minutes, those under Object Lock when the lock ends. Erasing an erased ticket changes \
         nothing.",
    )
    .path_id(OF)
    .if_match()
    .optional_body(bodies::reason(schemas))
    .answer(StatusCode::OK, "The ticket without its texts.", schemas.answer::<Ticket>())
    .problems(QUERY)
    .problems(NO_TICKET)
    .problems(&[(409, &[ProblemCode::TicketNotClosed, ProblemCode::TicketOnHold])])
    .problems(CONDITION)
}

fn hold(schemas: &mut Schemas) -> Operation {
    operation(
        "holdTicket",
        "Keep a ticket from being erased",
        "As long as `hold` is there, the ticket is erased neither by a caller nor when its time is over. A hold with \
         the same reason stays as it is; another reason takes its place.",
    )
    .path_id(OF)
    .if_match()
    .optional_body(bodies::reason(schemas))
    .answer(StatusCode::OK, "The ticket with its hold.", schemas.answer::<Ticket>())
    .problems(QUERY)
    .problems(NO_TICKET)
    .problems(ERASED)
    .problems(CONDITION)
}

fn end_hold(schemas: &mut Schemas) -> Operation {
    operation("endHold", "End a ticket's hold", "A ticket without a hold stays as it is.")
        .path_id(OF)
        .if_match()
        .answer(StatusCode::OK, "The ticket without a hold.", schemas.answer::<Ticket>())
        .problems(QUERY)
        .problems(NO_TICKET)
        .problems(ERASED)
        .problems(CONDITION)
}
