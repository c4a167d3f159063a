//! Whether a conversation shows what was sent to it: a vendor may show a message later than it takes it.

use crate::{
    app::App,
    domain::{Message, MessageType, ReplyId, ReplyState, Ticket},
    error::Result,
    store::StoredReply,
    vendor::lenient::same_text,
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
        // Where the vendor tells no id (Huawei), as many messages as replies of one text are all of them.
        (ReplyState::Sent, None) => {
            let text = &one.reply.content;
            let sent = replies.iter().filter(|other| {
                other.reply.state == ReplyState::Sent && same_text(text, &other.reply.content)
            });
            let shown = messages.iter().filter(|message| {
                message.message_type == MessageType::Customer && same_text(text, &message.content)
            });
            shown.count() >= sent.count()
        }
        (ReplyState::Doubtful, _) => true,
        (ReplyState::Sending | ReplyState::Unknown, _) => false,
    }
}
