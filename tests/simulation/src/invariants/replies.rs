//! I1 and I2 for replies: support sees a message once at the most, and what was answered holds.

use simulators::Side;

use super::Facts;
use crate::history::Reply;

/// I1: a reply whose text no other has is at the vendor once at the most.
///
/// Limits: of replies with one text there are no more at the vendor than keys asked for.
pub fn each_message_once(facts: &Facts) -> Vec<String> {
    let doubles = facts.replies.iter().filter_map(|reply| {
        let equal = facts
            .replies
            .iter()
            .filter(|other| other.ticket == reply.ticket && other.content == reply.content);
        let (asked, there) = (equal.count(), seen(facts, reply));
        (there > asked).then(|| format!("{} is at the vendor {there} times", reply.key))
    });
    doubles.collect()
}

/// I2: a reply that was answered 201 is at the vendor; one that was answered 202 ends as sent and is there, or is removed and is
/// not, or is told to be in doubt.
pub fn answers_hold(facts: &Facts) -> Vec<String> {
    let mut broken = Vec::new();
    for reply in facts.replies.iter().filter(|reply| reply.alone) {
        let there = seen(facts, reply);
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
                broken.push(format!(
                    "{} was answered {}, is {state}, and is at the vendor {there} times",
                    reply.key, answer.status
                ));
            }
        }
    }
    broken.sort();
    broken.dedup();
    broken
}

/// A removed attempt frees its key, and the next one under it may have been sent.
fn sent_by_another_attempt(facts: &Facts, reply: &Reply) -> bool {
    let ids = reply.answers.iter().filter_map(|answer| answer.ticket.as_deref());
    let pk = format!("TICKET#{}", reply.ticket);
    let mut states = ids.filter_map(|id| facts.items.get(&(pk.clone(), format!("REPLY#{id}"))));
    states.any(|item| item["state"] == "sent") || reply.answers.iter().any(|answer| answer.status == 0)
}

/// How often the vendor's conversation shows the reply's text as the customer's.
fn seen(facts: &Facts, reply: &Reply) -> usize {
    let Some(ticket) = facts.tickets.get(&reply.ticket) else { return 0 };
    let at_vendor =
        facts.at_vendors.iter().find(|(_, at_vendor)| ticket["cloud_id"] == at_vendor.id.as_str());
    let messages = at_vendor.into_iter().flat_map(|(_, at_vendor)| &at_vendor.messages);
    messages.filter(|message| message.from == Side::Customer && message.content == reply.content).count()
}
