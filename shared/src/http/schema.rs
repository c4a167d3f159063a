//! The rules of the readers of [`fields`](super::fields) as JSON Schema (2020-12). For the API's document only.

use schemars::{Schema, json_schema};

use super::fields::TextRule;

/// One line, not blank: no character of Unicode's class Cc, and one at least that is no White_Space.
const LINE: &str = concat!(
    r"^[^\x00-\x1f\x7f-\x9f]*",
    r"[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
    r"[^\x00-\x1f\x7f-\x9f]*$"
);

/// The same, where line breaks and tabs are allowed.
const LINES: &str = concat!(
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*",
    r"[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
    r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
);

impl TextRule {
    /// The pattern of a text that keeps the rule, whatever its length.
    pub fn pattern(self) -> &'static str {
        if self.multi_line { LINES } else { LINE }
    }

    /// The schema of a text that keeps the rule.
    pub fn schema(self) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": self.max_chars,
            "pattern": self.pattern(),
        })
    }
}
