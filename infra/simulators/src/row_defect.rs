//! Rows of lists and conversations that a client can't read, wholly or in part.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is wrong with a row. It stays as long as the row exists, in every list that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowDefect {
    /// A text stands in place of the object.
    NotAnObject,
    /// The id is null.
    NoId,
    /// The time is a text without a time.
    NoTime,
}

impl RowDefect {
    /// `row` as the vendor shows it. `id` and `time` are the names of its fields.
    pub(crate) fn apply(self, mut row: Value, id: &str, time: &str) -> Value {
        match self {
            RowDefect::NotAnObject => return json!("unavailable"),
            RowDefect::NoId => row[id] = Value::Null,
            RowDefect::NoTime => row[time] = json!("刚刚"),
        }
        row
    }
}

/// `row` with its defect, if it has one.
pub(crate) fn with_defect(row: Value, defect: Option<RowDefect>, id: &str, time: &str) -> Value {
    match defect {
        Some(defect) => defect.apply(row, id, time),
        None => row,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_changes_as_said() {
        let row = json!({"id": 1, "time": 2});
        assert_eq!(RowDefect::NotAnObject.apply(row.clone(), "id", "time"), "unavailable");
        assert_eq!(RowDefect::NoId.apply(row.clone(), "id", "time"), json!({"id": null, "time": 2}));
        assert_eq!(RowDefect::NoTime.apply(row.clone(), "id", "time"), json!({"id": 1, "time": "刚刚"}));
        assert_eq!(with_defect(row.clone(), None, "id", "time"), row);
    }
}
