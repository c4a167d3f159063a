//! Archived messages. A message that is too long for one item is split, and joined again when it is read.

use std::{collections::HashMap, num::NonZero, pin::pin};

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::{
    Attributes, Page, Store,
    condition::Condition,
    item::{self, Item},
    key_attributes, keys,
    query::{Index, Query},
    text,
};
use crate::{
    domain::{ArchivedMessage, MessagePosition, TicketId},
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// The most bytes of text in one item; DynamoDB's limit of 400 KB counts keys, names and all other attributes too.
const MAX_CONTENT_BYTES: usize = 300 * 1024;

/// The most bytes of one page of messages, as [`ArchivedMessage::payload_bytes`] counts them. A whole answer of Lambda
/// may have 6,291,556 (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
pub const MAX_PAGE_BYTES: usize = 5 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
struct StoredMessage {
    #[serde(flatten)]
    message: ArchivedMessage,
    order: usize,
    /// How many further items hold the rest of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts: Option<NonZero<usize>>,
}

#[derive(Debug, Deserialize)]
struct StoredOrder {
    message_id: String,
    order: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Part {
    content: String,
}

impl Store {
    /// The messages that the ticket's archive holds: their vendor's ids, and their order numbers within their
    /// millisecond.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn archived_orders(&self, ticket: &TicketId) -> Result<HashMap<String, usize>> {
        let query = self.items_of_ticket(ticket, keys::MESSAGE_PREFIX).only(&["message_id", "order"]);
        let orders: Vec<StoredOrder> = query.read_all().await?;
        Ok(orders.into_iter().map(|stored| (stored.message_id, stored.order)).collect())
    }

    /// Adds messages to the ticket's archive. Their keys are made of their position, so that a repeat writes the same
    /// items.
    ///
    /// # Errors
    /// When the store does not take every item in time; some may be written then.
    pub async fn archive_messages(
        &self,
        ticket: &TicketId,
        messages: Vec<(MessagePosition, ArchivedMessage)>,
    ) -> Result<()> {
        let (mut parts, mut heads) = (Vec::new(), Vec::new());
        for (position, message) in messages {
            let (head, rest) = message_items(ticket, &position, message)?;
            heads.push(head);
            parts.extend(rest);
        }
        // A message counts as archived once its head is there, so its parts go first.
        self.batch_write(parts).await?;
        self.batch_write(heads).await
    }

    /// A page of the ticket's archive, oldest first. May hold fewer than `limit` and still have a next page: its
    /// messages have at most [`MAX_PAGE_BYTES`], or it is one longer message.
    ///
    /// # Errors
    /// [`ProblemCode::ArchivePartMissing`] when a part of a message is missing; when an item can't be read, or the
    /// store does not answer.
    pub async fn messages(
        &self,
        ticket: &TicketId,
        limit: usize,
        after: Option<&MessagePosition>,
    ) -> Result<Page<ArchivedMessage, MessagePosition>> {
        let query = self
            .items_of_ticket(ticket, keys::MESSAGE_PREFIX)
            // The one more shows whether there is a next page.
            .page_size(limit + 1)
            .after(after.map(|at| key_attributes(position_key(ticket, at))));
        let mut stored = pin!(query.items());
        let (mut items, mut bytes, mut last) = (Vec::new(), 0, None);
        while let Some(attributes) = stored.try_next().await? {
            let (position, message) = self.join(ticket, attributes).await?;
            bytes += message.payload_bytes();
            if items.len() == limit || (bytes > MAX_PAGE_BYTES && !items.is_empty()) {
                return Ok(Page { items, next: last });
            }
            items.push(message);
            last = Some(position);
        }
        Ok(Page { items, next: None })
    }

    /// Reads a message's further parts, if it has any.
    async fn join(&self, ticket: &TicketId, attributes: Attributes) -> Result<(MessagePosition, ArchivedMessage)> {
        let StoredMessage { mut message, order, parts } = item::from_attributes(attributes)?;
        for number in 1..=parts.map_or(0, NonZero::get) {
            let part: Option<Part> = self.get(keys::message_part(ticket, &message.message_id, number)).await?;
            let part = part.ok_or_else(|| {
                Error::unexpected("A part of an archived message is missing.")
                    .with_code(ProblemCode::ArchivePartMissing)
                    .with_context("ticket.id", ticket.as_str())
                    .with_context("message_id", &message.message_id)
            })?;
            message.content.push_str(&part.content);
        }
        let (create_time, message_id) = (message.create_time, message.message_id.clone());
        Ok((MessagePosition { create_time, order, message_id }, message))
    }

    /// The items of a ticket whose sort key begins with `prefix`, in the order of their keys.
    pub(super) fn items_of_ticket(&self, ticket: &TicketId, prefix: &str) -> Query {
        let begins = Condition::Function("begins_with", Index::TABLE.sk, text(prefix));
        self.query(Index::TABLE, keys::ticket(ticket).pk, Some(begins))
    }
}

fn position_key(ticket: &TicketId, at: &MessagePosition) -> keys::Key {
    keys::message(ticket, at.create_time, at.order, &at.message_id)
}

/// The items of a message: its own, and one for each further part of a long text.
fn message_items(ticket: &TicketId, at: &MessagePosition, message: ArchivedMessage) -> Result<(Item, Vec<Item>)> {
    let mut texts = split(&message.content, MAX_CONTENT_BYTES).into_iter().map(str::to_owned);
    let first = texts.next().unwrap_or_default();
    let mut parts = Vec::new();
    for (index, content) in texts.enumerate() {
        let key = keys::message_part(ticket, &message.message_id, index + 1);
        parts.push(Item::new(key, "message_part", &Part { content })?);
    }
    let message = ArchivedMessage { content: first, ..message };
    let stored = StoredMessage { message, order: at.order, parts: NonZero::new(parts.len()) };
    Ok((Item::new(position_key(ticket, at), "message", &stored)?, parts))
}

/// Cuts `text` into pieces of at most `max_bytes` bytes, between characters. An empty text is one empty piece.
pub(super) fn split(text: &str, max_bytes: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > max_bytes {
        let (piece, tail) = rest.split_at(rest.floor_char_boundary(max_bytes));
        pieces.push(piece);
        rest = tail;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_cuts_between_characters_and_loses_nothing() {
        let text = "工单👋".repeat(100);
        let pieces = split(&text, 16);
        assert!(pieces.iter().all(|piece| piece.len() <= 16 && !piece.is_empty()));
        assert_eq!(pieces.concat(), text);
        assert_eq!(split("", 16), [""]);
        assert_eq!(split("abcd", 4), ["abcd"]);
    }
}
