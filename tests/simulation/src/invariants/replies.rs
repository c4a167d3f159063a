//! The results of replies.

use simulators::MessageAuthor;

use super::Facts;
use crate::history::ReplyRequest;

/// Limits: equal texts can't be distinguished, so of those there are no more messages than keys.
pub fn one_message_per_key(facts: &Facts) -> Vec<String> {
    let doubles = facts.replies.iter().filter_map(|reply| {
        let equal = facts.replies.iter().filter(|other| other.ticket == reply.ticket && other.content == reply.content);
        let (keys, there) = (equal.count(), count_at_vendor(facts, reply));
        (there > keys).then(|| format!("{} is at the vendor {there} times", reply.key))
    });
    doubles.collect()
}

/// Limits: only replies whose text no other has.
pub fn reply_answers_hold(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for reply in facts.replies.iter().filter(|reply| reply.unique_text) {
        let there = count_at_vendor(facts, reply);
        for answer in &reply.answers {
            let item = answer
                .ticket
                .as_deref()
                .and_then(|id| facts.items.get(&(format!("TICKET#{}", reply.ticket), format!("REPLY#{id}"))));
            let state = item.map_or("removed", |item| item["state"].as_str().unwrap_or("?"));
            let holds = match (answer.status, state) {
                (201, "sent") | (202, "sent") => there == 1,
                (202, "removed") => there == 0 || sent_by_another_attempt(facts, reply),
                (201 | 202, "indeterminate") => answer.status == 202,
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

/// A removed attempt frees its key, and a later attempt under it may have been sent.
fn sent_by_another_attempt(facts: &Facts, reply: &ReplyRequest) -> bool {
    let ids = reply.answers.iter().filter_map(|answer| answer.ticket.as_deref());
    let pk = format!("TICKET#{}", reply.ticket);
    let mut states = ids.filter_map(|id| facts.items.get(&(pk.clone(), format!("REPLY#{id}"))));
    states.any(|item| item["state"] == "sent") || reply.answers.iter().any(|answer| answer.status == 0)
}

/// How often the vendor's conversation shows the reply's text as the customer's.
fn count_at_vendor(facts: &Facts, reply: &ReplyRequest) -> usize {
    let Some(ticket) = facts.tickets.get(&reply.ticket) else { return 0 };
    let at_vendor = facts.at_vendors.iter().find(|(_, at_vendor)| ticket["cloud_id"] == at_vendor.id.as_str());
    let messages = at_vendor.into_iter().flat_map(|(_, at_vendor)| &at_vendor.messages);
    messages.filter(|message| message.from == MessageAuthor::Customer && message.sent() == reply.content).count()
}
