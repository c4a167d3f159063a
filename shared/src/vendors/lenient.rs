//! Lenient reading of the vendors' JSON: a scalar may be a string or a number, null counts as absent. The vendors'
//! documented examples contradict their own types.

use bytes::Bytes;
use http::Response;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, IgnoredAny},
};
use serde_json::Value;

use crate::digest;

/// A field that holds text, or a number or boolean as text; `None` when it is null or missing.
#[derive(Clone, Debug, Default, Hash, PartialEq, Deserialize)]
#[serde(from = "Option<Scalar>")]
pub struct Text(pub Option<String>);

impl Text {
    /// The text, unless it is blank or `"null"`, which Alibaba's examples put for an empty field.
    pub fn non_blank(self) -> Option<String> {
        self.0.filter(|text| !matches!(text.trim(), "" | "null"))
    }
}

/// A field that holds a whole number, or text with one; `None` when it is any other scalar, null or missing.
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Deserialize)]
#[serde(from = "Option<Scalar>")]
pub struct Integer(pub Option<i64>);

/// A scalar of any kind.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Integer(i64),
    Large(u64),
    Float(f64),
    Boolean(bool),
}

impl From<Option<Scalar>> for Text {
    fn from(scalar: Option<Scalar>) -> Self {
        Self(scalar.map(|scalar| match scalar {
            Scalar::Text(text) => text,
            Scalar::Integer(number) => number.to_string(),
            Scalar::Large(number) => number.to_string(),
            Scalar::Float(number) => number.to_string(),
            Scalar::Boolean(flag) => flag.to_string(),
        }))
    }
}

impl From<Option<Scalar>> for Integer {
    fn from(scalar: Option<Scalar>) -> Self {
        Self(match scalar {
            Some(Scalar::Integer(number)) => Some(number),
            Some(Scalar::Text(text)) => text.trim().parse().ok(),
            Some(Scalar::Boolean(flag)) => Some(i64::from(flag)),
            Some(Scalar::Large(_) | Scalar::Float(_)) | None => None,
        })
    }
}

/// A row of a list, or what stands in its place.
#[derive(Clone, Debug, Hash, Deserialize)]
#[serde(untagged)]
pub enum Row<T> {
    /// In a form that can be read.
    Read(T),
    /// In any other form.
    Odd(Value),
}

impl<T> Row<T> {
    /// The row, if it can be read.
    pub fn read(self) -> Option<T> {
        match self {
            Row::Read(row) => Some(row),
            Row::Odd(_) => None,
        }
    }
}

/// A field that nothing depends on: text, or a number or boolean as text; any other value counts as absent.
pub fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Field {
        Scalar(Scalar),
        Other(IgnoredAny),
    }
    Ok(Text::from(match Option::<Field>::deserialize(deserializer)? {
        Some(Field::Scalar(scalar)) => Some(scalar),
        Some(Field::Other(_)) | None => None,
    }))
}

/// A list; null is an empty one.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

/// An object; null, an empty list, or the text that Alibaba's examples put for it, is an empty one.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Field<T> {
        Object(T),
        Text(#[expect(dead_code, reason = "distinguishes text from an object")] String),
        EmptyList([(); 0]),
    }
    Ok(match Option::<Field<T>>::deserialize(deserializer)? {
        Some(Field::Object(object)) => object,
        Some(Field::Text(_) | Field::EmptyList(_)) | None => T::default(),
    })
}

/// The same, but a text that is neither blank nor `"null"` is an error: it would be lost.
pub fn object_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Field<T> {
        Object(T),
        Text(String),
        EmptyList([(); 0]),
    }
    match Option::<Field<T>>::deserialize(deserializer)? {
        Some(Field::Object(object)) => Ok(object),
        Some(Field::Text(text)) if !matches!(text.trim(), "" | "null") => Err(D::Error::custom("text for an object")),
        Some(Field::Text(_) | Field::EmptyList(_)) | None => Ok(T::default()),
    }
}

/// The JSON body of an answer, with U+FFFD for what is no Unicode; else the kind and the position of the error, without
/// the text of the answer.
pub fn json<T: DeserializeOwned>(answer: &Response<Bytes>) -> Result<T, String> {
    let body = answer.body();
    // Most bodies need no repair.
    serde_json::from_slice(body).or_else(|_| serde_json::from_str(&unicode(body))).map_err(|error| reason(&error))
}

/// The kind and the position of an error, without the text of the answer.
pub fn reason(error: &serde_json::Error) -> String {
    format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column())
}

/// A row from its JSON, with U+FFFD for what is no Unicode; else that JSON.
pub fn row<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json).or_else(|_| {
        let text = unicode(json);
        serde_json::from_str(&text).map_err(|_| text)
    })
}

/// The JSON text without a byte order mark, and with U+FFFD for invalid UTF-8 and for surrogates without their other
/// half.
pub(super) fn unicode(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut valid = String::with_capacity(rest.len());
    while let Some(start) = rest.find('\\') {
        valid.push_str(&rest[..start]);
        rest = &rest[start..];
        let length = match (surrogate(rest), rest.get(6..).and_then(surrogate)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(_), _) => {
                valid.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            // Another escape: the character behind the backslash belongs to it.
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        valid.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    valid + rest
}

/// The surrogate that `text` begins with as an escape, such as `\ud83d`.
fn surrogate(text: &str) -> Option<u16> {
    let unit = u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()?;
    (0xd800..=0xdfff).contains(&unit).then_some(unit)
}

/// An id made of the fields of a message, for a vendor that gives none. It is the same in each reading.
pub fn synthetic_id(parts: &[&str]) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        // The length before each part keeps the parts apart.
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    format!("h-{}", &digest::sha256_hex(bytes)[..32])
}

#[cfg(test)]
mod tests;
