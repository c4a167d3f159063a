//! Withdrawing a customer's message at the vendor. The archive keeps it.

use shared::{
    app::App,
    audit,
    domain::{
        ArchivedMessage, Attachment, AttachmentId, CopyState, IfMatch, MAX_WITHDRAWALS, MessageType, Ticket, TicketId,
        TicketState, is_synthetic_id, withdrawn_time,
    },
    error::{Error, Result},
    http::{found, not_erased},
    problem_code::ProblemCode,
    vendors::Session,
    workflow::{
        action::TicketAction,
        vendor_write::{self, KeyedRequest, WriteAnswer},
        withdraw::check_replies,
    },
};

use crate::action::{in_state, not_supported, perform};

/// Withdraws a message of an open ticket. Before, everything of it is in the archive, and each reply that may be it has
/// its outcome.
///
/// # Errors
/// `ticket_not_found`, `ticket_erased`, `message_not_found`, `precondition_failed`, `ticket_not_open`,
/// `capability_not_supported`,
/// `message_not_withdrawable`, `attachment_pending`, `reply_pending`, `vendor_action_refused`, and the failures of
/// vendor and store.
pub async fn withdraw(
    app: &App,
    keyed: &KeyedRequest<'_>,
    id: &TicketId,
    if_match: Option<IfMatch>,
    message_id: &str,
) -> Result<WriteAnswer> {
    let ticket = found(app.store.ticket(id).await?, ProblemCode::TicketNotFound)?;
    let message = match not_erased(&ticket) {
        Ok(_) => app.store.message_with_id(id, message_id).await,
        Err(erased) => Err(erased),
    };
    let message = match message.and_then(|message| found(message, ProblemCode::MessageNotFound)) {
        Ok(message) => message,
        Err(error) => return vendor_write::replay_or(app, keyed, error).await,
    };
    audit::set_subject(&message.message_id);
    let check = async |session: &Session<'_>| {
        if !session.capability().withdrawing {
            return Err(not_supported(session, "withdraw a message"));
        }
        in_state(
            &ticket,
            TicketState::Open,
            ProblemCode::TicketNotOpen,
            "only an open ticket's messages are withdrawn",
        )?;
        check_message(&ticket, &message)?;
        check_files(app, &ticket, &message).await?;
        check_replies(app, session, &ticket, &message).await
    };
    perform(app, keyed, if_match, &ticket, TicketAction::Withdraw(&message), check).await
}

fn check_message(ticket: &Ticket, message: &ArchivedMessage) -> Result<()> {
    let reason = if message.message_type == MessageType::Support {
        "the vendor's support has written it; only a customer's message is withdrawn"
    } else if withdrawn_time(&ticket.withdrawals, &message.message_id).is_some() {
        "it was withdrawn before"
    } else if is_synthetic_id(&message.message_id) {
        "the vendor has shown it without an id; withdraw it in the vendor's console"
    } else if ticket.withdrawals.len() >= MAX_WITHDRAWALS {
        "of one ticket 200 messages can be withdrawn; withdraw it in the vendor's console"
    } else {
        return Ok(());
    };
    Err(Error::new(ProblemCode::MessageNotWithdrawable, format!("The message can't be withdrawn: {reason}.")))
}

/// A file can't be read at the vendor any more once its message is withdrawn.
async fn check_files(app: &App, ticket: &Ticket, message: &ArchivedMessage) -> Result<()> {
    if message.attachments.is_empty() {
        return Ok(());
    }
    let copies = app.store.attachments(&ticket.id).await?;
    let is_copied = |(place, file): (usize, &Attachment)| {
        let id = AttachmentId::of(&message.message_id, place, file);
        copies.iter().any(|copy| copy.attachment_id == id && copy.state != CopyState::Pending)
    };
    if !message.attachments.iter().enumerate().all(is_copied) {
        let detail = "A file of the message is not copied yet; send the same request again in a minute.";
        return Err(Error::new(ProblemCode::AttachmentPending, detail));
    }
    Ok(())
}
