//! Texts of messages: which are rich text, and what becomes of it.
//!
//! Huawei Cloud sends rich text as HTML. Alibaba Cloud and Tencent Cloud promise neither plain text nor HTML, so a text
//! is known by its form and not by its vendor. In doubt it is plain: then its tags are shown, and nothing is lost.
//! Nothing depends on that decision but how a text looks: whatever is shown as HTML is sanitised before.

use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use crate::labels::PICTURE;

mod plain;

pub use plain::plain;

/// The elements that stay. None of them loads, runs, plays or takes anything.
const SHOWN: [&str; 38] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Further elements of rich text, whose tags are left out.
const KNOWN: [&str; 20] = [
    "article", "body", "caption", "center", "col", "colgroup", "figure", "font", "head", "html", "img", "label",
    "link", "meta", "section", "small", "strike", "style", "tfoot", "title",
];

/// The elements that rich text begins with. A person's text that begins with another tag tells of tags: `<b>` does not
/// work here.
const BEGINS: [&str; 22] = [
    "article",
    "blockquote",
    "body",
    "br",
    "center",
    "div",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "html",
    "img",
    "ol",
    "p",
    "pre",
    "section",
    "span",
    "table",
    "ul",
];

/// The elements whose text is not for a reader.
const WITHOUT_CONTENT: [&str; 12] = [
    "head", "iframe", "math", "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "title",
];

/// The elements that have no end tag.
const VOID: [&str; 6] = ["br", "col", "hr", "img", "link", "meta"];

/// A text with more tags, or with more elements in each other, is plain: a parser's time grows with the product.
const MAX_TAGS: usize = 5000;
const MAX_DEPTH: usize = 100;

/// Whether the text is rich text: it begins with a tag of it and ends with a tag, and holds no tag or comment that is
/// not of it.
pub fn is_rich(text: &str) -> bool {
    let text = text.trim();
    let begins = tag_name(text).is_some_and(|name| BEGINS.contains(&name.as_str()));
    if !begins || text.starts_with("</") || !text.ends_with('>') {
        return false;
    }
    let (mut count, mut depth) = (0, 0_usize);
    text.match_indices('<').all(|(at, _)| {
        let tag = &text[at..];
        count += 1;
        if tag.starts_with("</") {
            depth = depth.saturating_sub(1);
        } else if tag_name(tag).is_some_and(|name| !VOID.contains(&name.as_str())) {
            depth += 1;
        }
        count <= MAX_TAGS && depth <= MAX_DEPTH && is_of_rich_text(tag)
    })
}

/// Whether what begins with `<` is a tag of rich text, or no tag at all: `a < b`.
fn is_of_rich_text(text: &str) -> bool {
    match text[1..].chars().next() {
        Some(c) if c.is_ascii_alphabetic() || c == '/' => tag_name(text)
            // Word's elements, `<o:p>`.
            .is_some_and(|name| SHOWN.contains(&&*name) || KNOWN.contains(&&*name) || name.starts_with("o:")),
        Some('!' | '?') => false,
        _ => true,
    }
}

/// The name of the tag that the text begins with, in lower case.
fn tag_name(text: &str) -> Option<String> {
    let tag = text.strip_prefix('<')?;
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let name = tag.split(|c: char| c.is_whitespace() || matches!(c, '/' | '>')).next()?;
    (!name.is_empty() && name.len() < tag.len()).then(|| name.to_ascii_lowercase())
}

/// The rich text with what may be shown of it: no script, style, picture, form or address of another kind than a web
/// page's or a mailbox's. A mark is left where a picture was.
pub fn sanitised(text: &str) -> String {
    SANITISER.clean(&with_marks_for_pictures(text)).to_string()
}

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(SHOWN.into_iter().collect())
        .clean_content_tags(WITHOUT_CONTENT.into_iter().collect())
        .tag_attributes([("a", ["href"].into())].into())
        .generic_attributes([].into())
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true);
    builder
});

/// The text with `[图片 Picture]` in the place of each `img` tag, which the sanitiser would leave out without a trace.
fn with_marks_for_pictures(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        marked.push_str(before);
        if tag_name(tag).as_deref() == Some("img") && !tag.starts_with("</") {
            marked.push_str(&format!("[{}]", PICTURE.both()));
            rest = &tag[tag_len(tag)..];
        } else {
            marked.push('<');
            rest = &tag[1..];
        }
    }
    marked.push_str(rest);
    marked
}

/// How many bytes the tag has that the text begins with; a `>` between quotes does not end it.
fn tag_len(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;
