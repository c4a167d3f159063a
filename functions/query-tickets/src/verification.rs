//! Whether the archive of a closed ticket is whole.

use std::num::NonZero;

use futures_util::future::try_join_all;
use http::{Response, StatusCode};
use serde::Serialize;
use shared::{
    app::App,
    domain::{AttachmentCopy, AttachmentId, CopyState, TicketId, TicketState},
    error::{Error, Result},
    http::{HttpCall, json, kept},
    problem_code::ProblemCode,
    workflow::archive,
};

/// How many files are compared with the bucket at once.
const FILES_AT_ONCE: usize = 16;

/// Whether an archive is whole.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verification<'a> {
    /// Whether the archive holds the same messages and files as when it was committed, and as many messages as the
    /// vendor showed or more.
    verified: bool,
    /// The committed count.
    message_count: Option<u64>,
    /// How many messages the vendor showed when the archive was last compared with it; absent where it was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown_count: Option<u64>,
    /// The committed digest.
    digest: Option<&'a str>,
    /// The count of what is stored now; absent where a part of a message is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_message_count: Option<u64>,
    /// The digest over what is stored now; absent with the count. It may differ for some minutes after a file of a
    /// closed ticket was stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_digest: Option<&'a str>,
    /// How many files of its messages the archive does not hold; absent where it holds all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments_missing: Option<NonZero<u64>>,
    /// Files that the bucket does not hold any more as they were stored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed_attachments: Vec<AttachmentId>,
}

/// Reads the whole archive and computes its count and digest again.
pub async fn verify(app: &App, call: &HttpCall) -> Result<Response<String>> {
    call.no_query()?;
    let ticket = kept(app.store.ticket(&call.ticket_id()?).await?)?;
    if ticket.state != TicketState::Closed {
        let message =
            format!("The ticket is {}: only the archive of a closed ticket can be verified.", ticket.state.as_str());
        return Err(Error::new(ProblemCode::TicketNotClosed, message));
    }
    let contents = match archive::contents(app, &ticket.id).await {
        Ok(contents) => Some(contents),
        Err(error) if error.is(ProblemCode::ArchivePartMissing) => None,
        Err(error) => return Err(error),
    };
    let changed_attachments = changed_files(app, &ticket.id).await?;
    let count = contents.as_ref().map(|contents| contents.message_count);
    let digest = contents.map(|contents| contents.digest);
    let is_complete = count >= ticket.shown_count && changed_attachments.is_empty();
    let verified = count.is_some() && ticket.message_count == count && ticket.digest == digest && is_complete;
    if !verified {
        tracing::error!(
            ticket.id = %ticket.id, count, digest, shown_count = ticket.shown_count, ?changed_attachments,
            "An archive is not what was committed, or not what the vendor showed."
        );
    }
    let answer = Verification {
        verified,
        message_count: ticket.message_count,
        shown_count: ticket.shown_count,
        digest: ticket.digest.as_deref(),
        stored_message_count: count,
        stored_digest: digest.as_deref(),
        attachments_missing: ticket.attachments_missing,
        changed_attachments,
    };
    json(StatusCode::OK, &answer)
}

/// The stored files that the bucket does not hold any more as they were stored.
async fn changed_files(app: &App, ticket: &TicketId) -> Result<Vec<AttachmentId>> {
    let files = app.store.attachments(ticket).await?;
    let stored: Vec<_> = files.iter().filter(|file| file.state == CopyState::Stored).collect();
    let mut changed = Vec::new();
    for files in stored.chunks(FILES_AT_ONCE) {
        let compared = try_join_all(files.iter().map(|file| is_as_stored(app, file))).await?;
        let others = files.iter().zip(compared).filter(|(_, is_same)| !is_same);
        changed.extend(others.map(|(file, _)| file.attachment_id.clone()));
    }
    Ok(changed)
}

/// By size, and by what the bucket named its content when it was stored.
async fn is_as_stored(app: &App, file: &AttachmentCopy) -> Result<bool> {
    let Some(key) = &file.object_key else { return Ok(false) };
    let head = app.bucket.head(key).await?;
    Ok(head.is_some_and(|head| Some(head.size) == file.size && (file.etag.is_none() || head.etag == file.etag)))
}
