//! Ranges of sort keys that begin with a time: `<time>#<id>`.

use super::keys;

/// Lowest and highest sort key, both inclusive, of what happened at `from_ms` or later and before `to_ms` (Unix
/// milliseconds), and of that only what comes after the sort key `after` in a descending list.
pub(super) fn bounds(from_ms: Option<i64>, to_ms: Option<i64>, after: Option<&str>) -> (String, String) {
    let low = from_ms.map_or_else(|| "0".to_owned(), keys::time);
    // `#` sorts before every character of an id, so `<time>#` is just below all items of that time.
    let to = to_ms.map_or_else(|| "9~".to_owned(), |to| format!("{}#", keys::time(to)));
    // The largest text below it: DynamoDB has no "between, exclusive".
    let high = after.map(just_below).map_or(to.clone(), |before| before.min(to));
    (low, high)
}

/// A text that is less than `key` and not less than any other item's sort key below it: its last character is replaced
/// by the one before it and the highest characters that ids can hold.
fn just_below(key: &str) -> String {
    let mut text = key.to_owned();
    if let Some(last) = text.pop() {
        text.push(char::from_u32(u32::from(last).saturating_sub(1)).unwrap_or('!'));
        text.push('~');
    }
    text
}
