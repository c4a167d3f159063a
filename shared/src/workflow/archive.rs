//! Storing a conversation page by page, and committing it as the ticket's archive.

use std::pin::pin;

use futures_util::{TryStreamExt, future};

use super::match_messages::may_be_reply;
use crate::{
    app::App,
    domain::{
        ArchiveContents, ArchiveDigest, ArchivedMessage, AttachmentCopy, CloudId, ConversationTimes, KnownMessages,
        Message, MessagePosition, MessageType, PlacedMessage, Placement, Ticket, TicketId, TicketState,
    },
    error::{Error, Result, Retry},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{ArchiveCommit, Lease, MAX_BYTES_WRITTEN, MAX_MESSAGES_WRITTEN, StoredReply},
    telemetry::metrics,
    vendors::text::{contains_id, same_text},
};

/// How many files of a message are registered at once.
const FILES_AT_ONCE: usize = 8;

/// The vendor's status of a ticket that it no longer has.
pub(super) const DELETED: &str = "deleted";

/// An archive that a reading is stored in, under the ticket's lease: two readings at once would give the same messages
/// different positions.
pub struct ArchiveWriter<'a> {
    app: &'a App,
    ticket: &'a Ticket,
    cloud_id: &'a CloudId,
    lease: &'a Lease,
    known: KnownMessages,
    /// The ticket's replies. While it is open one may begin at any time, so they are read after each page.
    replies: Option<Vec<StoredReply>>,
    times: ConversationTimes,
    stored: usize,
}

impl<'a> ArchiveWriter<'a> {
    /// The ticket's archive as it is stored.
    ///
    /// # Errors
    /// The store's failures.
    pub async fn open(app: &'a App, ticket: &'a Ticket, cloud_id: &'a CloudId, lease: &'a Lease) -> Result<Self> {
        let replies = async {
            let may_begin = ticket.state == TicketState::Open;
            if may_begin { Ok(None) } else { app.store.replies(&ticket.id).await.map(Some) }
        };
        let known = app.store.known_messages(&ticket.id);
        // Boxed: both are large, and every future that awaits this one would be larger than they are.
        let (known, replies) = Box::pin(future::try_join(known, replies)).await?;
        Ok(Self { app, ticket, cloud_id, lease, known, replies, times: ticket.times, stored: 0 })
    }

    /// The times of the messages that this and earlier readings showed.
    pub fn times(&self) -> ConversationTimes {
        self.times
    }

    /// Whether it holds no message.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The ticket's replies, as they were when it was opened; none of an `open` ticket.
    pub fn replies(&self) -> &[StoredReply] {
        self.replies.as_deref().unwrap_or_default()
    }

    /// How many messages it has stored.
    pub fn stored(&self) -> usize {
        self.stored
    }

    /// Stores those of a page's messages that the archive does not hold yet, and those with another text. They must be
    /// sorted by time, with all of a moment on one page. A message that the vendor no longer shows stays.
    ///
    /// The position of an archived message does not change: its place among messages of the same millisecond must be
    /// the same in every reading.
    ///
    /// # Errors
    /// `close_lease_lost` when the lease is another's by now, and the store's failures. Some messages may be stored
    /// then; a repeat stores the rest.
    pub async fn store(&mut self, messages: impl Iterator<Item = Message>) -> Result<()> {
        let (mut batch, mut bytes) = (Vec::<Message>::new(), 0);
        if self.ticket.state == TicketState::Open {
            self.replies = None;
        }
        for message in messages {
            self.times.add(&message);
            let is_full = batch.len() >= MAX_MESSAGES_WRITTEN || bytes >= MAX_BYTES_WRITTEN;
            if is_full && batch.last().is_some_and(|last| last.create_time != message.create_time) {
                self.store_batch(std::mem::take(&mut batch)).await?;
                bytes = 0;
            }
            bytes += message.content.len();
            batch.push(message);
        }
        self.store_batch(batch).await
    }

    async fn store_batch(&mut self, messages: Vec<Message>) -> Result<()> {
        let placements = self.known.place(&messages);
        let mut writes = Vec::new();
        for (message, placement) in messages.into_iter().zip(placements) {
            match placement {
                Placement::New(position) => {
                    let from_console = self.is_from_console(&message).await?;
                    writes.push((position, ArchivedMessage { from_console, ..self.archived(message) }));
                }
                Placement::Known { position, changed: true } => writes.extend(self.revised(position, message).await?),
                Placement::Known { .. } | Placement::OtherId(_) => {}
            }
        }
        if writes.is_empty() {
            return Ok(());
        }
        // A message counts as archived once it is written, so its files are registered first.
        if seeded_bugs::enabled(SeededBug::FilesRegisteredLate) {
            self.archive(writes.clone()).await?;
        }
        for (position, message) in &writes {
            self.register_files(position, message).await?;
        }
        self.stored += writes.len();
        self.archive(writes).await
    }

    async fn archive(&self, writes: Vec<PlacedMessage>) -> Result<()> {
        match self.app.store.archive_messages(self.ticket, self.lease, writes).await {
            Err(error) if !seeded_bugs::enabled(SeededBug::StoreErrorIgnored) => Err(error),
            _ => Ok(()),
        }
    }

    /// Makes the message's files due to be copied, those that are not known yet.
    async fn register_files(&self, position: &MessagePosition, message: &ArchivedMessage) -> Result<()> {
        let now_ms = self.app.clock.now_ms();
        let copies =
            AttachmentCopy::of_message(self.ticket.vendor, &self.ticket.id, position, &message.attachments, now_ms);
        for copies in copies.chunks(FILES_AT_ONCE) {
            future::try_join_all(copies.iter().map(|copy| self.app.store.register_attachment(copy))).await?;
        }
        Ok(())
    }

    fn archived(&self, message: Message) -> ArchivedMessage {
        ArchivedMessage::new(&self.ticket.id, self.cloud_id, message)
    }

    /// Whether a person wrote it in the vendor's console: the customer's, and neither the ticket's own text nor what
    /// may be one of the replies.
    async fn is_from_console(&mut self, message: &Message) -> Result<bool> {
        let is_customers = message.message_type == MessageType::Customer && message.origin_known;
        if !is_customers || is_text_of(self.ticket, &message.content) {
            return Ok(false);
        }
        let replies = match &mut self.replies {
            Some(replies) => replies,
            none => none.insert(Box::pin(self.app.store.replies(&self.ticket.id)).await?),
        };
        Ok(!may_be_reply(replies, message))
    }

    /// The archived message with its text of now, where that is another one.
    async fn revised(&mut self, position: MessagePosition, shown: Message) -> Result<Option<PlacedMessage>> {
        let Some(archived) = self.app.store.message(&self.ticket.id, &position).await? else { return Ok(None) };
        let Some(revised) = archived.revised(self.archived(shown), self.app.clock.now_ms()) else { return Ok(None) };
        self.known.change(&position.message_id, revised.message_digest());
        tracing::info!(
            ticket.id = %self.ticket.id, vendor = %self.ticket.vendor, message_id = position.message_id,
            "A message was edited at the vendor; its older text is kept."
        );
        Ok(Some((position, revised)))
    }
}

/// Whether a message is the ticket's own text, which some vendors show in the conversation.
fn is_text_of(ticket: &Ticket, text: &str) -> bool {
    contains_id(text, ticket.id.as_str()) || same_text(&ticket.description, text)
}

/// Commits the archive: computes count and digest from what is stored, and closes the ticket with them under
/// `lease`. Where the vendor still has the conversation, a post-close recheck is due after the settle time, because the
/// vendor may show a message only after the ticket has ended.
///
/// `shown_count` is how many messages the vendor showed in the last reading, where it was read. Before `files_until_ms`
/// (Unix milliseconds) it fails with `attachments_pending` where files are still to be copied.
///
/// Where another run has the lease, this fails with `close_lease_lost`. After a failure the ticket stays `closing`.
pub(super) async fn commit(
    app: &App,
    ticket: &Ticket,
    lease: &Lease,
    vendor_status: &str,
    shown_count: Option<u64>,
    times: ConversationTimes,
    files_until_ms: Option<i64>,
) -> Result<Ticket> {
    let contents = contents(app, &ticket.id).await?;
    let close_time = app.clock.now_ms();
    if contents.attachments_pending > 0 && files_until_ms.is_some_and(|until_ms| close_time < until_ms) {
        let message = format!("{} files of its messages are not copied yet.", contents.attachments_pending);
        return Err(Error::new(ProblemCode::AttachmentsPending, message).with_retry(Retry::Yes { after: None }));
    }
    let message_count = contents.message_count;
    if shown_count.is_some_and(|shown| shown > message_count) {
        metrics::DEFECTS.add([], 1);
        tracing::error!(
            ticket.id = %ticket.id, vendor = %ticket.vendor, message_count, shown_count,
            "The vendor showed more messages than the archive holds."
        );
    }
    // A file may be stored at this moment; from the commit on, whoever stores one makes the recheck due.
    let may_grow = vendor_status != DELETED || contents.attachments_pending > 0;
    let may_grow = may_grow && !seeded_bugs::enabled(SeededBug::NoPostCloseRecheck);
    let recheck_ms = may_grow.then(|| close_time.saturating_add(app.config.settle_time_ms));
    let vendor_status = Some(vendor_status);
    let commit = ArchiveCommit { ticket, lease, close_time, contents, shown_count, times, vendor_status, recheck_ms };
    let closed = app.store.commit_closed(&commit).await?;
    metrics::TICKETS_CLOSED.add([], 1);
    Ok(closed)
}

/// What the archive holds, read from the store.
///
/// # Errors
/// `archive_part_missing` where a part of a long message is missing, and the store's failures.
pub async fn contents(app: &App, id: &TicketId) -> Result<ArchiveContents> {
    let mut digest = ArchiveDigest::default();
    let mut messages = pin!(app.store.all_messages(id));
    while let Some(message) = messages.try_next().await? {
        digest.add(&message);
    }
    if digest.has_files() {
        digest.add_files(&app.store.attachments(id).await?);
    }
    Ok(digest.finish())
}
