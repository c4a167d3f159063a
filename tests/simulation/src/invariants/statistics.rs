//! The statistics: what the table's stream counted, and what the rebuild at the end of a schedule counted. What must be
//! counted is written here a second time, from the description of the statistics and not from the product's code.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::Facts;

/// Numbers by the item that has them (vendor, and day with account) and by their name.
type Counts = BTreeMap<(String, String, String), i64>;

const DAY_CHARS: usize = "2026-01-15".len();

/// One set of items was counted from the stream, the other one rebuilt.
pub fn statistics_are_of_tickets(facts: &Facts) -> Vec<String> {
    if !facts.has_statistics {
        return Vec::new();
    }
    let expected = expected(facts);
    let mut violations = Vec::new();
    for set in ["0", "1"] {
        let found = found(facts, set);
        for key in expected.keys().chain(found.keys().filter(|key| !expected.contains_key(*key))) {
            let (wanted, counted) = (expected.get(key).unwrap_or(&0), found.get(key).unwrap_or(&0));
            if wanted != counted {
                violations.push(format!("set {set} counts {counted} of {key:?}, and the tickets are {wanted}"));
            }
        }
    }
    violations
}

/// The numbers of a set. A number that is 0 counts as none.
fn found(facts: &Facts, set: &str) -> Counts {
    let prefix = format!("STATISTICS#{set}#");
    let items = facts.items.iter().filter_map(|((pk, sk), item)| Some((pk.strip_prefix(&prefix)?, sk, item)));
    let numbers = items.flat_map(|(vendor, sk, item)| {
        let numbers = item.as_object().into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_i64()?)));
        numbers.map(move |(name, number)| ((vendor.to_owned(), sk.clone(), name.clone()), number))
    });
    numbers.filter(|(_, number)| *number != 0).collect()
}

fn expected(facts: &Facts) -> Counts {
    let mut counts = Counts::new();
    for ticket in facts.tickets.values().filter(|ticket| is_at_vendor(ticket)) {
        let (vendor, account) = (text(&ticket["type"]), text(&ticket["custom_id"]));
        let mut add = |time_ms: i64, name: String| {
            let key = (vendor.clone(), format!("{}#{account}", day(time_ms)), name);
            *counts.entry(key).or_default() += 1;
        };
        let create_ms = ticket["create_time"].as_i64().unwrap_or_default();
        add(create_ms, "opened".to_owned());
        if let Some(answered_ms) = ticket["first_response_time"].as_i64() {
            add(answered_ms, format!("first_response_{}", bucket(answered_ms - create_ms)));
        }
        if let (Some(close_ms), "closed") = (ticket["close_time"].as_i64(), text(&ticket["state"]).as_str()) {
            let resolution_ms = ticket["resolution_ms"].as_i64().unwrap_or(close_ms - create_ms);
            add(close_ms, format!("resolution_{}", bucket(resolution_ms)));
        }
    }
    counts
}

fn is_at_vendor(ticket: &Value) -> bool {
    ["open", "closing", "closed"].iter().any(|state| ticket["state"] == *state)
}

fn day(time_ms: i64) -> String {
    let time = Timestamp::from_millisecond(time_ms).unwrap_or_default().to_string();
    time.get(..DAY_CHARS).unwrap_or_default().to_owned()
}

/// 0 below a millisecond, and then eight buckets for each doubling.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "durations of a schedule are short")]
fn bucket(duration_ms: i64) -> i64 {
    if duration_ms < 1 { 0 } else { 1 + ((duration_ms as f64).log2() * 8.0).floor() as i64 }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
