//! Reading vendors' JSON tolerantly: scalars as string or number, null or missing as nothing. The vendors'
//! documented examples contradict their own types.

use bytes::Bytes;
use http::Response;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::hash;

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
pub fn meant(text: Option<String>) -> Option<String> {
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
    format!("h-{}", &hash::sha256_hex(bytes)[..32])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Default, Debug, PartialEq)]
    struct Sample {
        #[serde(default, deserialize_with = "text")]
        text: Option<String>,
        #[serde(default, deserialize_with = "integer")]
        number: Option<i64>,
        #[serde(default, deserialize_with = "list")]
        list: Vec<i64>,
        #[serde(default, deserialize_with = "object")]
        nested: Nested,
    }

    #[derive(Deserialize, Default, Debug, PartialEq)]
    struct Nested {
        #[serde(default, deserialize_with = "text")]
        text: Option<String>,
    }

    fn sample(json: &str) -> Sample {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn scalars_are_read_in_any_form() {
        let full = sample(r#"{"text":7,"number":"42","list":[1],"nested":{"text":true},"more":{}}"#);
        assert_eq!(full.text.as_deref(), Some("7"));
        assert_eq!(full.number, Some(42));
        assert_eq!(full.nested.text.as_deref(), Some("true"));
        for empty in
            ["{}", r#"{"text":null,"number":null,"list":null,"nested":null}"#, r#"{"nested":"null"}"#]
        {
            assert_eq!(sample(empty), Sample::default());
        }
        assert!(serde_json::from_str::<Sample>(r#"{"text":{"a":1}}"#).is_err());
        assert!(serde_json::from_str::<Sample>(r#"{"list":"x"}"#).is_err());
    }

    #[test]
    fn nothing_stands_for_a_text_in_four_ways() {
        for nothing in [None, Some(""), Some(" \t"), Some("null")] {
            assert_eq!(meant(nothing.map(str::to_owned)), None, "{nothing:?}");
        }
        assert_eq!(meant(Some("0".into())).as_deref(), Some("0"));
    }

    #[test]
    fn a_marker_is_found_as_the_last_line_only() {
        let marker = "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K";
        for yes in [
            "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
            "text\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
            "text a < b\r\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\r\n \r\n",
            "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X\n<b\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
            "<p>text</p><p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K</p>\n",
            "<p>a < b</p><p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K</p>",
            "text ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K ",
        ] {
            assert!(has_last_line(yes, marker), "{yes:?}");
        }
        for no in [
            "see ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K please\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X",
            "it said\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\nplease help",
            "it said\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X",
            "it said\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\n<b\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X",
            "<p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K</p><p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X</p>",
            "please help\nwith ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
            "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2",
            "xref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
            "",
        ] {
            assert!(!has_last_line(no, marker), "{no:?}");
        }
    }

    #[test]
    fn synthetic_ids_keep_parts_apart() {
        assert_ne!(synthetic_id(&["ab", "c"]), synthetic_id(&["a", "bc"]));
        assert_eq!(synthetic_id(&["ab"]), synthetic_id(&["ab"]));
    }
}
