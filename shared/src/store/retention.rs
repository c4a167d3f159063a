//! The search for tickets that were closed too long ago. They are read in the order of their create times, some in each
//! run; the search begins again when it has come to the end.

use std::pin::pin;

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::{
    Store,
    condition::Condition,
    erasure::{ERASED, HOLD},
    item::{Item, text_of},
    keys, number,
    query::Index,
    text,
};
use crate::{
    domain::{TicketId, TicketStatus},
    error::Result,
};

/// How far a search has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionPosition {
    /// The sort key of the last ticket that was read; absent before the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The search does not go on before, Unix milliseconds.
    #[serde(default)]
    pub next_ms: i64,
}

impl Store {
    /// How far the search has come.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn retention_position(&self) -> Result<RetentionPosition> {
        Ok(self.get(keys::retention()).await?.unwrap_or_default())
    }

    /// Stores how far the search has come.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_retention_position(&self, position: &RetentionPosition) -> Result<()> {
        self.overwrite(Item::new(keys::retention(), "retention", position)?).await
    }

    /// Reads up to `limit` closed tickets after `after` that were created before `before_ms`. Gives those that were
    /// closed before then too, are not on hold and not erased, and where to go on, if there may be more. The index may
    /// lag behind the table by a moment.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn tickets_closed_before(
        &self,
        before_ms: i64,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<TicketId>, Option<String>)> {
        // `~` sorts after every character of an id, so that the one of `after` is not read again.
        let from = after.map_or_else(String::new, |after| format!("{after}~"));
        let to = keys::time(before_ms);
        if from > to {
            return Ok((Vec::new(), None));
        }
        // DynamoDB takes no empty text as a key.
        let from = if from.is_empty() { keys::time(0) } else { from };
        let range = Condition::Between(Index::GSI2.sk, text(from), text(to));
        let is_old = Condition::less("close_time", number(before_ms));
        let query = self
            .query(Index::GSI2, keys::tickets_of_status(TicketStatus::Closed), Some(range))
            .filter(is_old.and(Condition::Missing(ERASED)).and(Condition::Missing(HOLD)))
            .only(&["id"])
            .page_size(limit);
        let mut pages = pin!(query.pages());
        let Some(page) = pages.try_next().await? else { return Ok((Vec::new(), None)) };
        let ids = page.items.iter().filter_map(|item| TicketId::parse(text_of(item, "id")?).ok());
        Ok((ids.collect(), page.last_key.and_then(|key| text_of(&key, Index::GSI2.sk))))
    }
}
