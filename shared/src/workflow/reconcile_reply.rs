//! What became of a reply without a definite answer. A marker in it would be seen by support, so it is found again by writer,
//! text and time; where that could be another message, the doubt is shown and nothing is guessed.

use http::StatusCode;
use tokio::time::Instant;

use crate::{
    access::with_keys,
    app::App,
    domain::{Account, Message, MessageType, Reply, ReplyState, Ticket},
    error::{Error, Result},
    http::stored_answer,
    problem_code::ProblemCode,
    store::{StoredAnswer, StoredReply},
    vendors::text::same_text,
};

/// How far the vendor's clock may be off ours, milliseconds.
const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// How far a vendor's time may be off where nobody says which time zone it is in (Huawei), milliseconds. A message with the
/// right text out of the tolerance and within this is a doubt.
const ZONE_TOLERANCE_MS: i64 = 14 * 60 * 60 * 1000;

/// What a look at the conversation gave.
#[derive(Debug)]
pub enum Settled {
    /// The vendor has it; this is its answer.
    Sent(StoredAnswer),
    /// Not to be told yet; it stays as it is. The failure where the look itself failed.
    Unknown(Reply, Option<Error>),
    /// The vendor has a message that may be this one or another, or the ticket no longer: nobody will ever tell.
    Indeterminate(Reply),
    /// The vendor certainly has no such message: the reply is removed and its key free.
    Removed,
    /// Somebody else settled it at this moment.
    Moved,
}

/// Looks for the reply among the ticket's messages. Only for one that is `unknown`, or `sending` beyond its lease.
pub async fn settle(
    app: &App,
    account: &Account,
    ticket: &Ticket,
    stored: &StoredReply,
    deadline: Instant,
) -> Result<Settled> {
    let reply = &stored.reply;
    let cloud_id = ticket.cloud_id.as_ref();
    let cloud_id = cloud_id.ok_or_else(|| Error::unexpected("A ticket with a reply has no vendor's id."))?;
    // Before the look: what the vendor took up to then, it shows now.
    let asked_at = app.clock.now_ms();
    let before = equal_replies(app, reply).await?;
    let vendor = app.vendors.get(account.vendor);
    let messages =
        with_keys(
            app,
            account,
            deadline,
            |access| async move { vendor.list_messages(&access, cloud_id).await },
        )
        .await;
    let settle_time_ms = app.config.settle_time_ms;
    let lags = |stored: &StoredReply| stored.lease_until + settle_time_ms > asked_at;
    let messages = match messages {
        Ok(messages) => messages,
        // A ticket that was deleted there shows no messages ever again.
        Err(error) if error.is(ProblemCode::VendorTicketNotFound) && !lags(stored) => {
            return indeterminate(app, ticket, reply).await;
        }
        Err(error) => {
            tracing::warn!(ticket.id = %ticket.id, reply.id = %reply.id, vendor = %account.vendor, error = ?error, "A look for a reply failed; its outcome stays unknown.");
            return Ok(Settled::Unknown(unknown(reply), Some(error)));
        }
    };
    let after = equal_replies(app, reply).await?;
    if !after.iter().any(|one| one.reply.id == reply.id && one.reply.state.is_unsettled()) {
        return Ok(Settled::Moved);
    }
    if after != before {
        // One of them crossed the look: whether the messages hold it can't be told.
        return Ok(Settled::Unknown(unknown(reply), None));
    }
    let equal: Vec<_> = after.into_iter().filter(|other| other.reply.id != reply.id).collect();
    let equal_waits = equal.iter().any(|other| other.reply.state.is_unsettled() && lags(other));
    // What was sent just now the vendor may not show yet: a message that stands for it may be another's. It may have taken effect as
    // late as its lease ended.
    let equal_lags = equal.iter().any(|other| is_sent_without_id(other) && lags(other));
    match find(stored, &equal, &messages) {
        Found::This(message_id) => commit(app, ticket, stored, message_id.as_deref()).await,
        Found::Doubt if equal_waits || equal_lags => Ok(Settled::Unknown(unknown(reply), None)),
        Found::Doubt => indeterminate(app, ticket, reply).await,
        Found::Nothing if lags(stored) || equal_lags => Ok(Settled::Unknown(unknown(reply), None)),
        Found::Nothing if app.store.remove_reply(stored).await? => Ok(Settled::Removed),
        Found::Nothing => Ok(Settled::Moved),
    }
}

async fn indeterminate(app: &App, ticket: &Ticket, reply: &Reply) -> Result<Settled> {
    app.store.mark_reply_indeterminate(&ticket.id, &reply.id).await?;
    tracing::warn!(ticket.id = %ticket.id, reply.id = %reply.id, "Whether the vendor has a reply can't be told.");
    Ok(Settled::Indeterminate(Reply { state: ReplyState::Indeterminate, ..reply.clone() }))
}

/// The ticket's replies with the same text, itself among them.
async fn equal_replies(app: &App, reply: &Reply) -> Result<Vec<StoredReply>> {
    let mut replies = app.store.replies(&reply.ticket_id).await?;
    replies.retain(|other| same_text(&reply.content, &other.reply.content));
    Ok(replies)
}

fn is_sent_without_id(stored: &StoredReply) -> bool {
    stored.reply.state == ReplyState::Sent && stored.reply.message_id.is_none()
}

/// Writes that the vendor has the reply, and gives the answer for it.
pub async fn commit(
    app: &App,
    ticket: &Ticket,
    stored: &StoredReply,
    message_id: Option<&str>,
) -> Result<Settled> {
    let sent =
        Reply { state: ReplyState::Sent, message_id: message_id.map(str::to_owned), ..stored.reply.clone() };
    let answer = answer_for(StatusCode::CREATED, ticket, &sent)?;
    Ok(if app.store.commit_sent(stored, message_id, &answer, app.clock.now_ms()).await? {
        Settled::Sent(answer)
    } else {
        Settled::Moved
    })
}

/// The answer that shows the reply.
pub fn answer_for(status: StatusCode, ticket: &Ticket, reply: &Reply) -> Result<StoredAnswer> {
    stored_answer(status, Some(format!("/tickets/{}/messages", ticket.id)), reply)
}

fn unknown(reply: &Reply) -> Reply {
    Reply { state: ReplyState::Unknown, ..reply.clone() }
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// The vendor has it, under this id where that can be told.
    This(Option<String>),
    /// There are messages that may be it, and more or fewer than replies that they may be.
    Doubt,
    /// No message can be it.
    Nothing,
}

/// Sets the customer's messages of the same text against the replies of the same text. As many messages as replies: each reply
/// has arrived. No message: none of those in question has. Anything in between, or a message at an odd time: a doubt.
///
/// A reply that is known to be sent stands for the message of its time. Where there is none at its time, the vendor's clock is
/// off, and all its messages count, however old: one of them is that reply's.
fn find(stored: &StoredReply, equal: &[StoredReply], messages: &[Message]) -> Found {
    let reply = &stored.reply;
    let known: Vec<_> = equal.iter().filter_map(|other| other.reply.message_id.as_deref()).collect();
    let mut candidates: Vec<_> = messages
        .iter()
        .filter(|message| same_text(&reply.content, &message.content))
        .filter(|message| !known.contains(&message.message_id.as_str()))
        .collect();
    // It may be this one or another, and neither writer nor time can tell.
    if candidates.iter().any(|message| !message.origin_known) {
        return Found::Doubt;
    }
    candidates.retain(|message| message.message_type == MessageType::Customer);

    let (mut matched, mut unmatched) = (0, 0);
    for sent in equal.iter().filter(|other| is_sent_without_id(other)) {
        match candidates.iter().position(|message| sent_at(sent, message)) {
            Some(its_own) => {
                candidates.remove(its_own);
                matched += 1;
            }
            None => unmatched += 1,
        }
    }
    let in_question = equal
        .iter()
        .filter(|other| other.reply.state != ReplyState::Sent)
        .filter(|other| (other.reply.create_time - reply.create_time).abs() <= ZONE_TOLERANCE_MS)
        .count()
        + 1;

    let possible = |message: &Message| message.create_time >= reply.create_time - ZONE_TOLERANCE_MS;
    let at_its_time = candidates.iter().any(|message| sent_at(stored, message));
    if !candidates.iter().any(|message| possible(message)) || (candidates.len() <= unmatched && !at_its_time)
    {
        return Found::Nothing;
    }
    if unmatched == 0 {
        candidates.retain(|message| possible(message));
    }
    let odd = in_question == 1 && candidates.iter().any(|message| !sent_at(stored, message));
    if odd || candidates.len() != unmatched + in_question {
        return Found::Doubt;
    }
    match candidates.as_slice() {
        [only] if matched == 0 => Found::This(Some(only.message_id.clone())),
        _ => Found::This(None),
    }
}

/// Whether the message's time is the reply's, as far as clocks agree.
pub(super) fn sent_at(stored: &StoredReply, message: &Message) -> bool {
    (stored.reply.create_time - CLOCK_TOLERANCE_MS..=stored.lease_until + CLOCK_TOLERANCE_MS)
        .contains(&message.create_time)
}

/// Whether one message's time may be that of both replies.
pub(super) fn overlap(one: &StoredReply, other: &StoredReply) -> bool {
    let (first, last) =
        if one.reply.create_time <= other.reply.create_time { (one, other) } else { (other, one) };
    last.reply.create_time - CLOCK_TOLERANCE_MS <= first.lease_until + CLOCK_TOLERANCE_MS
}

#[cfg(test)]
mod tests;
