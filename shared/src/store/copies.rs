//! The copy of an open ticket's conversation: one lease at a time, and only its holder writes messages and commits when
//! the copy was complete. A close takes the lease over at any time.

use serde::{Deserialize, Serialize};

use super::{
    Store,
    condition::Condition,
    item::StoredTicket,
    keys,
    lease::{self, Lease},
    number, text, to_value,
    update::{UPDATE_TIME, Update},
};
use crate::{
    domain::{ConversationTimes, TicketId, TicketState},
    error::Result,
};

const AS_OF: &str = "as_of";
const NEXT_COPY: &str = "next_copy";
const TOLD_MESSAGES: &str = "told_messages";

/// What is known of the copy of a ticket's conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyState {
    /// The last time at which the copy was complete, Unix milliseconds: when the vendor was read for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<i64>,
    /// When it is copied again at the latest, Unix milliseconds; absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_copy: Option<i64>,
    /// The digest of the new messages that the vendor told of last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_messages: Option<String>,
}

/// A copy that is complete.
#[derive(Clone, Debug)]
pub struct CompleteCopy {
    /// When the vendor was read, Unix milliseconds.
    pub as_of: i64,
    /// When it is copied again at the latest, Unix milliseconds.
    pub next_copy: i64,
    /// The times of all messages.
    pub times: ConversationTimes,
    /// Whether there is a message or a time that the copy before did not have.
    pub is_changed: bool,
}

/// The names of the attributes of [`CopyState`].
pub(super) const COPY_NAMES: [&str; 3] = [AS_OF, NEXT_COPY, TOLD_MESSAGES];

impl Store {
    /// Records that the vendor told of new messages of an `open` ticket: it is to be copied at `now_ms`. `false`, and
    /// nothing is changed, where it told of the same messages before.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn record_told_messages(&self, id: &TicketId, digest: &str, now_ms: i64) -> Result<bool> {
        let is_other = Condition::Missing(TOLD_MESSAGES).or(Condition::Compare(TOLD_MESSAGES, "<>", text(digest)));
        let update = update_open(id).set(TOLD_MESSAGES, text(digest)).copy_at(now_ms).when(is_other);
        Ok(self.update(update).await?.is_done())
    }

    /// Takes the lease to copy the conversation of an `open` ticket. `None` when it has another state, when another run
    /// has the lease, or when it was copied since `as_of`. After a crash it is copied again at the end of the lease.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn start_copy(
        &self,
        id: &TicketId,
        as_of: Option<i64>,
        now_ms: i64,
        lease: &Lease,
    ) -> Result<Option<StoredTicket>> {
        let not_copied_since = as_of.map_or(Condition::Missing(AS_OF), |as_of| Condition::equals(AS_OF, number(as_of)));
        let update = update_open(id)
            .take_lease(lease)
            .copy_at(lease.until_ms)
            .when(lease::is_free(now_ms))
            .when(not_copied_since);
        let stored: Option<StoredTicket> = self.update(update).await?.stored()?;
        // Also where the SDK sent this very write again, because the answer to the first one was lost.
        let is_open = |stored: &StoredTicket| stored.ticket.state == TicketState::Open;
        Ok(stored.filter(|stored| is_open(stored) && stored.is_leased_by(lease)))
    }

    /// Commits that the copy is complete, and releases the lease. Nothing happens when the lease is another's by now.
    ///
    /// A reply that was begun meanwhile, or a vendor that told of new messages, has set an earlier time of the next copy,
    /// which stays.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn finish_copy(&self, id: &TicketId, lease: &Lease, copy: &CompleteCopy) -> Result<()> {
        let finished = || -> Result<Update> {
            let update = update_open(id)
                .set(AS_OF, number(copy.as_of))
                .set("awaiting", to_value(&copy.times.awaiting())?)
                .set_times(&copy.times)
                .set_some(UPDATE_TIME, copy.is_changed.then(|| number(self.clock.now_ms())))
                .release_lease()
                .when_lease(lease);
            Ok(update)
        };
        let unchanged = Condition::equals(NEXT_COPY, number(lease.until_ms));
        let update = finished()?.copy_at(copy.next_copy).when(unchanged);
        if !self.update(update).await?.is_done() {
            self.update(finished()?).await?;
        }
        Ok(())
    }

    /// Releases the lease after a copy that failed; the next one is due at `next_copy`, Unix milliseconds. Nothing
    /// happens when the lease is another's by now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn postpone_copy(&self, id: &TicketId, lease: &Lease, next_copy: i64) -> Result<()> {
        let update = update_open(id).copy_at(next_copy).release_lease().when_lease(lease);
        self.update(update).await.map(|_| ())
    }
}

fn update_open(id: &TicketId) -> Update {
    Update::of(keys::ticket(id)).when(Condition::state(&[TicketState::Open]))
}

impl Update {
    /// Sets the times of a conversation that are known.
    pub(super) fn set_times(self, times: &ConversationTimes) -> Self {
        self.set_some("first_response_time", times.first_response_time.map(number))
            .set_some("last_support_time", times.last_support_time.map(number))
            .set_some("last_customer_time", times.last_customer_time.map(number))
    }

    /// The conversation is to be copied at `due_ms`, Unix milliseconds.
    pub(super) fn copy_at(self, due_ms: i64) -> Self {
        self.set(NEXT_COPY, number(due_ms))
    }
}
