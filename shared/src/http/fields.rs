//! Reads the fields of a JSON body or a query string. Every bad field is named, not just the first.

mod list;
mod nested;
mod text_rule;

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value};

pub use self::text_rule::{MESSAGE_ID_RULE, TextRule};
use super::{
    page::{DEFAULT_LIMIT, MAX_LIMIT},
    whole_number::whole_number,
};
use crate::{
    domain::Vendor,
    error::{Error, FieldError, Result},
    problem_code::ProblemCode,
};

/// The largest request body, bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The largest time that store keys hold, Unix milliseconds: 13 digits.
pub const MAX_TIME_MS: i64 = 9_999_999_999_999;

/// The fields of a request, and the errors found so far.
///
/// Each reader returns `None` for a field that is absent or bad; [`finish`](Self::finish) names all bad and unknown
/// fields.
pub struct Fields {
    values: Map<String, Value>,
    known: BTreeSet<&'static str>,
    errors: Vec<FieldError>,
    from_query: bool,
}

impl Fields {
    /// The fields of a JSON object.
    pub fn of_body(body: &[u8]) -> Result<Self> {
        if body.len() > MAX_BODY_BYTES {
            let rule = format!("The body must be at most {MAX_BODY_BYTES} bytes (64 KiB).");
            return Err(Error::new(ProblemCode::BodyTooLarge, rule));
        }
        if body.is_empty() {
            return Err(Error::new(ProblemCode::BodyEmpty, "The body must be a JSON object; it is empty."));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(values)) => {
                let mut fields = Self::new(values, false);
                for name in repeated_members(body) {
                    fields.refuse(&name, "must stand once");
                }
                Ok(fields)
            }
            Ok(_) => Err(Error::new(ProblemCode::BodyNotAnObject, "The body must be a JSON object.")),
            Err(error) => {
                let place = format!("line {} column {}", error.line(), error.column());
                let detail = format!("The body is not JSON (UTF-8) at {place}.");
                Err(Error::new(ProblemCode::BodyNotJson, detail))
            }
        }
    }

    /// The fields of a JSON object; an empty body means an empty object.
    pub fn of_optional_body(body: &[u8]) -> Result<Self> {
        if body.is_empty() { Ok(Self::new(Map::new(), false)) } else { Self::of_body(body) }
    }

    /// The parameters of a query string, decoded.
    pub fn of_query(parameters: &[(String, String)]) -> Self {
        let mut fields = Self::new(Map::new(), true);
        for (name, value) in parameters {
            if fields.values.insert(name.clone(), Value::String(value.clone())).is_some() {
                fields.refuse(name, "must stand once");
            }
        }
        fields
    }

    fn new(values: Map<String, Value>, from_query: bool) -> Self {
        Self { values, known: BTreeSet::new(), errors: Vec::new(), from_query }
    }

    /// Records that a field breaks a rule. `rule` completes the sentence "the field …".
    pub fn refuse(&mut self, name: &str, rule: impl Into<String>) {
        let pointer = if self.from_query { name.to_owned() } else { format!("/{}", escaped(name)) };
        let pointer = pointer.chars().take(100).collect();
        self.errors.push(FieldError { pointer, detail: rule.into() });
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.insert(name);
        self.values.remove(name).filter(|value| !value.is_null())
    }

    fn take_text(&mut self, name: &'static str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.refuse(name, "must be a string");
                None
            }
        }
    }

    /// Records the absence of a required field.
    fn required<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let errors_before = self.errors.len();
        let value = read(self);
        if value.is_none() && self.errors.len() == errors_before {
            self.refuse(name, "is required");
        }
        value
    }

    /// A text that may be absent.
    pub fn optional_text(&mut self, name: &'static str, rule: TextRule) -> Option<String> {
        self.optional_parsed(name, |text| rule.read(text))
    }

    /// A text that is required.
    pub fn text(&mut self, name: &'static str, rule: TextRule) -> Option<String> {
        self.required(name, |fields| fields.optional_text(name, rule))
    }

    /// A text with a rule of its own that may be absent. `read` gives the value, or the rule that is broken.
    pub fn optional_parsed<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> std::result::Result<T, String>,
    ) -> Option<T> {
        let text = self.take_text(name)?;
        read(&text).map_err(|broken| self.refuse(name, broken)).ok()
    }

    /// A text with a rule of its own that is required.
    pub fn parsed<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> std::result::Result<T, String>,
    ) -> Option<T> {
        self.required(name, |fields| fields.optional_parsed(name, read))
    }

    /// An id that may be absent.
    pub fn optional_id<T: TryFrom<String, Error = Error>>(&mut self, name: &'static str) -> Option<T> {
        self.optional_parsed(name, read_id)
    }

    /// An id that is required.
    pub fn id<T: TryFrom<String, Error = Error>>(&mut self, name: &'static str) -> Option<T> {
        self.parsed(name, read_id)
    }

    /// A value that may be absent. It is refused where its type is wrong or `accept` is false. In a query string it is
    /// text.
    fn optional_scalar<T: FromStr>(
        &mut self,
        name: &'static str,
        rule: impl Into<String>,
        of_json: fn(&Value) -> Option<T>,
        accept: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let value = match self.take(name)? {
            Value::String(text) if self.from_query => text.parse().ok(),
            value => of_json(&value),
        };
        let accepted = value.filter(accept);
        if accepted.is_none() {
            self.refuse(name, rule);
        }
        accepted
    }

    /// A whole number that may be absent, within `low..=high`.
    pub fn optional_integer(&mut self, name: &'static str, low: i64, high: i64) -> Option<i64> {
        let rule = format!("must be a whole number from {low} to {high}");
        self.optional_scalar(name, rule, whole_number, |number| (low..=high).contains(number))
    }

    /// A whole number within `low..=high`, required.
    pub fn integer(&mut self, name: &'static str, low: i64, high: i64) -> Option<i64> {
        self.required(name, |fields| fields.optional_integer(name, low, high))
    }

    /// `true` or `false`, which may be absent.
    pub fn optional_flag(&mut self, name: &'static str) -> Option<bool> {
        self.optional_scalar(name, "must be true or false", Value::as_bool, |_| true)
    }

    /// `true` or `false`, required.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.required(name, |fields| fields.optional_flag(name))
    }

    /// A vendor's name that may be absent, for example `ALIBABA`.
    pub fn optional_vendor(&mut self, name: &'static str) -> Option<Vendor> {
        self.optional_parsed(name, read_vendor)
    }

    /// A vendor's name that is required.
    pub fn vendor(&mut self, name: &'static str) -> Option<Vendor> {
        self.parsed(name, read_vendor)
    }

    /// The `limit` and `cursor` of a list; the cursor is still to be decoded.
    pub fn page(&mut self) -> (usize, Option<String>) {
        let limit = self.optional_integer("limit", 1, MAX_LIMIT).unwrap_or(DEFAULT_LIMIT);
        let cursor = self.optional_parsed("cursor", |text| Ok(text.to_owned()));
        (usize::try_from(limit).unwrap_or(usize::MAX), cursor)
    }

    fn refuse_unknown(&mut self) {
        for (name, _) in std::mem::take(&mut self.values) {
            let known: Vec<_> = self.known.iter().copied().collect();
            let mut rule = "is not known here".to_owned();
            if !known.is_empty() {
                rule = format!("is not known; known are: {}", known.join(", "));
            }
            self.refuse(&name, rule);
        }
    }

    /// The value of `build`, if every field was good; else an error with every bad and unknown field.
    pub fn finish<T>(mut self, build: impl FnOnce() -> Option<T>) -> Result<T> {
        self.refuse_unknown();
        if !self.errors.is_empty() {
            return Err(Error::invalid_fields(self.errors).with_code(ProblemCode::InvalidFields));
        }
        build().ok_or_else(|| Error::unexpected("A request was read only in part."))
    }
}

/// The names of an object's members that are given more than once: `serde_json` keeps the last, others the first.
fn repeated_members(object: &[u8]) -> BTreeSet<String> {
    struct Repeated(BTreeSet<String>);
    struct MemberVisitor;
    impl<'de> Visitor<'de> for MemberVisitor {
        type Value = Repeated;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<Repeated, A::Error> {
            let (mut names, mut repeated) = (BTreeSet::new(), BTreeSet::new());
            while let Some((name, IgnoredAny)) = members.next_entry::<String, IgnoredAny>()? {
                if !names.insert(name.clone()) {
                    repeated.insert(name);
                }
            }
            Ok(Repeated(repeated))
        }
    }
    impl<'de> Deserialize<'de> for Repeated {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
            deserializer.deserialize_map(MemberVisitor)
        }
    }
    serde_json::from_slice::<Repeated>(object).map(|repeated| repeated.0).unwrap_or_default()
}

/// A name as it stands in a JSON pointer (RFC 6901).
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

pub(super) const ID_RULE: &str = "must be 1 to 64 characters out of A-Z a-z 0-9 . _ ~ -";

fn read_vendor(text: &str) -> std::result::Result<Vendor, String> {
    text.parse().map_err(|_| "must be ALIBABA, HUAWEI or TENCENT".to_owned())
}

fn read_id<T: TryFrom<String, Error = Error>>(text: &str) -> std::result::Result<T, String> {
    T::try_from(text.to_owned()).map_err(|_| ID_RULE.to_owned())
}

#[cfg(test)]
mod tests;
