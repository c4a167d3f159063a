//! Pages of a conversation that a close has read, until the close has ended.

use serde::{Deserialize, Serialize};

use super::{
    Store,
    condition::Condition,
    item::Item,
    keys::{self, Key},
    number,
    query::Index,
    split::split,
    text,
};
use crate::{domain::TicketId, error::Result};

/// The most bytes of a page in one item; DynamoDB takes 400 KB.
const PART_BYTES: usize = 300_000;
/// How long a page is kept, seconds: a day.
const LIFETIME_S: i64 = 24 * 60 * 60;

#[derive(Serialize, Deserialize)]
struct SavedPart {
    body: String,
    parts: usize,
}

impl Store {
    /// Keeps a page that was read at `now_ms`; `reading` names the reading that it belongs to.
    ///
    /// # Errors
    /// When the store does not take it in time.
    pub async fn save_page(&self, id: &TicketId, reading: &str, offset: u32, body: &str, now_ms: i64) -> Result<()> {
        let pieces = split(body, PART_BYTES);
        let parts = pieces.len();
        let item = |(index, piece): (usize, &&str)| {
            let part = SavedPart { body: (*piece).to_owned(), parts };
            let item = Item::new(keys::saved_page(id, reading, offset, index), "saved_page", &part)?;
            Ok(item.with("expires_at", number(now_ms / 1000 + LIFETIME_S)))
        };
        self.batch_write(pieces.iter().enumerate().map(item).collect::<Result<_>>()?).await
    }

    /// The page at `offset`, if it was kept.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn saved_page(&self, id: &TicketId, reading: &str, offset: u32) -> Result<Option<String>> {
        let Key { pk, sk } = keys::saved_page(id, reading, offset, 0);
        let prefix = sk.strip_suffix("00").unwrap_or(&sk).to_owned();
        let begins = Condition::Function("begins_with", Index::TABLE.sk, text(prefix));
        let parts: Vec<SavedPart> = self.query(Index::TABLE, pk, Some(begins)).read_all().await?;
        let is_whole = parts.first().is_some_and(|first| first.parts == parts.len());
        Ok(is_whole.then(|| parts.into_iter().map(|part| part.body).collect()))
    }
}
