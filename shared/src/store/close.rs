//! Closing a ticket: one lease at a time, and only its holder writes messages, releases it, aborts the close or
//! commits the archive.

use super::{
    Store,
    condition::Condition,
    item::{CloseReason, StoredTicket},
    keys,
    lease::{self, Lease},
    number,
    postpone::ATTEMPTS,
    text, to_value,
    update::{UPDATE_TIME, Update},
};
use crate::{
    domain::{
        ArchiveContents, CloseError, ConversationTimes, Phase, Ticket, TicketId, TicketMove, TicketState, TicketStatus,
    },
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// The attributes that are removed when a close ends.
const CLOSE_ATTRIBUTES: [&str; 4] = ["closing_since", "closing_reason", "close_accepted", CLOSE_ENDED];
/// Who asked for the close first.
pub(super) const CLOSED_BY: &str = "closed_by";
/// Since when the vendor shows the ticket as ended, during a close.
const CLOSE_ENDED: &str = "close_ended";
/// How many files the archive does not hold, where it does not hold all.
const ATTACHMENTS_MISSING: &str = "attachments_missing";
/// Why the last close was refused, or can't go on.
const CLOSE_ERROR: &str = "close_error";

/// The result of starting a close.
#[derive(Clone, Debug, PartialEq)]
pub enum CloseStart {
    /// It is `closing`, for that reason, and the caller has the lease.
    Closing(Ticket, CloseReason),
    /// It is `closing`, for that reason, and another run has the lease.
    Busy(Ticket, CloseReason),
    /// It is in another state, shown here.
    Refused(Ticket),
    /// There is no such ticket.
    NotFound,
}

impl Store {
    /// Takes the lease to close a ticket: an `open` one becomes `closing`, and a `closing` one whose last lease has
    /// ended gets the new one. One lease at a time keeps two readings of one conversation apart.
    ///
    /// A ticket that a caller asked to be closed keeps that reason, whoever takes the lease. Without a reason only a
    /// close that has begun is continued.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn start_close(
        &self,
        id: &TicketId,
        reason: Option<CloseReason>,
        now_ms: i64,
        lease: &Lease,
    ) -> Result<CloseStart> {
        let next = Condition::state(&[TicketState::Closing]).and(lease::is_free(now_ms));
        // An open ticket has at most the lease of a copy, which a close takes over.
        let may_start = match reason {
            None => next,
            Some(_) => Condition::state(TicketMove::StartClose.from()).or(next),
        };
        let update = Update::of(keys::ticket(id))
            .set("state", text(TicketState::Closing.as_str()))
            .take_lease(lease)
            .set_once("closing_since", number(now_ms))
            .due_at(lease.until_ms, id.as_str())
            .when(may_start);
        // Whoever continues a close changes nothing that is shown.
        let update = update.set_some(UPDATE_TIME, reason.map(|_| number(now_ms)));
        let update = match reason {
            // Why the last close was refused is shown until the next one is asked for. A ticket that support has opened
            // again is closed again then.
            Some(reason @ CloseReason::Asked) => {
                let update = update.set("closing_reason", to_value(&reason)?).set_first_actor(CLOSED_BY)?;
                update.remove(&[CLOSE_ERROR, CLOSE_ENDED, "close_accepted"])
            }
            Some(reason) => update.set_once("closing_reason", to_value(&reason)?),
            None => update,
        };
        let stored: Option<StoredTicket> = self.update(update).await?.stored()?;
        let Some(stored) = stored else { return Ok(CloseStart::NotFound) };
        // Also where the SDK sent this very write again, because the answer to the first one was lost.
        let is_mine = stored.is_leased_by(lease);
        let StoredTicket { ticket, closing_reason, .. } = stored;
        let reason = closing_reason.unwrap_or(CloseReason::Asked);
        Ok(match ticket.state {
            TicketState::Closing if is_mine => CloseStart::Closing(ticket, reason),
            TicketState::Closing => CloseStart::Busy(ticket, reason),
            _ => CloseStart::Refused(ticket),
        })
    }

    /// Records that a caller asked for the close of a ticket while another run has the lease. `false` when it is no
    /// longer `closing`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn request_close(&self, id: &TicketId) -> Result<bool> {
        let update = Update::of(keys::ticket(id))
            .set("closing_reason", to_value(&CloseReason::Asked)?)
            .set_first_actor(CLOSED_BY)?
            .when(Condition::state(&[TicketState::Closing]));
        Ok(self.update(update).await?.is_done())
    }

    /// Records that the vendor accepted the close; gives since when that is so, Unix milliseconds.
    /// Fails with [`ProblemCode::CloseLeaseLost`] when the lease is another's by now.
    pub(crate) async fn record_close_accepted(&self, id: &TicketId, lease: &Lease, now_ms: i64) -> Result<i64> {
        let update = update_closing(id, lease).set_once("close_accepted", number(now_ms));
        let stored: Option<StoredTicket> = self.update(update).await?.done()?;
        Ok(stored.ok_or_else(|| lease_lost(id))?.close_accepted.unwrap_or(now_ms))
    }

    /// Records that the vendor shows the ticket as ended; gives since when that is so, Unix milliseconds. Fails as
    /// [`record_close_accepted`](Self::record_close_accepted).
    pub(crate) async fn record_close_ended(&self, id: &TicketId, lease: &Lease, now_ms: i64) -> Result<i64> {
        let update = update_closing(id, lease).set_once(CLOSE_ENDED, number(now_ms));
        let stored: Option<StoredTicket> = self.update(update).await?.done()?;
        Ok(stored.ok_or_else(|| lease_lost(id))?.close_ended.unwrap_or(now_ms))
    }

    /// Releases the lease, so that the next close need not wait for its end. The ticket stays `closing` and is due now;
    /// `error`: why the close can't go on. Nothing happens when the lease is another's by now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn release_close(
        &self,
        id: &TicketId,
        now_ms: i64,
        lease: &Lease,
        error: Option<&CloseError>,
    ) -> Result<()> {
        let update = || update_closing(id, lease).due_at(now_ms, id.as_str()).release_lease();
        if let Some(error) = error.map(to_value).transpose()? {
            let is_new = Condition::Missing(CLOSE_ERROR).or(Condition::Compare(CLOSE_ERROR, "<>", error.clone()));
            if self.update(update().set(CLOSE_ERROR, error).changed_at(now_ms).when(is_new)).await?.is_done() {
                return Ok(());
            }
        }
        self.update(update()).await.map(|_| ())
    }

    /// Puts a `closing` ticket back to `open`: it does not close at the vendor, for the reason in `error` where there
    /// is one to show. `false`, and nothing is changed, when the lease is another's, or when the close has another
    /// reason by now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn abort_close(
        &self,
        id: &TicketId,
        lease: &Lease,
        reason: CloseReason,
        error: Option<&CloseError>,
    ) -> Result<bool> {
        let update = Update::of(keys::ticket(id))
            .make_move(TicketMove::AbortClose)
            .set_some(CLOSE_ERROR, error.map(to_value).transpose()?)
            .release_lease()
            .remove(&CLOSE_ATTRIBUTES)
            .remove(&[CLOSED_BY])
            .changed_at(self.clock.now_ms())
            .no_longer_due()
            .when_lease(lease)
            .when(Condition::equals("closing_reason", to_value(&reason)?));
        let update = self.update(update).await?;
        let is_done = update.is_done();
        // Also where the SDK sent this very write again, because the answer to the first one was lost.
        let stored: Option<Ticket> = update.stored()?;
        let is_open = |ticket: Ticket| ticket.state == TicketState::Open && ticket.close_error.as_ref() == error;
        Ok(is_done || stored.is_some_and(is_open))
    }

    /// Commits the archive: `closed`, `status` 0, the count and the digest in one write, if the caller still has the
    /// lease. Gives the ticket after the write, or as an earlier commit of another run left it. The ticket is due only
    /// for its recheck, if it has one.
    ///
    /// The lease is the fence: a run whose lease was taken over must not commit a count of older messages.
    ///
    /// # Errors
    /// [`ProblemCode::CloseLeaseLost`] when the lease is another's by now; when the store does not answer.
    pub async fn commit_closed(&self, close: &ArchiveCommit<'_>) -> Result<Ticket> {
        let ticket = close.ticket;
        let update = Update::of(keys::ticket(&ticket.id))
            .make_move(TicketMove::CommitClosed)
            .when_lease(close.lease)
            .set("status", number(u8::from(TicketStatus::Closed)))
            .set("GSI2PK", text(keys::tickets_of_status(TicketStatus::Closed)))
            .set("close_time", number(close.close_time))
            .set_time_between("resolution_ms", ticket.create_time, CLOSE_ENDED, close.close_time)
            .changed_at(close.close_time)
            .set_contents(ticket, close.close_time, &close.contents)?
            .set_some("shown_count", close.shown_count.map(number))
            .set("vendor_phase", to_value(&Phase::Ended)?)
            .set_some("vendor_status", close.vendor_status.map(text))
            .set_times(&close.times)
            .release_lease()
            .remove(&CLOSE_ATTRIBUTES)
            .remove(&[CLOSE_ERROR, "awaiting"]);
        let update = match close.recheck_ms {
            Some(due_ms) => update.due_at(due_ms, ticket.id.as_str()).remove(&[ATTEMPTS]),
            None => update.no_longer_due(),
        };
        let count = self.count_open(&ticket.account_id, -1, Some(close.close_time))?;
        let actions = vec![self.update_action(update)?, count];
        self.transact(&actions).await?;
        match self.ticket(&ticket.id).await? {
            Some(after) if after.state == TicketState::Closed => Ok(after),
            _ => Err(lease_lost(&ticket.id)),
        }
    }
}

impl Update {
    /// Sets what the archive of a close holds.
    pub(super) fn set_contents(self, ticket: &Ticket, close_time: i64, contents: &ArchiveContents) -> Result<Self> {
        let ArchiveContents { message_count, digest, .. } = contents;
        let update = self.set("message_count", number(message_count)).set("digest", text(digest));
        let update = match contents.attachments_missing {
            0 => update.remove(&[ATTACHMENTS_MISSING]),
            missing => update.set(ATTACHMENTS_MISSING, number(missing)),
        };
        if ticket.closings.is_empty() {
            return Ok(update);
        }
        let closings = ticket.closings_with(close_time, *message_count, Some(digest));
        Ok(update.set("closings", to_value(&closings)?))
    }
}

/// An update of a ticket that is `closing` under this lease.
fn update_closing(id: &TicketId, lease: &Lease) -> Update {
    Update::of(keys::ticket(id)).when(Condition::state(&[TicketState::Closing])).when_lease(lease)
}

/// Another run has the lease of a ticket's close or recheck.
pub(super) fn lease_lost(id: &TicketId) -> Error {
    Error::unavailable("Another run archives the ticket by now; try again.")
        .with_code(ProblemCode::CloseLeaseLost)
        .with_context("ticket.id", id.as_str())
}

/// What is committed of an archive.
#[derive(Clone, Debug)]
pub struct ArchiveCommit<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// The caller's lease.
    pub lease: &'a Lease,
    /// When it is committed, Unix milliseconds.
    pub close_time: i64,
    /// What the archive holds.
    pub contents: ArchiveContents,
    /// How many messages the vendor showed in the last reading, where it was read.
    pub shown_count: Option<u64>,
    /// The times of its messages.
    pub times: ConversationTimes,
    /// The vendor's status, where it was read.
    pub vendor_status: Option<&'a str>,
    /// When the post-close recheck is due, Unix milliseconds; `None` where the vendor no longer has the conversation.
    pub recheck_ms: Option<i64>,
}
