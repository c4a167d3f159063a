//! The decision about a reply.

use shared::{
    app::App,
    audit,
    domain::{Message, MessageType, Reply, ReplyId, ReplyState, Ticket, TicketId},
    error::{Error, Result},
    http::found,
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{StoredAnswer, StoredReply},
    telemetry,
    workflow::{existing_account, reconcile_reply::commit_resolved, vendor_write::COMMIT_RESERVE},
};

use crate::request::Decision;

/// Commits the reply as the vendor's message, or removes it and frees its key.
///
/// # Errors
/// `ticket_not_found`, `reply_not_found`, `reply_not_indeterminate`, `vendor_id_not_found` where the conversation has
/// no such message, `vendor_id_taken` where another reply has it, and the failures of vendor and store. Nothing is
/// changed then.
pub async fn resolve(
    app: &App,
    invocation: &Invocation,
    ticket_id: &TicketId,
    id: &ReplyId,
    decision: Decision<String>,
) -> Result<StoredAnswer> {
    let ticket = found(app.store.ticket(ticket_id).await?, ProblemCode::TicketNotFound)?;
    telemetry::set_account(&ticket.account_id);
    let stored = found(app.store.reply(ticket_id, id).await?, ProblemCode::ReplyNotFound)?;
    audit::set_subject(id.as_str());
    match decision {
        // The same decision again.
        Decision::Present(message_id) if stored.reply.message_id.as_ref() == Some(&message_id) => {
            StoredAnswer::new(200, None, &stored.reply)
        }
        _ if stored.reply.state != ReplyState::Indeterminate => Err(not_indeterminate(&stored.reply)),
        Decision::Present(message_id) => {
            check_message(app, invocation, &ticket, &stored, &message_id).await?;
            let sent = commit_resolved(app, &ticket, &stored, &message_id).await?.ok_or_else(changed)?;
            tracing::info!(ticket.id = %ticket.id, reply.id = %id, "A person decided that the vendor has a reply.");
            StoredAnswer::new(200, None, &sent)
        }
        Decision::Absent => {
            if !app.store.remove_indeterminate_reply(&stored).await? {
                return Err(changed());
            }
            tracing::info!(
                ticket.id = %ticket.id, reply.id = %id,
                "A person decided that the vendor does not have a reply."
            );
            Ok(StoredAnswer::no_content())
        }
    }
}

/// The message must be a candidate, or in the conversation at the vendor, and no other reply's.
async fn check_message(
    app: &App,
    invocation: &Invocation,
    ticket: &Ticket,
    stored: &StoredReply,
    message_id: &str,
) -> Result<()> {
    let replies = app.store.replies(&ticket.id).await?;
    if replies.iter().any(|other| other.reply.message_id.as_deref() == Some(message_id)) {
        return Err(Error::new(ProblemCode::VendorIdTaken, "The vendor's message belongs to another reply."));
    }
    if stored.reply.candidates.iter().any(|candidate| candidate.vendor_id == message_id) {
        return Ok(());
    }
    let account = existing_account(app, &ticket.account_id).await?;
    let session = app.session(&account, invocation.deadline_minus(COMMIT_RESERVE));
    let cloud_id = ticket.cloud_id.as_ref();
    let cloud_id = cloud_id.ok_or_else(|| Error::unexpected("A ticket with a reply has no vendor's id."))?;
    let messages = session.list_messages(cloud_id).await?;
    let may_be_customers = |message: &Message| message.message_type == MessageType::Customer || !message.origin_known;
    if messages.iter().any(|message| message.message_id == message_id && may_be_customers(message)) {
        return Ok(());
    }
    let rule = "names no message of the customer in this ticket at the vendor";
    Err(Error::invalid_field("/message_id", rule).with_code(ProblemCode::VendorIdNotFound))
}

fn not_indeterminate(reply: &Reply) -> Error {
    let message = format!("The reply is {}; only an indeterminate reply needs a decision.", reply.state.as_str());
    Error::new(ProblemCode::ReplyNotIndeterminate, message)
}

fn changed() -> Error {
    Error::new(ProblemCode::ReplyNotIndeterminate, "The reply changed at this moment; read it again.")
}
