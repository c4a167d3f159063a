//! Nothing stays unfinished.

use serde_json::Value;

use super::Facts;

/// No ticket, reply or refresh is in a transient state, and no ticket in a final state is due.
///
/// Limits: not a ticket of which each call fails until the end, with its replies.
pub fn nothing_stuck(facts: &Facts) -> Vec<String> {
    let mut stuck = Vec::new();
    let fails = |ticket: &Value| facts.failing.as_deref().is_some_and(|failing| ticket["cloud_id"] == failing);
    for (id, ticket) in facts.tickets.iter().filter(|(_, ticket)| !fails(ticket)) {
        let state = ticket["state"].as_str().unwrap_or_default();
        if !matches!(state, "open" | "closed" | "indeterminate") {
            stuck.push(format!("ticket {id} is still {state}"));
        } else if state != "indeterminate" && !ticket["GSI3PK"].is_null() {
            stuck.push(format!("ticket {id} is {state} and still due"));
        }
    }
    for item in facts.items.values().filter(|item| item["SK"].as_str().is_some_and(|sk| sk.starts_with("REPLY#"))) {
        let state = item["state"].as_str().unwrap_or_default();
        if item["ticket_id"].as_str().and_then(|id| facts.tickets.get(id)).is_some_and(fails) {
            continue;
        }
        if !matches!(state, "sent" | "indeterminate") {
            stuck.push(format!("reply {} is still {state}", item["id"]));
        }
    }
    for ((pk, _), item) in facts.items.range(("REFRESH#".to_owned(), String::new())..) {
        let state = item["state"].as_str().unwrap_or_default();
        if pk.starts_with("REFRESH#") && !matches!(state, "complete" | "failed") {
            stuck.push(format!("the refresh {pk} is still {state}"));
        }
    }
    stuck
}

/// With a wrong count an account could be removed too early, or never.
pub fn open_tickets_counted(facts: &Facts) -> Vec<String> {
    let accounts = facts.items.values().filter(|item| item["SK"] == "ACCOUNT");
    let wrong = accounts.filter_map(|account| {
        let own = facts.tickets.values().filter(|ticket| ticket["custom_id"] == account["id"]);
        let open = own.filter(|ticket| ticket["state"] != "closed").count();
        let counted = account["open_tickets"].as_u64().and_then(|count| usize::try_from(count).ok());
        (counted != Some(open))
            .then(|| format!("account {} counts {} tickets and has {open}", account["id"], account["open_tickets"]))
    });
    wrong.collect()
}
