//! Comparing a text that was sent with the text that a vendor gives back, which may be rich text.

use std::ops::Range;

use html_escape::decode_html_entities;
use icu_normalizer::ComposingNormalizerBorrowed;
use ulid::{ULID_LEN, Ulid};

use crate::{
    domain::visible::is_visible,
    seeded_bugs::{self, SeededBug},
};

/// Whether `received`, a text at the vendor, is the text that was `sent`. A vendor may wrap, escape and break a text
/// differently. So tags, white space, control and invisible characters do not count, HTML entities are decoded once,
/// and both texts are brought into Unicode's form NFKC.
///
/// Each may be plain text that contains tags or entities literally, or rich text: all readings are tried. A text of
/// which a reading leaves nothing (`<init>`) is not compared in that reading.
pub fn same_text(sent: &str, received: &str) -> bool {
    if sent == received || seeded_bugs::enabled(SeededBug::TextsComparedExactly) {
        return sent == received;
    }
    let received = readings(received);
    readings(sent).iter().any(|sent| !sent.is_empty() && received.contains(sent))
}

/// Whether `text` contains `id` in any reading, in upper or lower case, whatever stands around it.
pub fn contains_id(text: &str, id: &str) -> bool {
    let id = id.to_ascii_lowercase();
    !id.is_empty() && readings(text).iter().any(|text| text.to_ascii_lowercase().contains(&id))
}

/// Every ULID of the years 2020 to 2099 in any reading of `text`, whatever stands around it. One may be there twice.
pub fn ulids(text: &str) -> Vec<Ulid> {
    const YEARS_MS: Range<u64> = 1_577_836_800_000..4_102_444_800_000;
    let in_reading = |text: String| {
        let bytes = text.to_ascii_uppercase().into_bytes();
        let words = bytes.windows(ULID_LEN).filter_map(|word| str::from_utf8(word).ok());
        let ids = words.filter_map(|word| Ulid::from_string(word).ok().filter(|id| id.to_string() == word));
        ids.filter(|id| YEARS_MS.contains(&id.timestamp_ms())).collect::<Vec<_>>()
    };
    readings(text).into_iter().flat_map(in_reading).collect()
}

/// `text` as plain text, as text with entities, and as text with tags and entities.
fn readings(text: &str) -> [String; 3] {
    let decoded = |text: &str| normalized(&decode_html_entities(text));
    [normalized(text), decoded(text), decoded(&without_tags(text))]
}

/// `text` in NFKC without white space, control characters and characters that are not displayed.
fn normalized(text: &str) -> String {
    let visible = text.chars().filter(|c| is_visible(*c));
    ComposingNormalizerBorrowed::new_nfkc().normalize_iter(visible).filter(|c| is_visible(*c)).collect()
}

/// The elements that rich text of a ticket may have. Any other word in `<>` was written by a person: `<i-1>`.
const ELEMENTS: [&str; 83] = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "ins",
    "kbd",
    "label",
    "li",
    "link",
    "main",
    "mark",
    "meta",
    "nav",
    "nobr",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "samp",
    "script",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];

fn is_element(tag: &str) -> bool {
    let name = tag.strip_prefix('/').unwrap_or(tag);
    let name = name.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
    tag.starts_with("!--") || ELEMENTS.iter().any(|element| element.eq_ignore_ascii_case(name))
}

/// `text` without its tags. A `<` that begins no tag, or a tag without its end, stays.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        plain.push_str(before);
        rest = tag.split_once('>').filter(|(tag, _)| is_element(tag)).map_or_else(
            || {
                plain.push('<');
                tag
            },
            |(_, after)| after,
        );
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests;
