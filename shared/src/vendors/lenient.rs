//! Reading vendors' JSON tolerantly: scalars as string or number, null or missing as nothing. The vendors'
//! documented examples contradict their own types.

use bytes::Bytes;
use http::Response;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::digest;

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

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Scalar::Text(text) => text,
            Scalar::Integer(number) => number.to_string(),
            Scalar::Large(number) => number.to_string(),
            Scalar::Float(number) => number.to_string(),
            Scalar::Boolean(flag) => flag.to_string(),
        }
    }
}

/// Text, or a number or boolean as text; null is nothing.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Scalar>::deserialize(deserializer)?.map(Scalar::into_text))
}

/// A whole number, or text that holds one; anything else is nothing.
pub fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Option::<Scalar>::deserialize(deserializer)? {
        Some(Scalar::Integer(number)) => Some(number),
        Some(Scalar::Text(text)) => text.trim().parse().ok(),
        Some(Scalar::Boolean(flag)) => Some(i64::from(flag)),
        Some(Scalar::Large(_) | Scalar::Float(_)) | None => None,
    })
}

/// A list; null is an empty one.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

/// An object; null, or the text that Alibaba's examples put for it, is an empty one.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Object<T> {
        Object(T),
        Text(#[expect(dead_code, reason = "only told from an object")] String),
    }
    Ok(match Option::<Object<T>>::deserialize(deserializer)? {
        Some(Object::Object(object)) => object,
        Some(Object::Text(_)) | None => T::default(),
    })
}

/// The JSON body of an answer; the error says where it broke, never what stands there.
pub fn json<T: DeserializeOwned>(answer: &Response<Bytes>) -> Result<T, String> {
    serde_json::from_slice(answer.body()).map_err(|error| {
        format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column())
    })
}

/// The text where it says something: Alibaba's examples put `"null"` for an empty field.
pub fn non_blank(text: Option<String>) -> Option<String> {
    text.filter(|text| !matches!(text.trim(), "" | "null"))
}

/// An id made of what a message holds, for a vendor that gives none: the same in each reading.
pub fn synthetic_id(parts: &[&str]) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        // With its length before it, no part can flow into the next.
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    format!("h-{}", &digest::sha256_hex(bytes)[..32])
}

/// Whether an id is one of [`synthetic_id`].
pub fn is_synthetic_id(id: &str) -> bool {
    id.strip_prefix("h-").is_some_and(|hash| hash.len() == 32)
}

/// Whether `marker` is the last line of `text`, blank ones aside: further up it may be another ticket that quotes it.
///
/// Tags count as line breaks, as a vendor may keep rich text. A text of one line, as it is where a vendor joined the
/// lines, must end with the marker.
pub fn has_last_line(text: &str, marker: &str) -> bool {
    let is_last = |text: &str| {
        let mut lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
        let Some(last) = lines.next_back() else {
            return false;
        };
        let joined = || {
            let before = last.strip_suffix(marker);
            before.is_some_and(|before| before.ends_with(char::is_whitespace))
        };
        last == marker || (lines.next().is_none() && joined())
    };
    // The text as it is comes first: what looks like a tag in it may be none.
    is_last(text) || is_last(&without_tags(text))
}

/// The last word of `text` as it is and without its tags: where a marker is the last line, one of them is its id.
pub fn last_words(text: &str) -> Vec<String> {
    let last = |text: &str| text.split_whitespace().next_back().map(str::to_owned);
    [last(text), last(&without_tags(text))].into_iter().flatten().collect()
}

/// `text` with a line break for every tag. A `<` that begins none, or one that is never closed, stays.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        plain.push_str(before);
        let begins = tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        match tag.split_once('>').filter(|_| begins) {
            Some((_, after)) => {
                plain.push('\n');
                rest = after;
            }
            None => {
                plain.push('<');
                rest = tag;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// Whether a message that reads `seen` at the vendor is the text that was `sent`: as it is, or once tags are taken for
/// line breaks, the basic HTML entities for what they stand for and every run of white space for one space. A vendor
/// may wrap, escape and re-break a text, but writes no other.
///
/// `sent` may be plain text in which a tag is non_blank as it stands, or rich text itself: both are tried.
pub fn same_text(sent: &str, seen: &str) -> bool {
    if sent == seen {
        return true;
    }
    let seen = reduced(seen);
    reduced(sent) == seen || one_spaced(sent) == seen
}

/// What a reader of rich text sees, in one line.
fn reduced(text: &str) -> String {
    one_spaced(&without_entities(&without_tags(text)))
}

/// `text` with one space for every run of white space (line breaks and no-break spaces are some), none at its ends.
fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The basic HTML entities behind their `&`, in the forms that escaping functions write, and the no-break space.
const ENTITIES: [(&str, char); 7] = [
    ("lt;", '<'),
    ("gt;", '>'),
    ("amp;", '&'),
    ("quot;", '"'),
    ("#39;", '\''),
    ("apos;", '\''),
    ("nbsp;", '\u{a0}'),
];

/// `text` with its [`ENTITIES`] read once: `&amp;lt;` is `&lt;`. Anything else behind a `&` stays.
fn without_entities(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('&') {
        plain.push_str(before);
        let entity = ENTITIES.iter().find_map(|(name, c)| Some((*c, from.strip_prefix(name)?)));
        let (c, after) = entity.unwrap_or(('&', from));
        plain.push(c);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests;
