//! A catalog is compared only when it was read completely.

use super::Facts;

/// The vendors list the same all the time, so nothing may be marked removed, whatever went wrong in a refresh.
pub fn nothing_listed_is_removed(facts: &Facts) -> Vec<String> {
    let from = ("CATALOG#".to_owned(), String::new());
    let entries = facts.items.range(from..).take_while(|((pk, _), _)| pk.starts_with("CATALOG#"));
    let removed = entries.filter(|(_, entry)| !entry["removed_time"].is_null());
    removed.map(|((pk, sk), _)| format!("{pk} {sk} is marked removed")).collect()
}
