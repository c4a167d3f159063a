//! Messages of the archive that are spread over several items.

use std::collections::BTreeMap;

use serde_json::Value;

/// Puts the JSON of each long message, which its parts hold, into the message's own item. One whose parts are
/// incomplete keeps its empty text.
pub fn join(items: &mut BTreeMap<(String, String), Value>) {
    let is_long =
        |(key, item): &(&(String, String), &Value)| key.1.starts_with("MESSAGE#") && item["parts"].is_number();
    let long: Vec<_> =
        items.iter().filter(is_long).map(|(key, item)| (key.clone(), whole(items, &key.0, item))).collect();
    for (key, whole) in long {
        if let (Some(Value::Object(item)), Some(Value::Object(whole))) = (items.get_mut(&key), whole) {
            item.extend(whole);
        }
    }
}

fn whole(items: &BTreeMap<(String, String), Value>, pk: &str, head: &Value) -> Option<Value> {
    let (id, digest) = (head["message_id"].as_str()?, head["parts_digest"].as_str()?);
    let part = |number| {
        let key = (pk.to_owned(), format!("PART#{id}#{digest}#{number:04}"));
        items.get(&key)?["content"].as_str()
    };
    let json: Option<String> = (1..=head["parts"].as_u64()?).map(part).collect();
    serde_json::from_str(&json?).ok()
}
