//! How a vendor may change a text that it was sent.

use serde::{Deserialize, Serialize};

/// A change of the text of a ticket or message, made when it is created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rewrite", rename_all = "snake_case")]
pub enum TextRewrite {
    /// Quotation marks, apostrophes, `<` and `>` become numeric character references.
    Escape,
    /// The text becomes a paragraph of rich text, its addresses links.
    RichText,
    /// Digits in a row of five or more become `*`, but for the first three.
    Mask,
    /// Only so many characters stay, with dots behind them.
    Cut {
        /// How many.
        chars: usize,
    },
    /// Characters outside the Basic Multilingual Plane become `?`.
    NoEmoji,
    /// A line is added below.
    Append {
        /// The line.
        line: String,
    },
    /// Another text stands in its place.
    Replace {
        /// The text. `ID` in it becomes the last word of the text that was sent, which is a ticket's id.
        text: String,
    },
}

impl TextRewrite {
    /// The text as it is stored.
    pub(crate) fn apply(&self, text: &str) -> String {
        match self {
            TextRewrite::Escape => text.chars().map(escape).collect(),
            TextRewrite::RichText => format!("<p>{}</p>", text.replace('\n', "<br/>")),
            TextRewrite::Mask => mask(text),
            TextRewrite::Cut { chars } if text.chars().count() > *chars => {
                format!("{}...", text.chars().take(*chars).collect::<String>())
            }
            TextRewrite::Cut { .. } => text.to_owned(),
            TextRewrite::NoEmoji => text.chars().map(|c| if c > '\u{ffff}' { '?' } else { c }).collect(),
            TextRewrite::Append { line } => format!("{text}\n{line}"),
            TextRewrite::Replace { text: other } => {
                other.replace("ID", text.split_whitespace().next_back().unwrap_or_default())
            }
        }
    }
}

fn escape(c: char) -> String {
    match c {
        '"' | '\'' | '<' | '>' => format!("&#x{:x};", u32::from(c)),
        _ => c.to_string(),
    }
}

fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        let shown = if digits < 5 { digits } else { 3 };
        masked.push_str(&rest[..start + shown]);
        masked.extend(std::iter::repeat_n('*', digits - shown));
        rest = &rest[start + digits..];
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_changes_as_said() {
        let append = TextRewrite::Append { line: "-- sent by API".into() };
        let replace = TextRewrite::Replace { text: "<p>ID</p>".into() };
        for (rewrite, text, stored) in [
            (TextRewrite::Escape, "it's \"a\" <b>", "it&#x27;s &#x22;a&#x22; &#x3c;b&#x3e;"),
            (TextRewrite::RichText, "a\nb", "<p>a<br/>b</p>"),
            (TextRewrite::Mask, "请联系 13800000000, i-123", "请联系 138********, i-123"),
            (TextRewrite::Cut { chars: 3 }, "请联系我", "请联系..."),
            (TextRewrite::Cut { chars: 3 }, "请联系", "请联系"),
            (TextRewrite::NoEmoji, "谢谢 🙏", "谢谢 ?"),
            (append, "a", "a\n-- sent by API"),
            (replace, "a\n\nref 01JD", "<p>01JD</p>"),
        ] {
            assert_eq!(rewrite.apply(text), stored);
        }
    }
}
