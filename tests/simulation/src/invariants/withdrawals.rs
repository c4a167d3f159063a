//! Messages that callers withdrew.

use serde_json::Value;
use simulators::{SimulatedMessage, SimulatedTicket, huawei};

use super::{Facts, archives::has_text_of};
use crate::history::{ActionRequest, CallerAction, WithdrawalCall};

/// A call that found the message withdrawn counts, too.
///
/// Limits: not a message of which the vendor shows a copy with the same text and time: it is read as the message.
pub fn once_per_key(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for WithdrawalCall { cloud_id, message_id, .. } in &facts.withdrawals {
        let of_message = |call: &&WithdrawalCall| call.cloud_id == *cloud_id && call.message_id == *message_id;
        let calls = facts.withdrawals.iter().filter(of_message).count();
        // A key that was only refused has called nobody.
        let may_have_called =
            |request: &&ActionRequest| request.answers.iter().any(|status| !(400..500).contains(status));
        let of_keys = facts.actions.iter().filter(|request| is_of(facts, request, cloud_id, message_id));
        let keys = of_keys.filter(may_have_called).count();
        let is_copied = message(facts, cloud_id, message_id)
            .is_some_and(|(there, message)| there.messages.iter().any(|other| other.copy_of == Some(message.id)));
        if calls > keys && !is_copied {
            violations.push(format!("message {message_id} of {cloud_id} was withdrawn {calls} times by {keys} keys"));
        }
    }
    violations.sort();
    violations.dedup();
    violations
}

/// Where an answer says that a message is withdrawn, the ticket does, and the vendor does not show it.
pub fn answers_hold(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for request in &facts.actions {
        let CallerAction::Withdraw(id) = &request.action else { continue };
        let is_stored = |ticket: &Value| withdrawals(ticket).any(|withdrawal| withdrawal["message_id"] == id.as_str());
        if request.answers.contains(&200) && !facts.tickets.get(&request.ticket).is_some_and(is_stored) {
            violations.push(format!("{} was answered 200, and {} has no withdrawal", request.key, request.ticket));
        }
    }
    for (ticket_id, ticket) in &facts.tickets {
        let cloud_id = ticket["cloud_id"].as_str().unwrap_or_default();
        for id in withdrawals(ticket).filter_map(|withdrawal| withdrawal["message_id"].as_str()) {
            let stored = withdrawals(ticket).filter(|withdrawal| withdrawal["message_id"] == id).count();
            let keys = facts.actions.iter().filter(|request| is_of(facts, request, cloud_id, id)).count();
            let is_shown = message(facts, cloud_id, id).is_none_or(|(_, message)| !message.deleted);
            if is_shown || stored > keys {
                violations.push(format!(
                    "{ticket_id} has {stored} withdrawals of {id} by {keys} keys; its vendor shows it: {is_shown}"
                ));
            }
        }
    }
    violations
}

/// A message that was withdrawn was archived before, and stays there once, with a text that the vendor has shown.
pub fn archive_keeps_them(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for call in &facts.withdrawals {
        let Some((_, withdrawn)) = message(facts, &call.cloud_id, &call.message_id) else { continue };
        let ours = facts.tickets.iter().find(|(_, ticket)| ticket["cloud_id"] == call.cloud_id.as_str());
        let archive = ours.map(|(id, _)| facts.archive(id)).unwrap_or_default();
        let rows: Vec<_> = archive.iter().filter(|row| row["message_id"] == call.message_id.as_str()).collect();
        if rows.len() != 1 || !has_text_of(rows[0], withdrawn) {
            violations.push(format!("the archive has {rows:?} of the withdrawn {:?}", withdrawn.content));
        }
    }
    violations
}

fn is_of(facts: &Facts, request: &ActionRequest, cloud_id: &str, message_id: &str) -> bool {
    let ticket = facts.tickets.get(&request.ticket);
    let is_of_message = matches!(&request.action, CallerAction::Withdraw(id) if id == message_id);
    is_of_message && ticket.is_some_and(|ticket| ticket["cloud_id"] == cloud_id)
}

fn withdrawals(ticket: &Value) -> impl Iterator<Item = &Value> {
    ticket["withdrawals"].as_array().into_iter().flatten()
}

/// The message with that id, with its ticket.
fn message<'a>(
    facts: &'a Facts,
    cloud_id: &str,
    message_id: &str,
) -> Option<(&'a SimulatedTicket, &'a SimulatedMessage)> {
    let there = facts.at_vendors.iter().map(|(_, there)| there).find(|there| there.id == cloud_id)?;
    there.messages.iter().find(|one| huawei::message_id(one) == message_id).map(|message| (there, message))
}
