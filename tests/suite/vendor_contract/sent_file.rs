//! A file that a test sends.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use shared::{
    error::{Error, Result},
    vendors::{FileBody, FileSource, file_body},
};

/// How large the chunks of a file are. No multiple of three: Base64 takes three bytes at once.
const CHUNK_BYTES: usize = 10_000;

/// A file in memory, with what may be wrong with it.
pub struct SentFile {
    name: String,
    bytes: Vec<u8>,
    /// The size that it says it has, if that is another one.
    size: Option<u64>,
    /// From which opening on its first byte is another one.
    changes_at: Option<usize>,
    /// Breaks off after so many chunks.
    breaks_after: Option<usize>,
    opened: AtomicUsize,
}

impl SentFile {
    pub fn new(name: &str, bytes: Vec<u8>) -> Self {
        let opened = AtomicUsize::new(0);
        Self { name: name.to_owned(), bytes, size: None, changes_at: None, breaks_after: None, opened }
    }

    pub fn text(name: &str, text: &str) -> Self {
        Self::new(name, text.as_bytes().to_vec())
    }

    /// A file of that size, whose bytes are not the same everywhere.
    pub fn of_size(bytes: usize) -> Self {
        Self::new("core dump.bin", (0..bytes).map(|place| (place * 31 / 7) as u8).collect())
    }

    pub fn that_says(self, size: u64) -> Self {
        Self { size: Some(size), ..self }
    }

    pub fn that_changes_at(self, opening: usize) -> Self {
        Self { changes_at: Some(opening), ..self }
    }

    pub fn that_breaks_after(self, chunks: usize) -> Self {
        Self { breaks_after: Some(chunks), ..self }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many times it was opened.
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl FileSource for SentFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> u64 {
        self.size.unwrap_or(self.bytes.len() as u64)
    }

    async fn open(&self) -> Result<FileBody> {
        let opening = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        let mut bytes = self.bytes.clone();
        if self.changes_at.is_some_and(|first| opening >= first) {
            bytes[0] ^= 1;
        }
        let mut chunks: Vec<_> = bytes.chunks(CHUNK_BYTES).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        if let Some(count) = self.breaks_after {
            chunks.truncate(count);
            chunks.push(Err(Error::unavailable("The store of files did not answer.")));
        }
        Ok(file_body(stream::iter(chunks)))
    }
}
