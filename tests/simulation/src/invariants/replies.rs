//! The results of replies.

use serde_json::Value;
use simulators::{MessageAuthor, SimulatedMessage, SimulatedTicket};

use super::Facts;
use crate::history::ReplyRequest;

/// Limits: equal texts can't be distinguished, so of those there are no more messages than keys. A message that the
/// vendor deleted no longer counts, because nothing shows that it was there; one that a caller withdrew does.
pub fn one_message_per_key(facts: &Facts) -> Vec<String> {
    let doubles = facts.replies.iter().filter_map(|reply| {
        let equal = facts.replies.iter().filter(|other| other.ticket == reply.ticket && other.content == reply.content);
        let there = messages_of(facts, reply)
            .filter(|(ticket, message)| !message.deleted || facts.is_withdrawn(&ticket.id, message));
        let (keys, there) = (equal.count(), there.count());
        (there > keys).then(|| format!("{} is at the vendor {there} times", reply.key))
    });
    doubles.collect()
}

/// Limits: only replies whose text no other has, and whose ticket can be read.
pub fn reply_answers_hold(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for reply in facts.replies.iter().filter(|reply| reply.unique_text) {
        if facts.tickets.get(&reply.ticket).is_some_and(|ticket| !can_be_read(facts, ticket)) {
            continue;
        }
        let ever = messages_of(facts, reply).count();
        let there = messages_of(facts, reply).filter(|(_, message)| !message.deleted).count();
        let is_withdrawn = messages_of(facts, reply).any(|(ticket, message)| facts.is_withdrawn(&ticket.id, message));
        for answer in &reply.answers {
            let item = answer
                .ticket
                .as_deref()
                .and_then(|id| facts.items.get(&(format!("TICKET#{}", reply.ticket), format!("REPLY#{id}"))));
            let state = item.map_or("removed", |item| item["state"].as_str().unwrap_or("?"));
            // Another attempt under the key may have arrived.
            let is_lost = there == 0 && facts.lost_messages.contains(&reply.content);
            let holds = match (answer.status, state) {
                (201, "sent") if is_lost => false,
                (201, "sent") | (202, "sent") => ever >= 1 && there <= 1,
                (202, "removed") => there == 0 && !is_withdrawn || sent_by_another_attempt(facts, reply),
                // The vendor accepted it without an id, and does not show it, or in another form.
                (201, "indeterminate") => there <= 1 && !is_found_by_its_text(facts, reply),
                (202, "indeterminate") => !is_found_by_its_text(facts, reply),
                (201 | 202, _) => false,
                _ => true,
            };
            if !holds {
                violations.push(format!(
                    "{} was answered {}, is {state}, and is at the vendor {there} times",
                    reply.key, answer.status
                ));
            }
        }
    }
    violations.sort();
    violations.dedup();
    violations
}

fn can_be_read(facts: &Facts, ticket: &Value) -> bool {
    let fails = facts.failing.as_deref().is_some_and(|failing| ticket["cloud_id"] == failing);
    !fails && facts.at_vendor(ticket).is_none_or(|there| !there.deleted)
}

/// Whether the vendor shows the reply once, in a form that decoding makes equal to what was sent: then no person is
/// asked.
///
/// Limits: only where clocks are equal, and rows and shown texts do not change.
fn is_found_by_its_text(facts: &Facts, reply: &ReplyRequest) -> bool {
    facts.texts_stay_readable && !facts.lost_messages.contains(&reply.content) && messages_of(facts, reply).count() == 1
}

/// A removed attempt frees its key, and a later attempt under it may have been sent, or be indeterminate.
fn sent_by_another_attempt(facts: &Facts, reply: &ReplyRequest) -> bool {
    let ids = reply.answers.iter().filter_map(|answer| answer.ticket.as_deref());
    let pk = format!("TICKET#{}", reply.ticket);
    let mut states = ids.filter_map(|id| facts.items.get(&(pk.clone(), format!("REPLY#{id}"))));
    states.any(|item| item["state"] == "sent" || item["state"] == "indeterminate")
        || reply.answers.iter().any(|answer| answer.status == 0)
}

/// The customer's messages with the reply's text, without those that the vendor itself repeated.
fn messages_of<'a>(
    facts: &'a Facts,
    reply: &'a ReplyRequest,
) -> impl Iterator<Item = (&'a SimulatedTicket, &'a SimulatedMessage)> {
    let at_vendor = facts.tickets.get(&reply.ticket).and_then(|ticket| facts.at_vendor(ticket));
    let messages = at_vendor.into_iter().flat_map(|there| there.messages.iter().map(move |message| (there, message)));
    messages.filter(|(_, message)| {
        message.copy_of.is_none() && message.from == MessageAuthor::Customer && message.sent() == reply.content
    })
}
