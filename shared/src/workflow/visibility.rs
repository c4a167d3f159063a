//! Whether a conversation shows what was sent to it: a vendor may show a message later than it takes it.

use crate::{
    app::App,
    domain::{Message, MessageType, ReplyId, ReplyState, Ticket},
    error::Result,
    store::StoredReply,
    vendors::text::same_text,
    workflow::reconcile_reply,
};

/// A reply of the ticket that `messages`, read at `read_at_ms`, do not show, although the vendor has it or may have it, and the settle
/// time for it to be shown was not over.
pub async fn missing_reply(
    app: &App,
    ticket: &Ticket,
    messages: &[Message],
    read_at_ms: i64,
) -> Result<Option<ReplyId>> {
    let replies = app.store.replies(&ticket.id).await?;
    let may_lag = |one: &&StoredReply| one.lease_until + app.config.settle_time_ms > read_at_ms;
    let missing = replies.iter().filter(may_lag).find(|one| !is_shown(one, &replies, messages));
    Ok(missing.map(|one| one.reply.id.clone()))
}

fn is_shown(one: &StoredReply, replies: &[StoredReply], messages: &[Message]) -> bool {
    match (one.reply.state, &one.reply.message_id) {
        (ReplyState::Sent, Some(id)) => messages.iter().any(|message| message.message_id == *id),
        (ReplyState::Sent, None) => is_shown_by_text(one, replies, messages),
        (ReplyState::Indeterminate, _) => true,
        (ReplyState::Sending | ReplyState::Unknown, _) => false,
    }
}

/// Where the vendor tells no id (Huawei), each reply of one text stands for a message of that text at its time. One from another time is
/// somebody else's, as a person writes the same words in the console.
fn is_shown_by_text(one: &StoredReply, replies: &[StoredReply], messages: &[Message]) -> bool {
    let text = &one.reply.content;
    let mut unclaimed: Vec<_> = messages
        .iter()
        .filter(|message| message.message_type == MessageType::Customer && same_text(text, &message.content))
        .collect();
    let sent = replies.iter().filter(|other| {
        other.reply.state == ReplyState::Sent
            && other.reply.message_id.is_none()
            && same_text(text, &other.reply.content)
    });
    // All of the same text, as nobody knows which message is whose.
    sent.filter(|other| reconcile_reply::overlap(one, other)).all(|other| {
        let place = unclaimed.iter().position(|message| reconcile_reply::sent_at(other, message));
        place.map(|place| unclaimed.remove(place)).is_some()
    })
}
