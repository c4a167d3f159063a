//! Where the documents go.

use std::io::{self, Write};

/// Takes EMF documents.
pub trait Sink: Send + Sync {
    /// Takes one document: a JSON object in one line, without its end. Must not wait for anybody.
    fn write(&self, document: &str);
}

/// Standard output, out of which CloudWatch reads them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stdout;

impl Sink for Stdout {
    fn write(&self, document: &str) {
        // In one piece: a document that shares its line with anything else is none. Who can't write a log can't complain either.
        let _ = io::stdout().lock().write_all(format!("{document}\n").as_bytes());
    }
}

/// Nowhere: for a stack that nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl Sink for Discard {
    fn write(&self, _: &str) {}
}
