//! Rich text as plain text.

use html_escape::decode_html_entities;

use super::{sanitised, tag_len, tag_name};

/// The elements that are on lines of their own.
const BLOCKS: [&str; 18] = [
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "tr",
];

/// The rich text as lines: blocks and rows on lines of their own, a table's cells with `|` between them, the address
/// of a link after its text.
pub fn plain(text: &str) -> String {
    let sanitised = sanitised(text);
    let mut lines = Lines::default();
    let (mut rest, mut in_pre, mut link) = (sanitised.as_str(), 0_usize, None);
    while !rest.is_empty() {
        let Some(name) = tag_name(rest) else {
            let end = rest.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(rest.len(), |(at, _)| at);
            let (words, after) = rest.split_at(end);
            lines.push(&decode_html_entities(words), in_pre > 0);
            rest = after;
            continue;
        };
        let (tag, after) = rest.split_at(tag_len(rest));
        rest = after;
        let is_end = tag.starts_with("</");
        match name.as_str() {
            "pre" if is_end => in_pre = in_pre.saturating_sub(1),
            "pre" => in_pre += 1,
            "a" if is_end => lines.end_link(link.take()),
            "a" => link = Some((address(tag), lines.text.len())),
            "td" | "th" if is_end => lines.push(" | ", false),
            _ => {}
        }
        if BLOCKS.contains(&name.as_str()) {
            lines.end_line(name == "br");
        }
        if name == "li" && !is_end {
            lines.push("- ", false);
        }
    }
    lines.finish()
}

/// The address in the tag of a link, as the sanitiser writes it.
fn address(tag: &str) -> String {
    let value = tag.split_once("href=\"").and_then(|(_, value)| value.split_once('"'));
    value.map(|(value, _)| decode_html_entities(value).into_owned()).unwrap_or_default()
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// Adds words. White space is one space where it is not from `pre`.
    fn push(&mut self, words: &str, is_pre: bool) {
        if is_pre {
            self.text.push_str(words);
            return;
        }
        for c in words.chars() {
            let c = if c.is_ascii_whitespace() || c == '\u{a0}' { ' ' } else { c };
            if c != ' ' || !self.text.ends_with([' ', '\n']) && !self.text.is_empty() {
                self.text.push(c);
            }
        }
    }

    /// Ends the line; an empty line only where `always`.
    fn end_line(&mut self, always: bool) {
        self.text.truncate(self.text.trim_end_matches([' ', '|']).len());
        if always || !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Adds the address of a link that began at a place of the text, where the text does not show it.
    fn end_link(&mut self, link: Option<(String, usize)>) {
        let Some((address, begin)) = link else { return };
        let shown = self.text.get(begin..).unwrap_or_default().trim();
        if !address.is_empty() && shown != address {
            self.push(&format!(" <{address}>"), false);
        }
    }

    fn finish(mut self) -> String {
        while self.text.contains("\n\n\n") {
            self.text = self.text.replace("\n\n\n", "\n\n");
        }
        self.text.trim_matches('\n').trim_end().to_owned()
    }
}
