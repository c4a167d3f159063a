//! The catalog after refreshes.

use super::Facts;

/// The simulated vendors' lists never change, so no entry may be marked as removed, whatever failed in a refresh.
pub fn catalog_entries_retained(facts: &Facts) -> Vec<String> {
    let from = ("CATALOG#".to_owned(), String::new());
    let entries = facts.items.range(from..).take_while(|((pk, _), _)| pk.starts_with("CATALOG#"));
    let removed = entries.filter(|(_, entry)| !entry["removed_time"].is_null());
    removed.map(|((pk, sk), _)| format!("{pk} {sk} is marked removed")).collect()
}
