//! A file to send, for tests.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;

use super::{FileBody, FileSource, file_body};
use crate::error::Result;

/// A file in memory, which says that it has `size` bytes and gives `chunks`.
pub struct TestFile {
    pub name: &'static str,
    pub size: u64,
    pub chunks: Vec<Bytes>,
}

impl TestFile {
    /// A file with that text.
    pub fn text(name: &'static str, text: &'static str) -> Self {
        Self { name, size: text.len() as u64, chunks: vec![Bytes::from(text)] }
    }
}

#[async_trait]
impl FileSource for TestFile {
    fn name(&self) -> &str {
        self.name
    }

    fn size(&self) -> u64 {
        self.size
    }

    async fn open(&self) -> Result<FileBody> {
        Ok(file_body(stream::iter(self.chunks.clone().into_iter().map(Ok))))
    }
}
