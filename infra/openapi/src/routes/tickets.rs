//! `/tickets`.

use create_ticket::request::CreateTicketRequest;
use http::StatusCode;
use query_tickets::{messages::Conversation, statistics::Statistics, verification::Verification};
use shared::{
    domain::{ArchivedMessage, Reply, Ticket},
    http::page::{ListBody, Nothing},
    problem_code::ProblemCode,
};

use super::Route;
use crate::{
    bodies,
    operation::{Operation, link_by_id, link_to_next_page},
    parameters::{common, refresh, statistics_filters, ticket_filters},
    problems::{CONDITION, KEYS, LIST, Problems, QUERY, VENDOR},
    schemas::Schemas,
};

const OF: &str = "The ticket's id.";
const NOT_FOUND: Problems = &[(404, &[ProblemCode::TicketNotFound])];
const GONE_AT_VENDOR: Problems = &[(404, &[ProblemCode::VendorTicketNotFound])];

/// The problems of a ticket that does not match the catalog or the limits of its vendor.
const CHOICE: Problems = &[
    (
        400,
        &[
            ProblemCode::AccountNotFound,
            ProblemCode::DescriptionTooLong,
            ProblemCode::ProblemTypeNotFound,
            ProblemCode::ProblemTypeOfOtherProduct,
            ProblemCode::ProblemTypeRemoved,
            ProblemCode::ProductNotFound,
            ProblemCode::ProductRemoved,
            ProblemCode::RegionNotFound,
            ProblemCode::RegionRequired,
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
        ("POST /tickets/{id}/messages", reply(schemas)),
        ("POST /tickets/{id}/close", close(schemas)),
        ("POST /tickets/{id}/resolution", resolve_ticket(schemas)),
        ("POST /tickets/{id}/replies/{reply_id}/resolution", resolve_reply(schemas)),
    ]
}

fn operation(id: &str, summary: &str, description: &str) -> Operation {
    Operation::new(id, "tickets", summary, description)
}

fn create(schemas: &mut Schemas) -> Operation {
    operation(
        "createTicket",
        "Create a ticket at its vendor",
        "The ticket is checked against the catalog before the vendor is called, once. Whatever fails, the same key \
         never makes a second ticket. 202: no definite answer came back, the ticket is `unknown`; the sync searches \
         for it at the vendor, and so does the same request.",
    )
    .required_key()
    .body(schemas.request::<CreateTicketRequest>())
    .answer(StatusCode::CREATED, "The ticket is at the vendor.", schemas.answer::<Ticket>())
    .answer(StatusCode::ACCEPTED, "Whether the vendor has the ticket is not known yet.", schemas.answer::<Ticket>())
    .location(StatusCode::CREATED)
    .location(StatusCode::ACCEPTED)
    .link(StatusCode::CREATED, "ticket", link_by_id("getTicket", "/id"))
    .link(StatusCode::CREATED, "messages", link_by_id("listMessages", "/id"))
    .link(StatusCode::CREATED, "reply", link_by_id("replyTicket", "/id"))
    .link(StatusCode::CREATED, "close", link_by_id("closeTicket", "/id"))
    .problems(CHOICE)
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
        .problems(NOT_FOUND)
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
    .answer(StatusCode::OK, "A page of messages.", schemas.answer::<ListBody<ArchivedMessage, Conversation>>())
    .link(StatusCode::OK, "nextPage", link_to_next_page("listMessages"))
    .problems(LIST)
    .problems(NOT_FOUND)
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
        "Reads the whole archive and computes its count and digest again. No vendor is called.",
    )
    .path_id(OF)
    .answer(StatusCode::OK, "Whether the archive is whole.", schemas.answer::<Verification<'_>>())
    .problems(QUERY)
    .problems(NOT_FOUND)
    .problems(&[(409, &[ProblemCode::TicketNotClosed])])
}

fn reply(schemas: &mut Schemas) -> Operation {
    operation(
        "replyTicket",
        "Add a customer message to an open ticket",
        "The vendor is called once; whatever fails, the same key never adds the message twice. 202: no definite \
         answer came back, the reply is `unknown`, and is searched for among the ticket's messages. \
         `reply_indeterminate`: the outcome can no longer be determined; nothing is sent again.",
    )
    .required_key()
    .path_id(OF)
    .body(bodies::new_message(schemas))
    .answer(StatusCode::CREATED, "The vendor has the message.", schemas.answer::<Reply>())
    .answer(StatusCode::ACCEPTED, "Whether the vendor has the message is not known yet.", schemas.answer::<Reply>())
    .location(StatusCode::CREATED)
    .location(StatusCode::ACCEPTED)
    .problems(NOT_FOUND)
    .problems(GONE_AT_VENDOR)
    .problems(&[
        (400, &[ProblemCode::ContentTooLong]),
        (409, &[ProblemCode::TicketNotOpen, ProblemCode::AccountNotFound, ProblemCode::ReplyIndeterminate]),
    ])
    .problems(CONDITION)
    .problems(VENDOR)
    .problems(KEYS)
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
    .body(bodies::ticket_resolution(schemas))
    .key()
    .answer(StatusCode::OK, "The ticket is open.", schemas.answer::<Ticket>())
    .empty_answer(StatusCode::NO_CONTENT, "The ticket is removed.")
    .problems(NOT_FOUND)
    .problems(&[
        (400, &[ProblemCode::VendorIdNotFound]),
        (409, &[ProblemCode::TicketNotIndeterminate, ProblemCode::VendorIdTaken, ProblemCode::AccountNotFound]),
        (422, &[ProblemCode::CapabilityNotSupported]),
    ])
    .problems(VENDOR)
    .problems(KEYS)
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
    .problems(NOT_FOUND)
    .problems(GONE_AT_VENDOR)
    .problems(&[
        (400, &[ProblemCode::VendorIdNotFound]),
        (404, &[ProblemCode::ReplyNotFound]),
        (409, &[ProblemCode::ReplyNotIndeterminate, ProblemCode::VendorIdTaken, ProblemCode::AccountNotFound]),
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
    .optional_body(bodies::nothing(schemas))
    .answer(StatusCode::OK, "The ticket is closed and archived.", schemas.answer::<Ticket>())
    .answer(StatusCode::ACCEPTED, "The ticket is being closed.", schemas.answer::<Ticket>())
    .location(StatusCode::ACCEPTED)
    .problems(NOT_FOUND)
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
