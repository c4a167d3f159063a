//! `/tickets`.

use create_ticket::request::CreateTicketRequest;
use http::StatusCode;
use query_tickets::{
    attachments::MessageView, messages::Conversation, statistics::Statistics, verification::Verification,
};
use shared::{
    domain::Ticket,
    http::{
        page::{ListBody, Nothing},
        warnings::Warned,
    },
    problem_code::ProblemCode,
};

use super::Route;
use crate::{
    bodies,
    operation::{Operation, link_by_id, link_to_next_page},
    parameters::{common, refresh, statistics_filters, ticket_filters, validate_only},
    problems::{CONDITION, ERASED, FILES, GONE_AT_VENDOR, KEYS, LIST, NO_TICKET, Problems, QUERY, VENDOR},
    schemas::Schemas,
};

const OF: &str = "The ticket's id.";

/// The problems of a ticket that does not match the catalog or the limits of its vendor.
const CHOICE: Problems = &[
    (
        400,
        &[
            ProblemCode::AccountNotFound,
            ProblemCode::DescriptionTooLong,
            ProblemCode::FormMismatch,
            ProblemCode::ProblemTypeNotFound,
            ProblemCode::ProblemTypeOfOtherProduct,
            ProblemCode::ProblemTypeRemoved,
            ProblemCode::ProductNotFound,
            ProblemCode::ProductRemoved,
            ProblemCode::RegionNotFound,
            ProblemCode::RegionRequired,
            ProblemCode::SecretInText,
            ProblemCode::SecretInfoNotSupported,
            ProblemCode::SeverityNotSupported,
            ProblemCode::SourceNotFound,
        ],
    ),
    (409, &[ProblemCode::CatalogNotRefreshed, ProblemCode::TicketIndeterminate]),
];

pub(super) fn routes(schemas: &mut Schemas) -> Vec<Route> {
    vec![
        ("POST /tickets", create(schemas)),
        ("GET /tickets", list(schemas)),
        ("GET /tickets/{id}", show(schemas)),
        ("GET /tickets/{id}/messages", messages(schemas)),
        ("GET /tickets/{id}/verification", verification(schemas)),
        ("GET /statistics", statistics(schemas)),
        ("POST /tickets/{id}/close", close(schemas)),
        ("POST /tickets/{id}/resolution", resolve_ticket(schemas)),
    ]
}

fn operation(id: &str, summary: &str, description: &str) -> Operation {
    Operation::new(id, "tickets", summary, description)
}

fn create(schemas: &mut Schemas) -> Operation {
    operation(
        "createTicket",
        "Create a ticket at its vendor",
        "The ticket is checked against the catalog and the form of its problem type (`GET /catalog/form`) before the \
         vendor is called, once; a problem names every field that breaks a rule, and has the code of the first one. \
         Whatever fails, the same key never makes a second ticket. 202: no definite answer came back, the ticket is \
         `unknown`; the sync searches for it at the vendor, and so does the same request.",
    )
    .required_key()
    .query(vec![validate_only()])
    .body(schemas.request::<CreateTicketRequest>())
    .answer(
        StatusCode::OK,
        "With `validate_only`: no rule is broken. The ticket as it would be stored; nothing has its id.",
        schemas.answer::<Warned<Ticket>>(),
    )
    .answer(StatusCode::CREATED, "The ticket is at the vendor.", schemas.answer::<Warned<Ticket>>())
    .answer(
        StatusCode::ACCEPTED,
        "Whether the vendor has the ticket is not known yet.",
        schemas.answer::<Warned<Ticket>>(),
    )
    .location(StatusCode::CREATED)
    .location(StatusCode::ACCEPTED)
    .link(StatusCode::CREATED, "ticket", link_by_id("getTicket", "/id"))
    .link(StatusCode::CREATED, "messages", link_by_id("listMessages", "/id"))
    .link(StatusCode::CREATED, "reply", link_by_id("replyTicket", "/id"))
    .link(StatusCode::CREATED, "close", link_by_id("closeTicket", "/id"))
    .problems(CHOICE)
    .problems(FILES)
    .problems(CONDITION)
    .problems(VENDOR)
    .problems(KEYS)
}

fn list(schemas: &mut Schemas) -> Operation {
    let mut parameters = ticket_filters();
    parameters.extend([common("limit"), common("cursor")]);
    operation(
        "listTickets",
        "List tickets",
        "Newest first. A page may hold fewer than `limit` and still have a next one.",
    )
    .query(parameters)
    .answer(StatusCode::OK, "A page of tickets.", schemas.answer::<ListBody<Ticket, Nothing>>())
    .link(StatusCode::OK, "nextPage", link_to_next_page("listTickets"))
    .link(StatusCode::OK, "ticket", link_by_id("getTicket", "/items/0/id"))
    .problems(LIST)
}

fn show(schemas: &mut Schemas) -> Operation {
    operation("getTicket", "Show a ticket", "As it was last written; no vendor is called.")
        .path_id(OF)
        .answer(StatusCode::OK, "The ticket.", schemas.answer::<Ticket>())
        .problems(QUERY)
        .problems(NO_TICKET)
}

fn statistics(schemas: &mut Schemas) -> Operation {
    operation(
        "getStatistics",
        "Count tickets and their times by day and vendor",
        "How many tickets were opened and closed, and the times to the first answer and to the end as median and 90th \
         percentile. Counted some seconds after the change; no vendor is called.",
    )
    .query(statistics_filters())
    .answer(StatusCode::OK, "The statistics.", schemas.answer::<Statistics>())
    .problems(QUERY)
}

fn messages(schemas: &mut Schemas) -> Operation {
    operation(
        "listMessages",
        "Read a ticket's conversation",
        "Oldest message first, from Polydesk's own copy, which is as old as `as_of` says and is the archive once the \
         ticket is closed. The vendor is read before, at most once in 10 seconds, where there is no copy of an open \
         ticket yet, or with `refresh=true`. `pending_replies` are those that the messages lack: of unknown outcome, \
         or sent since. A page ends early where it holds 5 MiB.",
    )
    .path_id(OF)
    .query(vec![refresh(), common("limit"), common("cursor")])
    .answer(StatusCode::OK, "A page of messages.", schemas.answer::<ListBody<MessageView, Conversation>>())
    .link(StatusCode::OK, "nextPage", link_to_next_page("listMessages"))
    .problems(LIST)
    .problems(NO_TICKET)
    .problems(ERASED)
    .problems(GONE_AT_VENDOR)
    .problems(&[
        (409, &[ProblemCode::TicketNotOpen, ProblemCode::AccountNotFound]),
        (500, &[ProblemCode::ArchivePartMissing]),
    ])
    .problems(VENDOR)
    .problems(KEYS)
}

fn verification(schemas: &mut Schemas) -> Operation {
    operation(
        "getVerification",
        "Verify a closed ticket's archive",
        "Reads the whole archive and computes its count and digest again, and asks the bucket for the size and the \
         content's name of each file. No vendor is called.",
    )
    .path_id(OF)
    .answer(StatusCode::OK, "Whether the archive is whole.", schemas.answer::<Verification<'_>>())
    .problems(QUERY)
    .problems(NO_TICKET)
    .problems(ERASED)
    .problems(&[(409, &[ProblemCode::TicketNotClosed]), (503, &[ProblemCode::BucketUnavailable])])
}

fn resolve_ticket(schemas: &mut Schemas) -> Operation {
    operation(
        "resolveTicket",
        "Decide about an indeterminate ticket",
        "The answer to its create was lost, and the vendor shows tickets that may be it: `candidates` of the ticket. \
         With `cloud_id` the ticket is open under that id; with `absent` it is removed, and the key of its create is \
         free. An absent ticket that shows up at the vendor later is adopted all the same.",
    )
    .path_id(OF)
    .if_match()
    .body(bodies::ticket_resolution(schemas))
    .key()
    .answer(StatusCode::OK, "The ticket is open.", schemas.answer::<Ticket>())
    .empty_answer(StatusCode::NO_CONTENT, "The ticket is removed.")
    .problems(NO_TICKET)
    .problems(&[
        (400, &[ProblemCode::VendorIdNotFound]),
        (409, &[ProblemCode::TicketNotIndeterminate, ProblemCode::VendorIdTaken, ProblemCode::AccountNotFound]),
        (422, &[ProblemCode::CapabilityNotSupported]),
    ])
    .problems(VENDOR)
    .problems(KEYS)
}

fn close(schemas: &mut Schemas) -> Operation {
    operation(
        "closeTicket",
        "Close a ticket and archive its conversation",
        "Closing a closed ticket gives the first result again. 202: it is `closing`, because the vendor does not show \
         it as ended yet, gave no usable answer, or the time was up; the sync goes on, and so does the same request. \
         Where the vendor refuses, the ticket is `open` again.",
    )
    .key()
    .path_id(OF)
    .if_match()
    .optional_body(bodies::nothing(schemas))
    .answer(StatusCode::OK, "The ticket is closed and archived.", schemas.answer::<Ticket>())
    .answer(StatusCode::ACCEPTED, "The ticket is being closed.", schemas.answer::<Ticket>())
    .location(StatusCode::ACCEPTED)
    .problems(NO_TICKET)
    .problems(GONE_AT_VENDOR)
    .problems(&[(409, &[ProblemCode::TicketNotOpen, ProblemCode::AccountNotFound, ProblemCode::VendorCloseRefused])])
    .problems(CONDITION)
    // Whatever may pass by itself is a 202.
    .problems(&[
        (400, &[ProblemCode::VendorRejected]),
        (403, &[ProblemCode::VendorPermissionDenied]),
        (422, &[ProblemCode::AccountKeysRefused, ProblemCode::CapabilityNotSupported]),
    ])
}
