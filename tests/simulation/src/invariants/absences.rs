//! What was removed as absent, against what the vendor showed at that time. The rule is written here a second time,
//! from its description: only what was sent certainly within the time of the request counts as a candidate.

use serde_json::Value;
use simulators::{MessageAuthor, SimulatedMessage, SimulatedTicket};

use super::Facts;
use crate::io::table::plain_item;

/// How long before the removal the vendor may have been read, milliseconds: a run of the sync.
const READ_BEFORE_MS: i64 = 60_000;

/// An abandoned ticket.
pub fn no_ticket_candidate(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for (record, at_ms) in facts.changes.iter().map(|record| (record, changed_ms(record))) {
        let (old, new) = (image(record, "OldImage"), image(record, "NewImage"));
        let (None, Some(abandoned)) = (old, new.filter(|item| item["SK"] == "ABANDONED")) else { continue };
        let id = abandoned["id"].as_str().unwrap_or_default();
        let may_be = |there: &&(&str, SimulatedTicket)| {
            let there = &there.1;
            let since_ms = abandoned["create_time"].as_i64().unwrap_or(i64::MAX) + facts.largest_clock_ms;
            let created_ms = there.created_at_ms - facts.vendor_clock_ms;
            there.account == abandoned["custom_id"].as_str().unwrap_or_default()
                && (since_ms..since_ms + ATTEMPT_MS - 2 * facts.largest_clock_ms).contains(&created_ms)
                && there.visible_at_ms - facts.vendor_clock_ms <= at_ms - READ_BEFORE_MS
                && there.problem_type == abandoned["product_business_id"].as_str().unwrap_or_default()
                && !facts.console.contains_key(&there.id)
                && !is_anothers(facts, there, id)
        };
        let candidates = facts.at_vendors.iter().filter(may_be);
        violations
            .extend(candidates.map(|(vendor, there)| format!("{id} was abandoned, and {vendor} had {}", there.id)));
    }
    violations
}

/// How long a create certainly lasts at most after its intent, milliseconds: its candidates are of that time.
const ATTEMPT_MS: i64 = 20_000;

/// Whether the vendor's ticket has another ticket of ours, or the marker of one.
fn is_anothers(facts: &Facts, there: &SimulatedTicket, id: &str) -> bool {
    let others = facts.tickets.iter().filter(|(other, _)| *other != id);
    let has_other = others.into_iter().any(|(_, ticket)| ticket["cloud_id"] == there.id.as_str());
    has_other || !there.sent().contains(id) && there.sent().contains("ref ")
}

/// A removed reply.
///
/// Limits: a message that the vendor deleted or changed a row of is left out.
pub fn no_reply_candidate(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for record in &facts.changes {
        let (old, new) = (image(record, "OldImage"), image(record, "NewImage"));
        let is_reply = |item: &Value| item["entity"] == "reply";
        let (Some(reply), None) = (old.filter(is_reply), new) else { continue };
        let at_ms = changed_ms(record);
        // A refused reply is removed within its lease.
        let (since_ms, lease_ms) = (reply["create_time"].as_i64(), reply["lease_until"].as_i64());
        let (Some(since_ms), Some(lease_ms)) = (since_ms, lease_ms) else { continue };
        if at_ms <= lease_ms + facts.largest_clock_ms {
            continue;
        }
        let ticket = facts.tickets.get(reply["ticket_id"].as_str().unwrap_or_default());
        let there = ticket.and_then(|ticket| facts.at_vendor(ticket));
        let may_be = |(there, message): &(&SimulatedTicket, &SimulatedMessage)| {
            let written_ms = message.at_ms - facts.vendor_clock_ms;
            message.from == MessageAuthor::Customer
                && !message.first
                && (!message.deleted || facts.is_withdrawn(&there.id, message))
                && message.copy_of.is_none()
                && message.defect.is_none()
                && (since_ms + facts.largest_clock_ms..lease_ms - facts.largest_clock_ms).contains(&written_ms)
                && message.visible_at_ms - facts.vendor_clock_ms <= at_ms - READ_BEFORE_MS
                && !is_another_reply(facts, &reply, message)
        };
        let all = there.into_iter().flat_map(|there| there.messages.iter().map(move |message| (there, message)));
        let candidates = all.filter(may_be);
        violations.extend(
            candidates.map(|(_, message)| {
                format!("reply {} was removed, and the vendor had {:?}", reply["id"], message.sent())
            }),
        );
    }
    violations
}

/// Whether another reply to the ticket has the message's text, in the table or in a caller's request.
fn is_another_reply(facts: &Facts, reply: &Value, message: &SimulatedMessage) -> bool {
    let ticket = reply["ticket_id"].as_str().unwrap_or_default();
    let of_ticket = facts.replies.iter().filter(|other| other.ticket == ticket && other.content == message.sent());
    let own = reply["content"] == message.sent();
    of_ticket.map(|other| if other.unique_text && own { 0 } else { 1 }).sum::<u32>() > 0
}

pub(super) fn image(record: &Value, name: &str) -> Option<Value> {
    Some(plain_item(record["dynamodb"].get(name)?)).filter(|item| !item["PK"].is_null())
}

/// When the change was committed, Unix milliseconds; whole seconds.
#[expect(clippy::cast_possible_truncation, reason = "a time of this century fits")]
fn changed_ms(record: &Value) -> i64 {
    (record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or_default() * 1000.0) as i64
}

impl Facts {
    /// When the ticket was first stored, Unix milliseconds; whole seconds.
    pub(super) fn first_change_ms(&self, id: &str) -> Option<i64> {
        let pk = format!("TICKET#{id}");
        let is_it = |record: &&Value| {
            let key = |name: &str| {
                record["dynamodb"]["Keys"][name]["S"].as_str() == Some(if name == "PK" { &pk } else { "TICKET" })
            };
            key("PK") && key("SK")
        };
        self.changes.iter().find(is_it).map(changed_ms)
    }

    /// When a ticket's archive was committed, Unix milliseconds by the true clock.
    pub(super) fn committed_ms(&self, id: &str, ticket: &Value) -> i64 {
        let close_time = ticket["close_time"].as_i64().unwrap_or(i64::MAX);
        if self.largest_clock_ms == 0 {
            return close_time;
        }
        let pk = format!("TICKET#{id}");
        let closed = self.changes.iter().rfind(|record| {
            record["dynamodb"]["Keys"]["PK"]["S"] == pk.as_str()
                && record["dynamodb"]["NewImage"]["state"]["S"] == "closed"
                && record["dynamodb"]["OldImage"]["state"]["S"] != "closed"
                && record["dynamodb"]["Keys"]["SK"]["S"] == "TICKET"
        });
        // The time is in whole seconds.
        closed.map_or(close_time, |record| changed_ms(record) + 1000)
    }
}
