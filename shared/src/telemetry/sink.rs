//! Destinations of EMF documents.

use std::io::{self, Write};

/// Takes EMF documents.
pub trait Sink: Send + Sync {
    /// Writes one document: a JSON object in one line, without the line end. Must not block.
    fn write(&self, document: &str);
}

/// Standard output, from which CloudWatch reads the documents.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stdout;

impl Sink for Stdout {
    fn write(&self, document: &str) {
        // One write: other text in the same line makes a document invalid. A failure can't be logged either.
        let _ = io::stdout().lock().write_all(format!("{document}\n").as_bytes());
    }
}

/// Discards the documents, for a stack without monitoring.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl Sink for Discard {
    fn write(&self, _: &str) {}
}
