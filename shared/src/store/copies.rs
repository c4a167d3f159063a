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

/// A copy that has ended.
#[derive(Clone, Debug)]
pub struct EndedCopy {
    /// When the vendor was read, Unix milliseconds, if the copy is complete.
    pub as_of: Option<i64>,
    /// The time of the next copy as it was when this one began.
    pub known_next_copy: Option<i64>,
    /// When it is copied again at the latest, Unix milliseconds.
    pub next_copy: i64,
    /// The times of all messages, as far as they were read.
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
    /// has the lease, or when it was copied since `as_of`. It stays as due as it is: after a crash it is copied again
    /// once the lease has ended.
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
        let update = update_open(id).take_lease(lease).when(lease::is_free(now_ms)).when(not_copied_since);
        let stored: Option<StoredTicket> = self.update(update).await?.stored()?;
        // Also where the SDK sent this very write again, because the answer to the first one was lost.
        let is_open = |stored: &StoredTicket| stored.ticket.state == TicketState::Open;
        Ok(stored.filter(|stored| is_open(stored) && stored.is_leased_by(lease)))
    }

    /// Commits what a copy has read, and releases the lease. Nothing happens when the lease is another's by now.
    ///
    /// A time of the next copy that was set meanwhile stays: by a reply, by another status, or by a vendor that told of
    /// new messages. This copy may have been made before them.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end_copy(&self, id: &TicketId, lease: &Lease, copy: &EndedCopy) -> Result<()> {
        let ended = || -> Result<Update> {
            let is_read = copy.as_of.is_some() || copy.is_changed;
            let awaiting = is_read.then(|| to_value(&copy.times.awaiting())).transpose()?;
            Ok(update_open(id)
                .set_some(AS_OF, copy.as_of.map(number))
                .set_some("awaiting", awaiting)
                .set_times(&copy.times)
                .set_some(UPDATE_TIME, copy.is_changed.then(|| number(self.clock.now_ms())))
                .release_lease()
                .when_lease(lease))
        };
        let known = copy.known_next_copy;
        let unchanged =
            known.map_or(Condition::Missing(NEXT_COPY), |known| Condition::equals(NEXT_COPY, number(known)));
        if !self.update(ended()?.copy_at(copy.next_copy).when(unchanged)).await?.is_done() {
            self.update(ended()?).await?;
        }
        Ok(())
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
