//! What a vendor tells of the fields that a ticket of one problem type needs and may have.

use serde::{Deserialize, Serialize};

/// How long a form that was read as a whole is used, milliseconds: a day.
const FRESH_MS: i64 = 24 * 60 * 60 * 1000;
/// How long one is used that was read in part, or that refuses a ticket, milliseconds: ten minutes.
const RECHECK_MS: i64 = 10 * 60 * 1000;

/// What a vendor told an account. Severities and limits may differ by the account's support plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TicketForm {
    /// When it was read, Unix milliseconds.
    #[serde(default)]
    pub read_time: i64,
    /// The fields of `extra`.
    #[serde(default)]
    pub extra: Vec<ExtraField>,
    /// The vendor's own severities; none where it offers the account no choice.
    #[serde(default)]
    pub severities: Vec<VendorSeverity>,
    /// Texts to begin a description with.
    #[serde(default)]
    pub templates: Vec<TextTemplate>,
    /// The most addresses of `cc`, where the vendor tells it.
    #[serde(default)]
    pub max_cc: Option<usize>,
    /// The vendor's own fields of every form. Their keys are not documented, so nothing is checked by them.
    #[serde(default)]
    pub common: Vec<CommonField>,
    /// How many rows, or lists of choices, can't be read. Then `extra` may have other fields, too.
    #[serde(default)]
    pub unreadable: usize,
    /// The parts that the vendor did not tell.
    #[serde(default)]
    pub unread: Vec<FormPart>,
}

/// A part of a form, with a call of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormPart {
    /// The fields of `extra`.
    Extra,
    /// The severities.
    Severities,
    /// The templates.
    Templates,
    /// The limits of carbon copies.
    Limits,
}

/// A field of `extra`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtraField {
    /// The vendor's key.
    pub key: String,
    /// The vendor's name of it, in the site's language.
    pub name: String,
    /// What the vendor says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a ticket without it is refused.
    pub required: bool,
    /// The most characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<usize>,
    /// The lowest and the highest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(i64, i64)>,
    /// The only values, where the vendor lists them as JSON; any value where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// The vendor's list of values in a form that is not documented. Nothing is checked by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_choices: Option<String>,
    /// The value that the vendor's console begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether its value goes to the vendor and is not stored.
    #[serde(default)]
    pub sensitive: bool,
}

/// A severity in the vendor's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorSeverity {
    /// The vendor's id: `severity_id` of a ticket.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A text to begin a description with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextTemplate {
    /// Its name.
    pub name: String,
    /// The text.
    pub content: String,
}

/// A field of the vendor's own form, as it tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommonField {
    /// The vendor's key.
    pub key: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the vendor's console demands it.
    pub required: bool,
}

impl TicketForm {
    /// Whether it can be used at `now_ms`.
    pub fn is_fresh(&self, now_ms: i64) -> bool {
        // No create needs a template.
        let has_all = self.unread.iter().all(|part| *part == FormPart::Templates);
        self.age(now_ms) < if has_all { FRESH_MS } else { RECHECK_MS }
    }

    /// Whether a ticket can be refused by it at `now_ms`: the vendor may have changed an older one.
    pub fn may_refuse(&self, now_ms: i64) -> bool {
        self.age(now_ms) < RECHECK_MS
    }

    /// A clock that was ahead when it was read does not make it last longer.
    fn age(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(self.read_time).saturating_abs()
    }

    /// Whether the vendor told that part.
    pub fn has(&self, part: FormPart) -> bool {
        !self.unread.contains(&part)
    }

    /// Whether `extra` can have no other fields.
    pub fn is_whole(&self) -> bool {
        self.has(FormPart::Extra) && self.unreadable == 0
    }
}
