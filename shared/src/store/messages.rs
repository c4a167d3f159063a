//! Archived messages. The JSON of a message that is too long for one item is split, and joined again when it is read.

use std::{num::NonZero, pin::pin};

use aws_sdk_dynamodb::types::TransactWriteItem;
use futures_util::{Stream, TryStreamExt};
use serde::{Deserialize, Serialize};

use super::{
    Page, Store,
    close::lease_lost,
    condition::Condition,
    item::{self, Item},
    key_attributes, keys,
    lease::{self, Lease},
    query::{Index, Query},
    split::split,
    text,
};
use crate::{
    digest::sha256_hex,
    domain::{
        AccountId, ArchivedMessage, KnownMessages, MessageDigest, MessagePosition, PlacedMessage, Ticket, TicketId,
    },
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// The most bytes of a message in one item, as JSON; DynamoDB's limit of 400 KB counts keys and names too.
const MAX_ITEM_BYTES: usize = 300 * 1024;

/// The most messages that are written at once: DynamoDB takes 100 actions in a transaction, and one of them checks the
/// lease (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
pub const MAX_MESSAGES_WRITTEN: usize = 99;

/// About the most bytes of messages that are written at once. A transaction takes two write units for each KB, and a
/// partition has 1,000 of them a second
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>).
pub const MAX_BYTES_WRITTEN: usize = 384 * 1024;

/// The most bytes of one page of messages, as [`ArchivedMessage::payload_bytes`] counts them. A whole answer of Lambda
/// may have 6,291,556 (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
pub const MAX_PAGE_BYTES: usize = 5 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
struct StoredMessage {
    #[serde(flatten)]
    message: ArchivedMessage,
    order: usize,
    /// The ticket's account; absent in archives of before.
    #[serde(rename = "custom_id", default, skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
    /// The digest by which a reading tells whether the message is known; absent in archives of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_digest: Option<MessageDigest>,
    /// How many further items hold the message's JSON. In archives of before they hold the rest of its text, which
    /// begins here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts: Option<NonZero<usize>>,
    /// The digest of the JSON in the parts, which their keys name; archives of before have `content_digest` there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts_digest: Option<String>,
}

#[derive(Deserialize)]
struct StoredPosition {
    #[serde(flatten)]
    position: MessagePosition,
    content_digest: Option<MessageDigest>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Part {
    content: String,
}

impl Store {
    /// The messages that the ticket's archive holds: their positions and digests.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn known_messages(&self, ticket: &TicketId) -> Result<KnownMessages> {
        let names = ["message_id", "create_time", "order", "content_digest"];
        let mut items = pin!(self.items_of_ticket(ticket, keys::MESSAGE_PREFIX).only(&names).items());
        let mut known = KnownMessages::default();
        while let Some(attributes) = items.try_next().await? {
            let StoredPosition { position, content_digest } = item::from_attributes(attributes)?;
            let digest = match content_digest {
                Some(digest) => digest,
                None => {
                    let Some(message) = self.message(ticket, &position).await? else { continue };
                    message.message_digest()
                }
            };
            known.add(position, digest);
        }
        Ok(known)
    }

    /// The message at that position, if there is one.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn message(&self, ticket: &TicketId, at: &MessagePosition) -> Result<Option<ArchivedMessage>> {
        match self.get(position_key(ticket, at)).await? {
            Some(stored) => Ok(Some(self.join(ticket, stored).await?.1)),
            None => Ok(None),
        }
    }

    /// The message with that id of the vendor, if the archive has it. The newest are read first, until it is found.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn message_with_id(&self, ticket: &TicketId, message_id: &str) -> Result<Option<ArchivedMessage>> {
        let is_it = Condition::equals("message_id", text(message_id));
        let found = self.items_of_ticket(ticket, keys::MESSAGE_PREFIX).descending().filter(is_it).items();
        let mut found = pin!(found);
        match found.try_next().await? {
            Some(attributes) => Ok(Some(self.join(ticket, item::from_attributes(attributes)?).await?.1)),
            None => Ok(None),
        }
    }

    /// Writes messages of the ticket's archive, under the ticket's lease. Their keys are made of their position, so
    /// that a repeat writes the same items.
    ///
    /// The lease is the fence: a write that takes effect late, when another run has changed the archive, would replace
    /// newer texts by older ones.
    ///
    /// # Errors
    /// [`ProblemCode::CloseLeaseLost`] when the lease is another's by now; when the store does not take every item in
    /// time. Some may be written then.
    pub async fn archive_messages(&self, ticket: &Ticket, lease: &Lease, messages: Vec<PlacedMessage>) -> Result<()> {
        let (mut parts, mut heads) = (Vec::new(), Vec::new());
        for (position, message) in messages {
            let items = message_items(ticket, &position, message)?;
            parts.extend(items.parts);
            heads.push((items.head, items.head_bytes));
        }
        // A message counts as archived once its head is there, so its parts go first. They need no lease: their keys
        // are made of what they hold.
        self.batch_write(parts).await?;
        let (mut puts, mut bytes) = (Vec::new(), 0);
        for (head, head_bytes) in heads {
            if puts.len() == MAX_MESSAGES_WRITTEN || bytes + head_bytes > MAX_BYTES_WRITTEN {
                self.write_under_lease(&ticket.id, lease, std::mem::take(&mut puts)).await?;
                bytes = 0;
            }
            bytes += head_bytes;
            puts.push(self.overwrite_action(head)?);
        }
        self.write_under_lease(&ticket.id, lease, puts).await
    }

    async fn write_under_lease(
        &self,
        ticket: &TicketId,
        lease: &Lease,
        mut actions: Vec<TransactWriteItem>,
    ) -> Result<()> {
        if actions.is_empty() {
            return Ok(());
        }
        actions.push(self.check_action(keys::ticket(ticket), lease::is_held(&lease.token))?);
        match self.transact(&actions).await? {
            None => Ok(()),
            Some(_) => Err(lease_lost(ticket)),
        }
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
            let (position, message) = self.join(ticket, item::from_attributes(attributes)?).await?;
            bytes += message.payload_bytes();
            if items.len() == limit || (bytes > MAX_PAGE_BYTES && !items.is_empty()) {
                return Ok(Page { items, next: last });
            }
            items.push(message);
            last = Some(position);
        }
        Ok(Page { items, next: None })
    }

    /// The whole archive of the ticket, oldest first, in the store's own pages of 1 MB.
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub fn all_messages(&self, ticket: &TicketId) -> impl Stream<Item = Result<ArchivedMessage>> {
        let stored = self.items_of_ticket(ticket, keys::MESSAGE_PREFIX).items();
        stored.and_then(move |attributes| async move {
            let (_, message) = self.join(ticket, item::from_attributes(attributes)?).await?;
            Ok(message)
        })
    }

    /// Reads a message's further parts, if it has any.
    async fn join(&self, ticket: &TicketId, stored: StoredMessage) -> Result<(MessagePosition, ArchivedMessage)> {
        let StoredMessage { mut message, order, content_digest, parts, parts_digest, .. } = stored;
        let (create_time, message_id) = (message.create_time, message.message_id.clone());
        let position = MessagePosition { create_time, order, message_id };
        let Some(parts) = parts else { return Ok((position, message)) };
        let edition = parts_digest.or(content_digest.map(String::from));
        let mut text = String::new();
        for number in 1..=parts.get() {
            let key = keys::message_part(ticket, &position.message_id, edition.as_deref(), number);
            let part: Option<Part> = self.get(key).await?;
            let part = part.ok_or_else(|| {
                Error::unexpected("A part of an archived message is missing.")
                    .with_code(ProblemCode::ArchivePartMissing)
                    .with_context("ticket.id", ticket.as_str())
                    .with_context("message_id", &position.message_id)
            })?;
            text.push_str(&part.content);
        }
        if edition.is_none() {
            message.content.push_str(&text);
            return Ok((position, message));
        }
        let message = serde_json::from_str(&text)
            .map_err(|source| Error::unexpected("An archived message could not be read.").with_source(source))?;
        Ok((position, message))
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

/// The items of a message.
struct MessageItems {
    /// Its own.
    head: Item,
    /// About how many bytes that has.
    head_bytes: usize,
    /// Those of the parts of its JSON where that is too long for one. Their keys name its digest: no other state of the
    /// message overwrites the parts that its present item needs.
    parts: Vec<Item>,
}

fn message_items(ticket: &Ticket, at: &MessagePosition, message: ArchivedMessage) -> Result<MessageItems> {
    let (ticket, account_id) = (&ticket.id, Some(ticket.account_id.clone()));
    let json = serde_json::to_string(&message)
        .map_err(|source| Error::unexpected("A message could not be written.").with_source(source))?;
    let digest = message.message_digest();
    let (mut message, mut parts, mut parts_digest) = (message, Vec::new(), None);
    if json.len() > MAX_ITEM_BYTES {
        let edition = sha256_hex(&json);
        for (index, content) in split(&json, MAX_ITEM_BYTES).into_iter().map(str::to_owned).enumerate() {
            let key = keys::message_part(ticket, &message.message_id, Some(&edition), index + 1);
            parts.push(Item::new(key, "message_part", &Part { content })?);
        }
        parts_digest = Some(edition);
        let ArchivedMessage { id, case_id, message_type, create_time, unreadable_time, from_console, .. } = message;
        let (message_id, unreadable_attachments) = (at.message_id.clone(), message.unreadable_attachments);
        message = ArchivedMessage {
            id,
            case_id,
            message_id,
            message_type,
            replier: None,
            replier_name: None,
            content: String::new(),
            create_time,
            unreadable_time,
            attachments: Vec::new(),
            unreadable_attachments,
            from_console,
            revisions: Vec::new(),
        };
    }
    let (order, content_digest, number) = (at.order, Some(digest), NonZero::new(parts.len()));
    let stored = StoredMessage { message, order, account_id, content_digest, parts: number, parts_digest };
    let head = Item::new(position_key(ticket, at), "message", &stored)?;
    Ok(MessageItems { head, head_bytes: if parts.is_empty() { json.len() } else { 0 }, parts })
}
