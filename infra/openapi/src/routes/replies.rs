//! Messages of the customer, and what is decided about them.

use http::StatusCode;
use shared::{domain::Reply, http::warnings::Warned, problem_code::ProblemCode};

use super::Route;
use crate::{
    bodies,
    operation::Operation,
    problems::{CONDITION, ERASED, FILES, GONE_AT_VENDOR, KEYS, NO_TICKET, VENDOR},
    schemas::Schemas,
};

const OF: &str = "The ticket's id.";

pub(super) fn routes(schemas: &mut Schemas) -> Vec<Route> {
    vec![
        ("POST /tickets/{id}/messages", reply(schemas)),
        ("POST /tickets/{id}/reopen", reopen(schemas)),
        ("POST /tickets/{id}/replies/{reply_id}/resolution", resolve_reply(schemas)),
    ]
}

fn operation(id: &str, summary: &str, description: &str) -> Operation {
    Operation::new(id, "tickets", summary, description)
}

/// A message is sent by it, under a key.
fn sending(operation: Operation, sent: &str, unknown: &str, schemas: &mut Schemas) -> Operation {
    operation
        .required_key()
        .path_id(OF)
        .if_match()
        .answer(StatusCode::CREATED, sent, schemas.answer::<Warned<Reply>>())
        .answer(StatusCode::ACCEPTED, unknown, schemas.answer::<Warned<Reply>>())
        .location(StatusCode::CREATED)
        .location(StatusCode::ACCEPTED)
        .problems(NO_TICKET)
        .problems(GONE_AT_VENDOR)
        .problems(&[
            (400, &[ProblemCode::ContentTooLong, ProblemCode::SecretInText]),
            (409, &[ProblemCode::AccountNotFound, ProblemCode::ReplyIndeterminate]),
        ])
        .problems(CONDITION)
        .problems(VENDOR)
        .problems(KEYS)
}

fn reply(schemas: &mut Schemas) -> Operation {
    let operation = operation(
        "replyTicket",
        "Add a customer message to an open ticket",
        "The vendor is called once; whatever fails, the same key never adds the message twice. 202: no definite \
         answer came back, the reply is `unknown`, and is searched for among the ticket's messages. \
         `reply_indeterminate`: the outcome can no longer be determined; nothing is sent again.",
    );
    let unknown = "Whether the vendor has the message is not known yet.";
    sending(operation, "The vendor has the message.", unknown, schemas)
        .body(bodies::new_message(schemas))
        .problems(&[(409, &[ProblemCode::TicketNotOpen])])
        .problems(FILES)
}

fn reopen(schemas: &mut Schemas) -> Operation {
    let operation = operation(
        "reopenTicket",
        "Open a closed ticket again",
        "The vendor is called once, with a message that says why; whatever fails, the same key never adds it twice. \
         The ticket is `open` with all of its archive, and `closings` has its earlier closes. 202: no definite answer \
         came back, the reply is `unknown`, and the vendor is asked whether the ticket is open there.",
    );
    let unknown = "Whether the vendor has opened it is not known yet.";
    sending(operation, "The vendor has opened the ticket again.", unknown, schemas)
        .body(bodies::reopening(schemas))
        .problems(ERASED)
        .problems(&[(
            409,
            &[ProblemCode::TicketNotClosed, ProblemCode::AccountDeleting, ProblemCode::VendorActionRefused],
        )])
}

fn resolve_reply(schemas: &mut Schemas) -> Operation {
    operation(
        "resolveReply",
        "Decide about an indeterminate reply",
        "Whether the vendor has the message can't be determined: `candidates` of the reply in `pending_replies` of the \
         conversation. With `message_id` the reply is sent; with `absent` it is removed, and its key is free.",
    )
    .path_id(OF)
    .path_parameter("reply_id", "The reply's id.")
    .body(bodies::reply_resolution(schemas))
    .key()
    .answer(StatusCode::OK, "The reply is sent.", schemas.answer::<Reply>())
    .empty_answer(StatusCode::NO_CONTENT, "The reply is removed.")
    .problems(NO_TICKET)
    .problems(GONE_AT_VENDOR)
    .problems(&[
        (400, &[ProblemCode::VendorIdNotFound]),
        (404, &[ProblemCode::ReplyNotFound]),
        (409, &[ProblemCode::ReplyNotIndeterminate, ProblemCode::VendorIdTaken, ProblemCode::AccountNotFound]),
    ])
    .problems(VENDOR)
    .problems(KEYS)
}
