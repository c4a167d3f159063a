//! I7: secrets stay where they are.

use super::Facts;
use crate::base::CANARY;

/// I7: no part of an account's keys is in an item, an answer, an event or a log line; no text and no e-mail of a ticket is in an
/// event.
pub fn no_secret_shows(facts: &Facts) -> Vec<String> {
    let items = facts.items.values().map(|item| ("an item", item.to_string()));
    let events = facts.events.iter().map(|event| ("an event", event.to_string()));
    let answers = facts.texts.iter().map(|text| ("an answer", text.clone()));
    let lines = facts.logs.lines().map(|line| ("a log line", line.to_owned()));
    let everything = items.chain(events.clone()).chain(answers).chain(lines);
    let mut shown: Vec<_> = everything
        .filter(|(_, text)| text.contains(CANARY))
        .map(|(place, text)| format!("{place} shows a part of a key: {text}"))
        .collect();
    let private = |text: &str| text.contains("private@example.com") || text.contains("重启之后");
    shown.extend(
        events.filter(|(_, text)| private(text)).map(|(_, text)| format!("an event tells too much: {text}")),
    );
    shown
}
