//! Files of messages: how far their copies have come, and a link to one.

use std::collections::HashMap;

use http::Response;
use serde::Serialize;
use shared::{
    app::App,
    domain::{ArchivedMessage, Attachment, AttachmentCopy, AttachmentId, CopyState, Ticket, withdrawn_time},
    error::{Error, Result},
    http::{HttpCall, found, kept, redirect as redirect_to},
    problem_code::ProblemCode,
};

/// A message as answered, with the copies of its files, and whether it was withdrawn.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ArchivedMessage"))]
pub struct MessageView {
    #[serde(flatten)]
    message: ArchivedMessage,
    /// Files that came with it.
    #[serde(rename = "attachments", skip_serializing_if = "Vec::is_empty")]
    files: Vec<AttachmentView>,
    /// When it was withdrawn at the vendor through Polydesk, Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_time: Option<i64>,
}

/// A file of a message, and how far its copy has come.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Attachment"))]
pub struct AttachmentView {
    /// Our id of it.
    attachment_id: AttachmentId,
    #[serde(flatten)]
    file: Attachment,
    /// How far the copy has come; left out until the message is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<CopyState>,
    /// Its size in bytes, once it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// SHA-256 of its bytes, lower-case hex, once it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// The messages of the ticket as they are answered. The copies of files are read where a message has a file.
///
/// # Errors
/// The store's failures.
pub async fn views(app: &App, ticket: &Ticket, messages: Vec<ArchivedMessage>) -> Result<Vec<MessageView>> {
    let has_files = messages.iter().any(|message| !message.attachments.is_empty());
    let copies = if has_files { app.store.attachments(&ticket.id).await? } else { Vec::new() };
    let copies = copies.into_iter().map(|copy| (copy.attachment_id.clone(), copy)).collect();
    Ok(messages.into_iter().map(|message| view(ticket, message, &copies)).collect())
}

fn view(ticket: &Ticket, mut message: ArchivedMessage, copies: &HashMap<AttachmentId, AttachmentCopy>) -> MessageView {
    let attachments = std::mem::take(&mut message.attachments);
    let file = |(place, file): (usize, Attachment)| {
        let attachment_id = AttachmentId::of(&message.message_id, place, &file);
        let copy = copies.get(&attachment_id);
        AttachmentView {
            file,
            state: copy.map(|copy| copy.state),
            size: copy.and_then(|copy| copy.size),
            sha256: copy.and_then(|copy| copy.sha256.clone()),
            attachment_id,
        }
    };
    let files = attachments.into_iter().enumerate().map(file).collect();
    MessageView { withdrawn_time: withdrawn_time(&ticket.withdrawals, &message.message_id), message, files }
}

/// Answers with a redirect to a link of five minutes, by which the file is saved and never shown.
///
/// # Errors
/// `ticket_not_found`, `ticket_erased`, `attachment_not_found`; `attachment_pending`, `attachment_failed` and
/// `attachment_too_large` where there is no copy.
pub async fn redirect(app: &App, call: &HttpCall) -> Result<Response<String>> {
    call.no_query()?;
    let (ticket, id) = (call.ticket_id()?, call.attachment_id()?);
    kept(app.store.ticket(&ticket).await?)?;
    let copies = app.store.attachments(&ticket).await?;
    let copy = copies.into_iter().find(|copy| copy.attachment_id == id);
    let copy = found(copy, ProblemCode::AttachmentNotFound)?;
    match (copy.state, &copy.object_key) {
        (CopyState::Stored, Some(key)) => redirect_to(&app.bucket.download_link(key, &copy.name)?),
        (CopyState::Failed, _) => Err(without_copy(ProblemCode::AttachmentFailed)),
        (CopyState::TooLarge, _) => Err(without_copy(ProblemCode::AttachmentTooLarge)),
        (CopyState::Pending | CopyState::Stored, _) => Err(without_copy(ProblemCode::AttachmentPending)),
    }
}

fn without_copy(code: ProblemCode) -> Error {
    Error::new(code, code.meaning())
}
