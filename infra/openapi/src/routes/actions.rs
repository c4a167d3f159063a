//! What is done with a ticket at its vendor apart from writing to it.

use http::StatusCode;
use shared::{problem_code::ProblemCode, workflow::action::ActionOutcome};

use super::Route;
use crate::{
    bodies,
    operation::Operation,
    problems::{CONDITION, ERASED, GONE_AT_VENDOR, KEYS, NO_TICKET, VENDOR},
    schemas::Schemas,
};

const OF: &str = "The ticket's id.";

pub(super) fn routes(schemas: &mut Schemas) -> Vec<Route> {
    vec![
        ("POST /tickets/{id}/urge", urge(schemas)),
        ("POST /tickets/{id}/rating", rate(schemas)),
        ("DELETE /tickets/{id}/messages/{message_id}", withdraw(schemas)),
    ]
}

fn operation(id: &str, summary: &str, description: &str) -> Operation {
    Operation::new(id, "tickets", summary, description)
}

fn urge(schemas: &mut Schemas) -> Operation {
    operation(
        "urgeTicket",
        "Urge the vendor's support to go on with an open ticket",
        "The vendor is called once, and the same key does not urge again. 202: no definite answer came back, and \
         nothing at the vendor shows whether support was urged; the key keeps this answer as long as it is valid.",
    )
    .required_key()
    .path_id(OF)
    .if_match()
    .optional_body(bodies::nothing(schemas))
    .answer(StatusCode::OK, "Support was urged.", schemas.answer::<ActionOutcome>())
    .answer(StatusCode::ACCEPTED, "Whether support was urged is not known.", schemas.answer::<ActionOutcome>())
    .problems(NO_TICKET)
    .problems(GONE_AT_VENDOR)
    .problems(&[(
        409,
        &[
            ProblemCode::TicketNotOpen,
            ProblemCode::AccountNotFound,
            ProblemCode::UrgedTooOften,
            ProblemCode::VendorActionRefused,
        ],
    )])
    .problems(CONDITION)
    .problems(VENDOR)
    .problems(KEYS)
}

fn rate(schemas: &mut Schemas) -> Operation {
    operation(
        "rateTicket",
        "Rate the vendor's support for a closed ticket",
        "The vendor is called once, and the same key does not rate again. 202: no definite answer came back. At \
         Huawei Cloud the same request a minute later reads whether the vendor has the rating; elsewhere the key keeps \
         this answer.",
    )
    .required_key()
    .path_id(OF)
    .if_match()
    .body(bodies::rating(schemas))
    .answer(StatusCode::OK, "The vendor has the rating.", schemas.answer::<ActionOutcome>())
    .answer(StatusCode::ACCEPTED, "Whether the vendor has the rating is not known.", schemas.answer::<ActionOutcome>())
    .problems(NO_TICKET)
    .problems(ERASED)
    .problems(GONE_AT_VENDOR)
    .problems(&[
        (400, &[ProblemCode::ContentTooLong]),
        (409, &[ProblemCode::TicketNotClosed, ProblemCode::AccountNotFound, ProblemCode::VendorActionRefused]),
    ])
    .problems(CONDITION)
    .problems(VENDOR)
    .problems(KEYS)
}

fn withdraw(schemas: &mut Schemas) -> Operation {
    operation(
        "withdrawMessage",
        "Withdraw a customer's message of an open ticket at the vendor",
        "The archive keeps the message, with the time of its withdrawal. The vendor is called once. 202: no definite \
         answer came back; the same key reads the conversation, and withdraws the message only where the vendor \
         certainly has not.",
    )
    .required_key()
    .path_id(OF)
    .path_message()
    .if_match()
    .answer(StatusCode::OK, "The message is withdrawn.", schemas.answer::<ActionOutcome>())
    .answer(
        StatusCode::ACCEPTED,
        "Whether the message is withdrawn is not known yet.",
        schemas.answer::<ActionOutcome>(),
    )
    .problems(NO_TICKET)
    .problems(ERASED)
    .problems(GONE_AT_VENDOR)
    .problems(&[
        (404, &[ProblemCode::MessageNotFound]),
        (
            409,
            &[
                ProblemCode::TicketNotOpen,
                ProblemCode::AccountNotFound,
                ProblemCode::MessageNotWithdrawable,
                ProblemCode::AttachmentPending,
                ProblemCode::ReplyPending,
                ProblemCode::VendorActionRefused,
            ],
        ),
    ])
    .problems(CONDITION)
    .problems(VENDOR)
    .problems(KEYS)
}
