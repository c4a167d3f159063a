//! Query parameters and JSON fields of a Huawei call, with their types and bounds.

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};

use super::{HuaweiFailure, HuaweiSettings};
use crate::wire::pairs;

/// The query of one call.
pub(super) struct QueryParameters {
    pairs: Vec<(String, String)>,
}

impl QueryParameters {
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        Self { pairs: pairs(request.uri().query().unwrap_or_default(), false) }
    }

    /// A value that is there and not empty, no longer than `most` characters.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<Option<&str>, HuaweiFailure> {
        let value = self.all(name).find(|value| !value.is_empty());
        match value {
            Some(value) if value.chars().count() > most => Err(HuaweiFailure::parameter(name)),
            other => Ok(other),
        }
    }

    pub(super) fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A whole number from 0 to `most`.
    pub(super) fn number(&self, name: &str, default: usize, most: usize) -> Result<usize, HuaweiFailure> {
        match self.text(name, 32)? {
            None => Ok(default),
            Some(text) => {
                text.parse().ok().filter(|number| *number <= most).ok_or_else(|| HuaweiFailure::parameter(name))
            }
        }
    }
}

/// The JSON object in the body; an empty body counts as an empty object where `optional`.
pub(super) fn body(request: &Request<Bytes>, optional: bool) -> Result<Map<String, Value>, HuaweiFailure> {
    if optional && request.body().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(request.body()) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(HuaweiFailure::body()),
    }
}

/// A text field no longer than `most`; null and absent are the same.
pub(super) fn field<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
    most: usize,
    settings: &HuaweiSettings,
) -> Result<Option<&'a str>, HuaweiFailure> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if length(text, settings) <= most => Ok(Some(text)),
        Some(_) => Err(HuaweiFailure::parameter(name)),
    }
}

/// A text field that must be there and not empty.
pub(super) fn required<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
    most: usize,
    settings: &HuaweiSettings,
) -> Result<&'a str, HuaweiFailure> {
    field(fields, name, most, settings)?.filter(|text| !text.is_empty()).ok_or_else(|| HuaweiFailure::parameter(name))
}

/// A list of at most `most` texts.
pub(super) fn texts<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
    most: usize,
) -> Result<Vec<&'a str>, HuaweiFailure> {
    let texts = match fields.get(name) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(items)) if items.len() <= most => items.iter().map(Value::as_str).collect(),
        Some(_) => None,
    };
    texts.ok_or_else(|| HuaweiFailure::parameter(name))
}

fn length(text: &str, settings: &HuaweiSettings) -> usize {
    if settings.count_utf16 { text.encode_utf16().count() } else { text.chars().count() }
}
