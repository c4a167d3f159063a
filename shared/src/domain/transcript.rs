//! The transcript of a closed ticket: its forms, and where they are in the bucket.

use std::str::FromStr;

use super::Ticket;

/// A form of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranscriptFormat {
    /// A document of one line, for analysis.
    Json,
    /// A page for a browser, which needs no other file.
    Html,
    /// Plain text.
    Text,
}

impl TranscriptFormat {
    /// Every form, as a query names it.
    pub const NAMES: [&str; 3] = ["json", "html", "text"];

    /// The end of its key, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            TranscriptFormat::Json => "json",
            TranscriptFormat::Html => "html",
            TranscriptFormat::Text => "txt",
        }
    }

    /// What a browser shows it as.
    pub fn content_type(self) -> &'static str {
        match self {
            TranscriptFormat::Json => "application/json",
            TranscriptFormat::Html => "text/html; charset=utf-8",
            TranscriptFormat::Text => "text/plain; charset=utf-8",
        }
    }

    /// The key of the ticket's transcript in the bucket.
    pub fn key(self, ticket: &Ticket) -> String {
        ticket.transcript_prefix() + self.extension()
    }
}

impl FromStr for TranscriptFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "json" => Ok(TranscriptFormat::Json),
            "html" => Ok(TranscriptFormat::Html),
            "text" => Ok(TranscriptFormat::Text),
            _ => Err(format!("must be one of {}", Self::NAMES.join(", "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_forms() {
        for name in TranscriptFormat::NAMES {
            assert!(name.parse::<TranscriptFormat>().is_ok(), "{name}");
        }
        assert_eq!("pdf".parse::<TranscriptFormat>(), Err("must be one of json, html, text".to_owned()));
    }
}
