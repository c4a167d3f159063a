//! Pages of a long conversation that are kept outside of the process, so that a reading goes on where it stopped.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::Result;

/// The kept pages of one reading of a conversation.
#[async_trait]
pub trait SavedPages: fmt::Debug + Send + Sync {
    /// The conversation has `count` messages now. Pages that were kept with another count are not used: its messages
    /// are on other pages.
    fn begin(&self, count: Option<i64>);

    /// The body of the page at `offset`, if it was kept.
    async fn page(&self, offset: u32) -> Result<Option<Bytes>>;

    /// Keeps the body of the page at `offset`.
    async fn keep(&self, offset: u32, body: &Bytes) -> Result<()>;
}
