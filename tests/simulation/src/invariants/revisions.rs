//! Older texts of archived messages.

use super::{Facts, absences::image};

/// A message of the archive that gets another text keeps the one before.
pub fn older_texts_stay(facts: &Facts) -> Vec<String> {
    let lost = facts.changes.iter().filter_map(|record| {
        let (old, new) = (image(record, "OldImage")?, image(record, "NewImage")?);
        // The text of a long message is in other items.
        let is_message =
            new["SK"].as_str()?.starts_with("MESSAGE#") && old["parts"].is_null() && new["parts"].is_null();
        let text = old["content"].as_str().filter(|text| is_message && new["content"].as_str() != Some(*text))?;
        let mut revisions = new["revisions"].as_array().into_iter().flatten();
        let is_kept = revisions.any(|revision| revision["content"].as_str() == Some(text));
        (!is_kept).then(|| format!("{} {} lost its older text {text:?}", new["PK"], new["SK"]))
    });
    lost.collect()
}
