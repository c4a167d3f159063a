//! Storing a conversation and committing it as the ticket's archive.

use std::collections::{HashMap, HashSet};

use crate::{
    app::App,
    domain::{ArchiveDigest, ArchivedMessage, CloudId, Message, Ticket, TicketId, place_messages},
    error::Result,
    store::{ArchiveCommit, Lease},
    telemetry::metrics,
    vendors::lenient::is_synthetic_id,
};

/// The vendor's status of a ticket that it no longer has.
pub const DELETED: &str = "deleted";

/// How many messages are read back at once for the digest.
const PAGE: usize = 100;

/// Stores those of the vendor's messages that the archive does not hold yet, and adds their ids and order numbers to `kept`.
///
/// A message that is kept already stays as it is: its place among messages of the same millisecond must not change
/// between readings.
pub async fn keep_new(
    app: &App,
    ticket: &Ticket,
    cloud_id: &CloudId,
    messages: Vec<Message>,
    kept: &mut HashMap<String, usize>,
) -> Result<()> {
    let mut messages: Vec<_> =
        messages.into_iter().map(|message| ArchivedMessage::new(&ticket.id, cloud_id, message)).collect();
    let shown: HashSet<_> = messages.iter().map(|message| &message.message_id).collect();
    let not_shown: HashSet<_> = kept.keys().filter(|id| !shown.contains(id)).cloned().collect();
    let has_new = messages.iter().any(|message| !kept.contains_key(&message.message_id));
    if has_new && !not_shown.is_empty() {
        let mut others = kept_under_other_ids(app, &ticket.id, &not_shown).await?;
        messages.retain(|message| kept.contains_key(&message.message_id) || !others.take(message));
    }
    let new = place_messages(messages, kept);
    let orders: Vec<_> = new.iter().map(|(at, _)| (at.message_id.clone(), at.order)).collect();
    app.store.archive_messages(&ticket.id, new).await?;
    kept.extend(orders);
    Ok(())
}

/// Messages that are kept under ids that a reading does not show. Where a vendor shows the ids of some messages only (Huawei),
/// one of them can have the vendor's id in one reading and a made one in another.
#[derive(Default)]
struct Others(HashMap<MessageKey, Vec<String>>);

type MessageKey = (i64, u8, Option<String>, String);

fn message_key(message: &ArchivedMessage) -> MessageKey {
    let number = u8::from(message.message_type);
    (message.create_time, number, message.replier.clone(), message.content.clone())
}

impl Others {
    /// Whether one of them is this message; each is one message only.
    fn take(&mut self, message: &ArchivedMessage) -> bool {
        let Some(ids) = self.0.get_mut(&message_key(message)) else { return false };
        let is_made = is_synthetic_id(&message.message_id);
        let same = ids.iter().position(|id| is_made || is_synthetic_id(id));
        same.map(|place| ids.swap_remove(place)).is_some()
    }
}

async fn kept_under_other_ids(app: &App, id: &TicketId, ids: &HashSet<String>) -> Result<Others> {
    let mut others = Others::default();
    let mut after = None;
    loop {
        let page = app.store.messages(id, PAGE, after.as_ref()).await?;
        for message in page.items.into_iter().filter(|message| ids.contains(&message.message_id)) {
            others.0.entry(message_key(&message)).or_default().push(message.message_id);
        }
        after = page.next;
        if after.is_none() {
            return Ok(others);
        }
    }
}

/// Commits the archive: reads it back as it is stored, for its count and digest, and closes the ticket with them, if
/// `lease` is still the caller's. Where the vendor still has the conversation it is due for a second look once the settle time is over:
/// a message may be shown later than the end of its ticket.
pub async fn commit(
    app: &App,
    ticket: &Ticket,
    lease: &Lease,
    vendor_status: Option<&str>,
) -> Result<Ticket> {
    let (message_count, digest) = digest(app, &ticket.id).await?;
    let close_time = app.clock.now_ms();
    let is_there = vendor_status != Some(DELETED);
    let recheck_ms = is_there.then(|| close_time.saturating_add(app.config.settle_time_ms));
    let digest = &digest;
    let commit =
        ArchiveCommit { ticket, lease, close_time, message_count, digest, vendor_status, recheck_ms };
    let closed = app.store.commit_closed(&commit).await?;
    metrics::TICKETS_CLOSED.add([], 1);
    Ok(closed)
}

/// The count of the stored messages and the digest over them, as they stand in the store now.
pub async fn digest(app: &App, id: &TicketId) -> Result<(u64, String)> {
    let mut digest = ArchiveDigest::default();
    let mut after = None;
    loop {
        let page = app.store.messages(id, PAGE, after.as_ref()).await?;
        page.items.iter().for_each(|message| digest.add(message));
        after = page.next;
        if after.is_none() {
            return Ok(digest.finish());
        }
    }
}
