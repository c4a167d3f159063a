//! Archived messages. A message that is too long for one item is split, and joined again when it is read.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use serde::{Deserialize, Serialize};

use super::{
    Attributes, Page, Store,
    item::{self, Item},
    keys, store_error, text,
};
use crate::{
    domain::{ArchivedMessage, MessagePosition, TicketId},
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// The most bytes of text in one item; DynamoDB's limit of 400 KB counts keys, names and all other attributes too.
const MAX_CONTENT_BYTES: usize = 300 * 1024;

/// The most bytes of text in one page of messages: an answer of API Gateway and Lambda may hold 6 MB.
pub const MAX_PAGE_BYTES: usize = 3 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
struct StoredMessage {
    #[serde(flatten)]
    message: ArchivedMessage,
    order: usize,
    /// How many further items hold the rest of the text.
    #[serde(default, skip_serializing_if = "is_zero")]
    parts: usize,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Store {
    /// The messages that the ticket's archive holds already: their vendor's ids, and their order numbers within their millisecond.
    pub async fn archived_orders(&self, ticket: &TicketId) -> Result<HashMap<String, usize>> {
        let mut orders = HashMap::new();
        let mut start = None;
        loop {
            let answer = self
                .items_of_ticket(ticket, keys::MESSAGE_PREFIX)
                .projection_expression("message_id, #order")
                .expression_attribute_names("#order", "order")
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| store_error("query", error))?;
            for attributes in answer.items.unwrap_or_default() {
                let StoredOrder { message_id, order } = item::from_attributes(attributes)?;
                orders.insert(message_id, order);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(orders);
            }
        }
    }

    /// Adds messages to the ticket's archive. Their keys are made of their place, so that a repeat writes the same items.
    pub async fn archive_messages(
        &self,
        ticket: &TicketId,
        messages: Vec<(MessagePosition, ArchivedMessage)>,
    ) -> Result<()> {
        let (mut parts, mut heads) = (Vec::new(), Vec::new());
        for (position, message) in messages {
            let (head, rest) = message_items(ticket, &position, message)?;
            heads.push(write_request(head)?);
            parts.extend(rest.into_iter().map(write_request).collect::<Result<Vec<_>>>()?);
        }
        // A message counts as kept once its head is there, so its parts go first.
        self.batch_write(parts).await?;
        self.batch_write(heads).await
    }

    /// A page of the ticket's archive, oldest first. May hold fewer than `limit` and still have a next page.
    pub async fn messages(
        &self,
        ticket: &TicketId,
        limit: usize,
        after: Option<&MessagePosition>,
    ) -> Result<Page<ArchivedMessage, MessagePosition>> {
        let mut items = Vec::new();
        let mut bytes = 0;
        let mut last = None;
        let mut start = after.map(|at| super::key_attributes(position_key(ticket, at)));
        loop {
            // One more than is wanted tells whether there is a next page.
            let wanted = limit - items.len() + 1;
            let answer = self
                .items_of_ticket(ticket, keys::MESSAGE_PREFIX)
                .limit(i32::try_from(wanted).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| store_error("query", error))?;
            for attributes in answer.items.unwrap_or_default() {
                let (position, message) = self.join(ticket, attributes).await?;
                bytes += message.content.len();
                if items.len() == limit || (bytes > MAX_PAGE_BYTES && !items.is_empty()) {
                    return Ok(Page { items, next: last });
                }
                items.push(message);
                last = Some(position);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(Page { items, next: None });
            }
        }
    }

    /// Reads a message's further parts, if it has any.
    async fn join(
        &self,
        ticket: &TicketId,
        attributes: Attributes,
    ) -> Result<(MessagePosition, ArchivedMessage)> {
        let stored: StoredMessage = item::from_attributes::<Item<StoredMessage>>(attributes)?.value;
        let mut message = stored.message;
        for number in 1..=stored.parts {
            let part = self.get(keys::message_part(ticket, &message.message_id, number)).await?;
            let part = part.ok_or_else(|| {
                Error::unexpected("A part of an archived message is missing.")
                    .with_code(ProblemCode::ArchivePartMissing)
                    .with_context("ticket.id", ticket.as_str())
                    .with_context("message_id", &message.message_id)
            })?;
            message.content.push_str(&item::from_attributes::<Item<Part>>(part)?.value.content);
        }
        let position = MessagePosition {
            create_time: message.create_time,
            order: stored.order,
            message_id: message.message_id.clone(),
        };
        Ok((position, message))
    }

    /// The items of a ticket whose sort key begins with `prefix`, in its order.
    pub(super) fn items_of_ticket(
        &self,
        ticket: &TicketId,
        prefix: &str,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .expression_attribute_values(":pk", text(keys::ticket(ticket).pk))
            .expression_attribute_values(":prefix", text(prefix))
    }
}

fn position_key(ticket: &TicketId, at: &MessagePosition) -> keys::Key {
    keys::message(ticket, at.create_time, at.order, &at.message_id)
}

/// The items of a message: its own, and one for each further part of a long text.
fn message_items(
    ticket: &TicketId,
    position: &MessagePosition,
    message: ArchivedMessage,
) -> Result<(Attributes, Vec<Attributes>)> {
    let mut texts = split(&message.content, MAX_CONTENT_BYTES).into_iter().map(str::to_owned);
    let first = texts.next().unwrap_or_default();
    let mut parts = Vec::new();
    for (index, content) in texts.enumerate() {
        let key = keys::message_part(ticket, &message.message_id, index + 1);
        parts.push(item::to_attributes(Item::new(key, "message_part", Part { content }))?);
    }
    let message = ArchivedMessage { content: first, ..message };
    let stored = StoredMessage { message, order: position.order, parts: parts.len() };
    let head = item::to_attributes(Item::new(position_key(ticket, position), "message", stored))?;
    Ok((head, parts))
}

fn write_request(attributes: Attributes) -> Result<WriteRequest> {
    let put = PutRequest::builder().set_item(Some(attributes)).build();
    let put =
        put.map_err(|source| Error::unexpected("A message could not be written.").with_source(source))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

/// Cuts `text` into pieces of at most `max_bytes` bytes, between characters. An empty text is one empty piece.
fn split(text: &str, max_bytes: usize) -> Vec<&str> {
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
