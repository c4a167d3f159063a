//! Texts of others in a page: with nothing in them that a browser or a terminal would carry out.

use std::borrow::Cow;

/// The text as HTML, between tags or in an attribute with quotes. Its line breaks stay.
pub fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The text without control characters but line breaks and tabs: a terminal would carry them out, and HTML has none.
/// Every kind of line break becomes `\n`.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_kept = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.chars().all(is_kept) {
        return text.into();
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().map(|c| if is_kept(c) { c } else { char::REPLACEMENT_CHARACTER }).collect::<String>().into()
}

/// A name in one line. What changes the direction of writing is shown by its number, so that no name looks like
/// another: a file `a<U+202E>gnp.exe` would else look like `aexe.png`.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '\n' | '\t' | '\u{2028}' | '\u{2029}' => line.push(' '),
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                line.push_str(&format!("<U+{:04X}>", u32::from(c)));
            }
            c => line.push(c),
        }
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_would_read_is_escaped() {
        assert_eq!(html("a<b>&\"c'\r\nd\u{0}\u{1b}[31m中"), "a&lt;b&gt;&amp;&quot;c&#39;\nd\u{fffd}\u{fffd}[31m中");
    }

    #[test]
    fn control_characters_are_not_printed() {
        assert_eq!(printable("a\tb\nc"), "a\tb\nc");
        assert_eq!(printable("a\rb\r\n\u{7f}\u{9b}2J"), "a\nb\n\u{fffd}\u{fffd}2J");
    }

    #[test]
    fn a_name_is_one_line_and_written_in_its_own_order() {
        assert_eq!(one_line(" a\r\nb\u{2028}c "), "a b c");
        assert_eq!(one_line("photo\u{202e}gnp.exe"), "photo<U+202E>gnp.exe");
        assert_eq!(one_line("a\u{200f}b\u{2066}\u{200b}"), "a<U+200F>b<U+2066>\u{200b}");
        assert_eq!(one_line("👨‍👩‍👧 日志.txt"), "👨‍👩‍👧 日志.txt");
    }
}
