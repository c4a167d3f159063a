//! Files that go out, files of messages, and transcripts.

use create_ticket::upload::UploadTarget;
use http::StatusCode;
use shared::problem_code::ProblemCode;

use super::Route;
use crate::{
    bodies,
    operation::Operation,
    parameters::transcript_format,
    problems::{ERASED, NO_TICKET, QUERY},
    schemas::Schemas,
};

pub(super) fn routes(schemas: &mut Schemas) -> Vec<Route> {
    vec![
        ("POST /attachments", create(schemas)),
        ("GET /tickets/{id}/attachments/{attachment_id}", attachment()),
        ("GET /tickets/{id}/transcript", transcript()),
    ]
}

fn create(schemas: &mut Schemas) -> Operation {
    Operation::new(
        "createAttachment",
        "tickets",
        "Upload a file for a ticket or a message",
        "Announces the file, and gives a link: `PUT` its bytes to `upload_url` with `headers` within 15 minutes. Then \
         the id can stand in `attachments` of `createTicket` and `replyTicket`, for a day. What is not used is \
         removed. No key is needed: a repeated call makes another id.",
    )
    .body(bodies::new_attachment(schemas))
    .answer(StatusCode::CREATED, "The file can be uploaded.", schemas.answer::<UploadTarget>())
    .problems(&[(400, &[ProblemCode::FileTooLarge])])
}

fn attachment() -> Operation {
    Operation::new(
        "getAttachment",
        "tickets",
        "Download a file of a message",
        "A redirect to a link of five minutes. The file is always saved, never shown: it comes from outside. \
         `attachments` of the messages say which files there are, and how far their copies have come.",
    )
    .path_id("The ticket's id.")
    .path_parameter("attachment_id", "The file's id: `attachment_id` in `attachments` of its message.")
    .redirect("The file, by the link in `Location`, which needs no authorisation.")
    .problems(QUERY)
    .problems(NO_TICKET)
    .problems(ERASED)
    .problems(&[
        (404, &[ProblemCode::AttachmentNotFound]),
        (409, &[ProblemCode::AttachmentFailed, ProblemCode::AttachmentPending, ProblemCode::AttachmentTooLarge]),
    ])
}

fn transcript() -> Operation {
    Operation::new(
        "getTranscript",
        "tickets",
        "Read a closed ticket's transcript",
        "A redirect to a link of five minutes. The transcript is the ticket and its whole conversation, as a page that \
         needs no other file, as text, or as a document of one line for analysis. It is written within a minute after \
         the archive was committed, and again when the archive changes.",
    )
    .path_id("The ticket's id.")
    .query(vec![transcript_format()])
    .redirect("The transcript, by the link in `Location`, which needs no authorisation.")
    .problems(QUERY)
    .problems(NO_TICKET)
    .problems(ERASED)
    .problems(&[
        (409, &[ProblemCode::TicketNotClosed, ProblemCode::TranscriptPending]),
        (503, &[ProblemCode::BucketUnavailable]),
    ])
}
