//! Comparing a text that was sent with the text that a vendor gives back, which may be rich text.

use html_escape::decode_html_entities;

/// Whether `marker` is the last line of `text`, blank lines aside. In another line it may be a quotation in the text of
/// another ticket.
///
/// Tags count as line breaks, as a vendor may store rich text. A text of one line must end with the marker: a vendor
/// may have joined the lines.
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
    // The text with its tags comes first: `<` and `>` in it may be no tag.
    is_last(text) || is_last(&without_tags(text))
}

/// The last word of `text`, with its tags and without them. Where a marker is the last line, one of them is its id.
pub fn last_words(text: &str) -> Vec<String> {
    let last = |text: &str| text.split_whitespace().next_back().map(str::to_owned);
    [last(text), last(&without_tags(text))].into_iter().flatten().collect()
}

/// `text` with a line break for every tag. A `<` that begins no tag, or a tag without its end, stays.
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

/// Whether `received`, a message's text at the vendor, is the text that was `sent`. A vendor may wrap, escape and
/// break a text differently. So tags count as line breaks, HTML entities as their characters and every run of white
/// space as one space.
///
/// `sent` may be plain text that contains tags literally, or rich text: both readings are tried.
pub fn same_text(sent: &str, received: &str) -> bool {
    if sent == received {
        return true;
    }
    let received = rendered(received);
    rendered(sent) == received || one_spaced(sent) == received
}

/// `text` without tags and entities, in one line. An entity is decoded once: `&amp;lt;` is `&lt;`.
fn rendered(text: &str) -> String {
    one_spaced(&decode_html_entities(&without_tags(text)))
}

/// `text` with one space for every run of white space (line breaks and no-break spaces too), none at its ends.
fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
