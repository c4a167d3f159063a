//! Storing a conversation and committing it as the ticket's archive.

use std::collections::{HashMap, HashSet};

use super::match_messages::{message_key, take_other_id};
use crate::{
    app::App,
    domain::{ArchiveDigest, ArchivedMessage, CloudId, Message, Ticket, TicketId, Unmatched, place_messages},
    error::Result,
    seeded_bugs::{self, SeededBug},
    store::{ArchiveCommit, Lease},
    telemetry::metrics,
};

/// The vendor's status of a ticket that it no longer has.
pub(super) const DELETED: &str = "deleted";

/// How many messages are read from the store at once.
const PAGE: usize = 100;

/// Stores those of the vendor's messages that the archive does not hold yet, and adds their ids and order numbers to
/// `archived`.
///
/// An archived message does not change: its place among messages of the same millisecond must be the same in every
/// reading.
///
/// # Errors
/// The store's failures. Some messages may be stored then; a repeat stores the rest.
pub async fn store_new_messages(
    app: &App,
    ticket: &Ticket,
    cloud_id: &CloudId,
    messages: Vec<Message>,
    archived: &mut HashMap<String, usize>,
) -> Result<()> {
    let mut messages: Vec<_> =
        messages.into_iter().map(|message| ArchivedMessage::new(&ticket.id, cloud_id, message)).collect();
    let read: HashSet<_> = messages.iter().map(|message| &message.message_id).collect();
    let not_read: HashSet<_> = archived.keys().filter(|id| !read.contains(id)).cloned().collect();
    let has_new = messages.iter().any(|message| !archived.contains_key(&message.message_id));
    if has_new && !not_read.is_empty() {
        let mut others = Vec::new();
        for_each_message(app, &ticket.id, |message| {
            if not_read.contains(&message.message_id) {
                others.push((message_key(&message), message.message_id));
            }
        })
        .await?;
        let mut others: Unmatched<_, _> = others.into_iter().collect();
        messages.retain(|message| archived.contains_key(&message.message_id) || !take_other_id(message, &mut others));
    }
    let new = place_messages(messages, archived);
    let orders: Vec<_> = new.iter().map(|(at, _)| (at.message_id.clone(), at.order)).collect();
    match app.store.archive_messages(&ticket.id, new).await {
        Err(error) if !seeded_bugs::enabled(SeededBug::StoreErrorIgnored) => return Err(error),
        _ => {}
    }
    archived.extend(orders);
    Ok(())
}

/// Commits the archive: computes count and digest from the stored messages, and closes the ticket with them under
/// `lease`. Where the vendor still has the conversation, a post-close recheck is due after the settle time, because the
/// vendor may show a message only after the ticket has ended.
///
/// Where another run has the lease, this fails with `close_lease_lost`. After a failure the ticket stays `closing`.
pub(super) async fn commit(app: &App, ticket: &Ticket, lease: &Lease, vendor_status: &str) -> Result<Ticket> {
    let (message_count, digest) = digest(app, &ticket.id).await?;
    let close_time = app.clock.now_ms();
    let is_at_vendor = vendor_status != DELETED && !seeded_bugs::enabled(SeededBug::NoPostCloseRecheck);
    let recheck_ms = is_at_vendor.then(|| close_time.saturating_add(app.config.settle_time_ms));
    let (digest, vendor_status) = (&digest, Some(vendor_status));
    let commit = ArchiveCommit { ticket, lease, close_time, message_count, digest, vendor_status, recheck_ms };
    let closed = app.store.commit_closed(&commit).await?;
    metrics::TICKETS_CLOSED.add([], 1);
    Ok(closed)
}

/// The count of the stored messages and the digest over them.
///
/// # Errors
/// `archive_part_missing` where a part of a long message is missing, and the store's failures.
pub async fn digest(app: &App, id: &TicketId) -> Result<(u64, String)> {
    let mut digest = ArchiveDigest::default();
    for_each_message(app, id, |message| digest.add(&message)).await?;
    Ok(digest.finish())
}

async fn for_each_message(app: &App, id: &TicketId, mut visit: impl FnMut(ArchivedMessage)) -> Result<()> {
    let mut after = None;
    loop {
        let page = app.store.messages(id, PAGE, after.as_ref()).await?;
        page.items.into_iter().for_each(&mut visit);
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}
