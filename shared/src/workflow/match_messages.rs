//! Matches replies with the messages at the vendor. Pure: no I/O, no clock.
//!
//! A reply carries no marker, because support would see it. It is matched by writer, text and time, one message to one
//! reply. Where more than one match is possible, the result is ambiguous. A vendor may show a text masked, cut or
//! without its emoji, so a reply is absent only where every customer message of its time has another explanation.

use std::{collections::HashSet, ops::RangeInclusive};

use super::vendor_time::{self, CLOCK_TOLERANCE_MS};
use crate::{
    domain::{Message, MessageType, ReplyState, Ticket, Unmatched},
    seeded_bugs::{self, SeededBug},
    store::StoredReply,
    vendors::text::{contains_id, same_text},
};

/// The largest error of a vendor's time where its time zone is not documented (Huawei), milliseconds. A message with
/// the right text outside the clock tolerance and within this one is ambiguous.
const ZONE_TOLERANCE_MS: i64 = 14 * 60 * 60 * 1000;

/// The result of matching one reply with a conversation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ReplyMatch {
    /// The vendor has it, under this id where one message only can be it.
    Found(Option<String>),
    /// Some messages have its text, but their number differs from the number of replies that they can be.
    Ambiguous,
    /// No message has its text, but one with another text can be it.
    OtherText,
    /// No message can be it.
    Absent,
}

/// Matches `stored` with the conversation of its ticket. `others` are the ticket's other replies.
pub(super) fn match_reply(
    stored: &StoredReply,
    ticket: &Ticket,
    others: &[StoredReply],
    messages: &[Message],
) -> ReplyMatch {
    let equal: Vec<_> = others.iter().filter(|other| same_text(&stored.reply.content, &other.reply.content)).collect();
    match match_equal(stored, &equal, messages) {
        ReplyMatch::Absent
            if !seeded_bugs::enabled(SeededBug::OtherTextCountsAsAbsent)
                && !unexplained(stored, ticket, others, messages).is_empty() =>
        {
            ReplyMatch::OtherText
        }
        result => result,
    }
}

/// The messages that can be the reply: those with its text, and those of its time that nothing else explains.
pub(super) fn candidates<'m>(
    stored: &StoredReply,
    ticket: &Ticket,
    others: &[StoredReply],
    messages: &'m [Message],
) -> Vec<&'m Message> {
    let known = known_ids(others);
    let mut candidates = unexplained(stored, ticket, others, messages);
    let is_equal = |message: &&Message| {
        !known.contains(message.message_id.as_str())
            && message.create_time >= stored.reply.create_time - ZONE_TOLERANCE_MS
            && same_text(&stored.reply.content, &message.content)
    };
    candidates.extend(messages.iter().filter(is_equal));
    let mut seen = HashSet::new();
    candidates.retain(|message| seen.insert(&message.message_id));
    candidates
}

/// The messages that can be the reply with any text, and that are not the ticket's own text or another reply.
fn unexplained<'m>(
    stored: &StoredReply,
    ticket: &Ticket,
    others: &[StoredReply],
    messages: &'m [Message],
) -> Vec<&'m Message> {
    let known = known_ids(others);
    let own_text = messages.first().filter(|first| is_text_of(ticket, stored, &first.content));
    let mut left: Vec<_> = messages
        .iter()
        .filter(|message| own_text.is_none_or(|own| own.message_id != message.message_id))
        .filter(|message| !known.contains(message.message_id.as_str()))
        .filter(|message| may_be_written_for(stored, message))
        .collect();
    // Only what certainly arrived explains a message, and a reply with an id has explained its own.
    for other in others.iter().filter(|other| is_sent_without_id(other)) {
        let is_other = |message: &&Message| {
            may_be_written_for(other, message) && same_text(&other.reply.content, &message.content)
        };
        if let Some(place) = left.iter().position(is_other) {
            left.remove(place);
        }
    }
    left
}

fn known_ids(replies: &[StoredReply]) -> HashSet<&str> {
    replies.iter().filter_map(|stored| stored.reply.message_id.as_deref()).collect()
}

/// Whether a conversation's first message is the ticket's own text, which some vendors show there, and not a reply that
/// names the ticket.
fn is_text_of(ticket: &Ticket, stored: &StoredReply, text: &str) -> bool {
    let id = ticket.id.as_str();
    same_text(&ticket.description, text) || (contains_id(text, id) && !contains_id(&stored.reply.content, id))
}

/// Whether the message may be the reply by its writer and its time, where the vendor gave them.
fn may_be_written_for(stored: &StoredReply, message: &Message) -> bool {
    let may_be_customers = message.message_type == MessageType::Customer || !message.origin_known;
    let (start_ms, end_ms) = (stored.reply.create_time, stored.lease.until_ms);
    may_be_customers && (!message.time_known || vendor_time::may_be_sent(start_ms, end_ms, message.create_time))
}

/// Matches the customer's messages with the replies of the same text: `stored`, and `equal`, the others with its text.
/// As many messages as replies: each reply arrived. No message: none of those of unknown outcome did. Any other number,
/// or a message at another time, is ambiguous.
///
/// A reply that was certainly sent is matched with the message of its time. Where there is none, the vendor's clock is
/// wrong; then messages of any age count, because one of them is that reply's.
fn match_equal(stored: &StoredReply, equal: &[&StoredReply], messages: &[Message]) -> ReplyMatch {
    let reply = &stored.reply;
    let known: HashSet<_> = equal.iter().filter_map(|other| other.reply.message_id.as_deref()).collect();
    let candidates: Vec<_> = messages
        .iter()
        .filter(|message| !known.contains(message.message_id.as_str()))
        .filter(|message| same_text(&reply.content, &message.content))
        .collect();
    // Neither its writer nor its time excludes such a message.
    if candidates.iter().any(|message| !message.origin_known) {
        return ReplyMatch::Ambiguous;
    }
    // No vendor documents that it shows the text of a reopening: a message may be that one or the reply.
    if !candidates.is_empty() && equal.iter().any(|other| other.reply.reopening && is_sent_without_id(other)) {
        return ReplyMatch::Ambiguous;
    }
    let mut unmatched: Unmatched<_, _> =
        candidates.into_iter().map(|message| (message.message_type, message)).collect();

    let sent: Vec<_> = equal.iter().filter(|other| is_sent_without_id(other)).collect();
    let matched = sent.iter().filter(|sent| take_message_of(sent, &mut unmatched).is_some()).count();
    let without_message = sent.len() - matched;
    let of_unknown_outcome = equal
        .iter()
        .filter(|other| other.reply.state != ReplyState::Sent)
        .filter(|other| (other.reply.create_time - reply.create_time).abs() <= ZONE_TOLERANCE_MS)
        .count()
        + 1;

    let mut candidates = unmatched.take_all(&MessageType::Customer);
    let is_possible = |message: &&Message| message.create_time >= reply.create_time - ZONE_TOLERANCE_MS;
    let at_its_time = candidates.iter().any(|message| is_at_time_of(stored, message));
    if !candidates.iter().any(is_possible) || (candidates.len() <= without_message && !at_its_time) {
        return ReplyMatch::Absent;
    }
    if without_message == 0 {
        candidates.retain(is_possible);
    }
    let at_another_time = of_unknown_outcome == 1 && candidates.iter().any(|message| !is_at_time_of(stored, message));
    if at_another_time || candidates.len() != without_message + of_unknown_outcome {
        return ReplyMatch::Ambiguous;
    }
    let only = candidates.pop_front().filter(|_| candidates.is_empty() && matched == 0);
    ReplyMatch::Found(only.map(|message| message.message_id.clone()))
}

/// Whether the vendor has the reply and gave no id of its message (Huawei).
pub(super) fn is_sent_without_id(stored: &StoredReply) -> bool {
    stored.reply.state == ReplyState::Sent && stored.reply.message_id.is_none()
}

/// Whether `messages` show a reply of `replies` that the vendor has or may have.
pub(super) fn is_visible(stored: &StoredReply, replies: &[StoredReply], messages: &[Message]) -> bool {
    match (stored.reply.state, &stored.reply.message_id) {
        (ReplyState::Sent, Some(id)) => messages.iter().any(|message| message.message_id == *id),
        (ReplyState::Sent, None) => is_visible_by_text(stored, replies, messages),
        (ReplyState::Indeterminate, _) => true,
        (ReplyState::Sending | ReplyState::Unknown, _) => false,
    }
}

/// Whether `messages` show a reply that the vendor accepted without an id: by its text and time, or, as the time zone
/// of some vendors' times is not certain, by as many messages of its text as there are such replies.
pub(super) fn is_shown(stored: &StoredReply, replies: &[StoredReply], messages: &[Message]) -> bool {
    if is_visible_by_text(stored, replies, messages) {
        return true;
    }
    let (text, known) = (&stored.reply.content, known_ids(replies));
    let of_its_time = |other: &&StoredReply| {
        (other.reply.create_time - stored.reply.create_time).abs() <= ZONE_TOLERANCE_MS
            && same_text(text, &other.reply.content)
    };
    let sent = replies.iter().filter(|other| is_sent_without_id(other)).filter(of_its_time).count();
    let shown = messages.iter().filter(|message| {
        !known.contains(message.message_id.as_str())
            && may_be_written_for(stored, message)
            && same_text(text, &message.content)
    });
    shown.count() >= sent
}

/// Whether each reply with the text of `stored` and a time that overlaps has its own message. A message of another time
/// was written in the console.
fn is_visible_by_text(stored: &StoredReply, replies: &[StoredReply], messages: &[Message]) -> bool {
    let text = &stored.reply.content;
    let mut unmatched: Unmatched<_, _> = messages
        .iter()
        .filter(|message| same_text(text, &message.content))
        .map(|message| (message.message_type, message))
        .collect();
    replies
        .iter()
        .filter(|other| is_sent_without_id(other) && same_text(text, &other.reply.content))
        .filter(|other| times_overlap(stored, other))
        .all(|other| take_message_of(other, &mut unmatched).is_some())
}

fn take_message_of<'m>(
    stored: &StoredReply,
    unmatched: &mut Unmatched<MessageType, &'m Message>,
) -> Option<&'m Message> {
    unmatched.take(&MessageType::Customer, |message| is_at_time_of(stored, message))
}

/// Whether the message's time is the reply's, as far as clocks agree.
fn is_at_time_of(stored: &StoredReply, message: &Message) -> bool {
    time_range(stored).contains(&message.create_time)
}

fn time_range(stored: &StoredReply) -> RangeInclusive<i64> {
    vendor_time::range(stored.reply.create_time, stored.lease.until_ms)
}

/// Whether one message's time can be that of both replies.
fn times_overlap(one: &StoredReply, other: &StoredReply) -> bool {
    let (first, last) = if one.reply.create_time <= other.reply.create_time { (one, other) } else { (other, one) };
    last.reply.create_time - CLOCK_TOLERANCE_MS <= first.lease.until_ms + CLOCK_TOLERANCE_MS
}

/// Whether a message may be one of the replies: it has the id or the text of one.
pub(super) fn may_show(replies: &[StoredReply], message: &Message) -> bool {
    replies.iter().any(|stored| {
        stored.reply.message_id.as_ref() == Some(&message.message_id)
            || same_text(&stored.reply.content, &message.content)
    })
}

/// Whether a customer's message may be one of the replies: it has the id or the text of one, or the time of one whose
/// id is not known and whose text the vendor may show in another form.
pub(super) fn may_be_reply(replies: &[StoredReply], message: &Message) -> bool {
    let of_its_time = |stored: &StoredReply| stored.reply.message_id.is_none() && may_be_written_for(stored, message);
    may_show(replies, message) || replies.iter().any(of_its_time)
}

#[cfg(test)]
mod tests;
