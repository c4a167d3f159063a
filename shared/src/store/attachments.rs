//! The copies of a ticket's files. What is to be copied is due in a partition of its vendor, which the
//! sync does not read.

use super::{
    Store,
    condition::Condition,
    erasure::ERASED,
    item::Item,
    keys, number,
    query::Index,
    recheck::recheck_due,
    text, to_value,
    transaction::{contention, is_failed},
    update::Update,
};
use crate::{
    domain::{AttachmentCopy, CopyState, TicketId, TicketState, Vendor},
    error::Result,
    problem_code::ProblemCode,
};

/// How often a copy is ended while its ticket is closed or opened at the same moment.
const FINISH_ATTEMPTS: u32 = 3;

/// A file in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Where it is.
    pub object_key: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// What the bucket named its content, in quotes, if it did.
    pub etag: Option<String>,
}

impl Store {
    /// Stores a new copy, which is due at once. Nothing happens where the file is known already.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn register_attachment(&self, copy: &AttachmentCopy) -> Result<()> {
        let due = keys::by_time(copy.create_time, copy.attachment_id.as_str());
        let item = Item::new(keys::attachment(copy), "attachment", copy)?;
        let item = item.indexed(Index::GSI3, keys::due_attachments(copy.vendor), due);
        self.put(item, Condition::ITEM_MISSING).await.map(|_| ())
    }

    /// Up to `limit` copies from that vendor that are due at `now_ms`, the longest due first. An item that can't be
    /// read is left out.
    /// The index may lag behind the table by a moment.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn due_attachments(&self, vendor: Vendor, now_ms: i64, limit: usize) -> Result<Vec<AttachmentCopy>> {
        self.due_in(&keys::due_attachments(vendor), now_ms, limit).await
    }

    /// Counts an attempt that begins, unless another one has begun since `copy` was read or the file is no longer
    /// pending. The file is due again at `next_ms`, in case that the attempt never ends.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin_attachment(&self, copy: &AttachmentCopy, next_ms: i64) -> Result<Option<AttachmentCopy>> {
        let update = Update::of(keys::attachment(copy))
            .set("attempts", number(copy.attempts.saturating_add(1)))
            .set(Index::GSI3.sk, text(keys::by_time(next_ms, copy.attachment_id.as_str())))
            .when(is_pending())
            .when(Condition::equals("attempts", number(copy.attempts)));
        self.update(update).await?.done()
    }

    /// Ends a copy: the file is in the bucket. The digest of a closed ticket's archive covers it, so in the same write
    /// the ticket is due to be rechecked at `recheck_ms`, Unix milliseconds. Nothing happens where the copy is no longer
    /// pending.
    ///
    /// # Errors
    /// `store_contention` where the ticket's state changes during every attempt, and when the store does not answer.
    pub async fn finish_attachment(&self, copy: &AttachmentCopy, file: &StoredFile, recheck_ms: i64) -> Result<()> {
        let id = &copy.ticket_id;
        let is_not_closed = Condition::Compare("state", "<>", text(TicketState::Closed.as_str()));
        let has_no_archive = is_not_closed.or(Condition::Exists(ERASED));
        for _ in 0..FINISH_ATTEMPTS {
            for of_ticket in [
                self.check_action(keys::ticket(id), has_no_archive.clone())?,
                self.update_action(recheck_due(id, recheck_ms))?,
            ] {
                let actions = [self.update_action(finished(copy, file))?, of_ticket];
                match self.transact(&actions).await?.as_deref() {
                    None => return Ok(()),
                    Some([of_copy, ..]) if is_failed(of_copy) => return Ok(()),
                    Some(_) => {}
                }
            }
        }
        Err(contention())
    }

    /// Stores why an attempt failed, and the state after it: a pending copy is due again at `next_ms`. Nothing happens
    /// where it is no longer pending.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn fail_attachment(
        &self,
        copy: &AttachmentCopy,
        state: CopyState,
        error: ProblemCode,
        next_ms: i64,
    ) -> Result<()> {
        let update = Update::of(keys::attachment(copy))
            .set("state", text(state.as_str()))
            .set("error", to_value(&error)?)
            .when(is_pending());
        let update = if state == CopyState::Pending {
            update.set(Index::GSI3.sk, text(keys::by_time(next_ms, copy.attachment_id.as_str())))
        } else {
            update.remove(&[Index::GSI3.pk, Index::GSI3.sk])
        };
        self.update(update).await.map(|_| ())
    }

    /// The copies of all files of the ticket.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn attachments(&self, ticket: &TicketId) -> Result<Vec<AttachmentCopy>> {
        self.items_of_ticket(ticket, keys::ATTACHMENT_PREFIX).read_all().await
    }
}

fn finished(copy: &AttachmentCopy, file: &StoredFile) -> Update {
    Update::of(keys::attachment(copy))
        .set("state", text(CopyState::Stored.as_str()))
        .set("object_key", text(&file.object_key))
        .set("size", number(file.size))
        .set("sha256", text(&file.sha256))
        .set_some("etag", file.etag.as_ref().map(text))
        .remove(&["error", Index::GSI3.pk, Index::GSI3.sk])
        .when(is_pending())
}

fn is_pending() -> Condition {
    Condition::equals("state", text(CopyState::Pending.as_str()))
}
