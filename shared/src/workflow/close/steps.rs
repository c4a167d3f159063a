//! The steps of a close. A run continues where the last run stopped.

use std::sync::Arc;

use futures_util::future::{self, BoxFuture};

use super::{
    CloseRun,
    close_error::{opened_again, pending, still_as_before},
};
use crate::{
    app::App,
    domain::{CloudId, ConversationTimes, Message, Phase, ReplyId, Ticket, may_show_earlier_status},
    error::{Error, ErrorKind, Result},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{CloseReason, StoredReply},
    vendors::{MessagePage, Reading, Session, VendorStatus, failure},
    workflow::{
        archive::{self, ArchiveWriter},
        existing_account,
        match_messages::{is_visible, may_show},
        ticket_pages::TicketPages,
    },
};

/// The result of a run in which nothing failed.
pub(super) enum Finished {
    /// The archive is committed.
    Closed(Box<Ticket>),
    /// No caller asked to close the ticket, and it has not ended at the vendor.
    NotEnded,
    /// The vendor refuses to close it.
    Refused(Error),
}

/// What a reading showed.
struct Shown {
    /// How many messages.
    count: u64,
    /// Those that may be one of the replies.
    of_replies: Vec<Message>,
}

/// What the steps of a run share.
struct Steps<'a> {
    app: &'a App,
    run: &'a CloseRun,
    session: Session<'a>,
    ticket: &'a Ticket,
    cloud_id: &'a CloudId,
    pages: Arc<TicketPages>,
}

/// Does the remaining steps.
pub(super) async fn finish(app: &App, run: &CloseRun) -> Result<Finished> {
    let ticket = &run.ticket;
    let account = existing_account(app, &ticket.account_id).await?;
    let pages = Arc::new(TicketPages::of_close(app, &ticket.id));
    let session = app.session(&account, run.deadline).saving_pages(pages.clone());
    let cloud_id = ticket.cloud_id.as_ref();
    let cloud_id = cloud_id.ok_or_else(|| Error::unexpected("A closing ticket has no vendor's id."))?;
    let steps = Steps { app, run, session, ticket, cloud_id, pages };
    let done = match run.reason {
        CloseReason::Asked => steps.close().await,
        CloseReason::Ended => steps.follow().await,
    };
    match done {
        Err(error) if error.is(ProblemCode::VendorTicketNotFound) => steps.archive_deleted(error).await,
        done => done,
    }
}

impl Steps<'_> {
    async fn close(&self) -> Result<Finished> {
        let before = self.app.store.stored_ticket(&self.ticket.id);
        let (before, mut archive) = future::try_join(before, self.archive()).await?;
        let before = before.ok_or_else(|| Error::unexpected("A closing ticket is gone."))?;
        let began = !archive.is_empty() || before.close_ended.is_some() || before.close_accepted.is_some();
        if began && !seeded_bugs::enabled(SeededBug::CloseAgainUnasked) {
            // An earlier run stored messages, and may have closed the ticket. Then one reading is the whole
            // conversation, and a reading that takes most of a run still completes.
            let status = self.status().await?;
            if status.phase == Phase::Ended {
                if before.close_accepted.is_none() && self.may_be_of_before() {
                    return Err(still_as_before());
                }
                return self.archive_ended(&status.raw, archive).await;
            }
            if before.close_ended.is_some() {
                return Ok(Finished::Refused(opened_again()));
            }
            if before.close_accepted.is_some() {
                return self.not_carried_out(&status).await;
            }
        }
        self.pages.set_phase(format!("{}-open", before.closing_since.unwrap_or_default()));
        let first = match self.session.message_page(self.cloud_id, 0).await {
            Err(error) if is_denied(&error) => return self.reading_denied(error).await,
            first => first?,
        };
        self.store_pages(first, &mut archive, &[]).await?;

        if let Some(refusal) = self.close_at_vendor().await? {
            return Ok(Finished::Refused(refusal));
        }
        let status = self.status().await?;
        if status.phase != Phase::Ended {
            return self.not_carried_out(&status).await;
        }
        if seeded_bugs::enabled(SeededBug::NoReadAfterClose) {
            return self.commit(&status.raw, None, archive.times(), None).await;
        }
        // Without a second reading, messages written between the first one and the close would be lost.
        self.archive_ended(&status.raw, archive).await
    }

    /// Whether an ended status may be that of before the ticket was opened again.
    fn may_be_of_before(&self) -> bool {
        let reopen_time = self.ticket.reopen_time();
        may_show_earlier_status(reopen_time, self.app.config.settle_time_ms, self.app.clock.now_ms())
    }

    /// The vendor's refusal, if it refuses.
    async fn close_at_vendor(&self) -> Result<Option<Error>> {
        match self.session.close_ticket(self.cloud_id).await {
            Ok(()) => {
                self.accepted_since_ms().await?;
                Ok(None)
            }
            Err(error) if error.is(ProblemCode::VendorCloseRefused) => Ok(Some(error)),
            // Keys that may read but not close: a later run would fail too, unless the ticket has ended.
            Err(error) if is_denied(&error) => Ok((self.status().await?.phase != Phase::Ended).then_some(error)),
            Err(error) => Err(error),
        }
    }

    /// Since when the vendor has accepted the close, Unix milliseconds.
    async fn accepted_since_ms(&self) -> Result<i64> {
        self.app.store.record_close_accepted(&self.ticket.id, &self.run.lease, self.app.clock.now_ms()).await
    }

    /// The vendor accepted the close but does not show it: it shows it later, or support has opened the ticket again.
    /// It is not closed again unasked. An archive of a ticket that continues would lack later messages, so the next run
    /// reads the status again. A close that is not visible within the settle time counts as refused.
    async fn not_carried_out(&self, status: &VendorStatus) -> Result<Finished> {
        let since_ms = self.accepted_since_ms().await?;
        let raw = failure::safe_text(&status.raw);
        if since_ms + self.app.config.settle_time_ms <= self.app.clock.now_ms() {
            let message = format!(
                "The vendor accepted the close and shows the ticket in status {raw}, or support has opened it again. \
                 Ask for the close again to end it."
            );
            return Ok(Finished::Refused(Error::new(ProblemCode::VendorCloseRefused, message)));
        }
        let message = format!("The vendor still shows the ticket in status {raw}.");
        Err(pending(ProblemCode::VendorClosePending, message))
    }

    /// Reads the status first: an ended ticket gets no more messages, so one later reading has all of them.
    async fn follow(&self) -> Result<Finished> {
        let status = self.status().await?;
        if status.phase != Phase::Ended || self.may_be_of_before() {
            return Ok(Finished::NotEnded);
        }
        self.archive_ended(&status.raw, self.archive().await?).await
    }

    /// Boxed: it is large, and stands twice in the future of a close.
    fn archive_ended<'s>(&'s self, raw: &'s str, mut archive: ArchiveWriter<'s>) -> BoxFuture<'s, Result<Finished>> {
        Box::pin(async move {
            let read_at_ms = self.app.clock.now_ms();
            let ended_ms = self.app.store.record_close_ended(&self.ticket.id, &self.run.lease, read_at_ms).await?;
            self.pages.set_phase(format!("{ended_ms}-ended"));
            let early = match seeded_bugs::enabled(SeededBug::CommitBeforeMessages) {
                true => Some(self.commit(raw, None, archive.times(), None).await?),
                false => None,
            };
            let recent = self.recent_replies(&archive, read_at_ms);
            let first = self.session.message_page(self.cloud_id, 0).await?;
            let shown = self.store_pages(first, &mut archive, &recent).await?;
            if let Some(reply) = self.missing_reply(&shown.of_replies, read_at_ms).await?
                && !seeded_bugs::enabled(SeededBug::ArchiveWithoutLastReply)
            {
                let message = "The vendor does not show a message yet that was sent just before the close.";
                return Err(
                    pending(ProblemCode::VendorMessagePending, message).with_context("reply.id", reply.as_str())
                );
            }
            let files_until_ms = Some(ended_ms.saturating_add(self.app.config.settle_time_ms));
            match early {
                Some(finished) => Ok(finished),
                None => self.commit(raw, Some(shown.count), archive.times(), files_until_ms).await,
            }
        })
    }

    /// The replies whose settle time had not passed at `read_at_ms`. None begins during a close.
    fn recent_replies(&self, archive: &ArchiveWriter<'_>, read_at_ms: i64) -> Vec<StoredReply> {
        archive.replies().iter().filter(|stored| self.may_lag(stored, read_at_ms)).cloned().collect()
    }

    fn may_lag(&self, stored: &StoredReply, read_at_ms: i64) -> bool {
        stored.lease.until_ms + self.app.config.settle_time_ms > read_at_ms
    }

    /// A reply that the vendor has or may have, that `messages` (read at `read_at_ms`) do not show, and whose settle
    /// time has not passed.
    async fn missing_reply(&self, messages: &[Message], read_at_ms: i64) -> Result<Option<ReplyId>> {
        let replies = self.app.store.replies(&self.ticket.id).await?;
        let missing = replies
            .iter()
            .filter(|stored| self.may_lag(stored, read_at_ms))
            .find(|stored| !is_visible(stored, &replies, messages));
        Ok(missing.map(|stored| stored.reply.id.clone()))
    }

    /// The vendor answers that it has no such ticket. The ticket counts as deleted there, and the stored messages as
    /// its archive, when the status call answers so too and the settle time has passed since the create and since the
    /// start of the close: the vendor's replicas may lag.
    async fn archive_deleted(&self, not_found: Error) -> Result<Finished> {
        let stored = self.app.store.stored_ticket(&self.ticket.id).await?;
        let closing_since = stored.and_then(|stored| stored.closing_since).unwrap_or(i64::MAX);
        let since_ms = self.ticket.create_time.max(closing_since);
        if since_ms.saturating_add(self.app.config.settle_time_ms) > self.app.clock.now_ms() {
            return Err(not_found);
        }
        match self.status().await {
            Err(error) if error.is(ProblemCode::VendorTicketNotFound) => {
                tracing::warn!(
                    ticket.id = %self.ticket.id, vendor = %self.ticket.vendor,
                    "The vendor no longer has the ticket; the stored messages are its archive."
                );
                self.commit(archive::DELETED, None, self.ticket.times, None).await
            }
            _ => Err(not_found),
        }
    }

    /// Keys that may not read the messages: a later run would fail too, so the ticket is reopened. An ended ticket
    /// waits for the permission.
    async fn reading_denied(&self, error: Error) -> Result<Finished> {
        match self.status().await {
            Ok(status) if status.phase == Phase::Ended => Err(error),
            Err(other) if !is_denied(&other) => Err(other),
            _ => Ok(Finished::Refused(error)),
        }
    }

    async fn archive(&self) -> Result<ArchiveWriter<'_>> {
        ArchiveWriter::open(self.app, self.ticket, self.cloud_id, &self.run.lease).await
    }

    /// Reads the conversation from its first page on, and stores each page as it is read. Gives the messages that may
    /// be one of `replies`.
    async fn store_pages(
        &self,
        first: MessagePage,
        archive: &mut ArchiveWriter<'_>,
        replies: &[StoredReply],
    ) -> Result<Shown> {
        let mut reading = Reading::new(self.ticket.vendor);
        let (mut page, mut of_replies) = (first, Vec::new());
        loop {
            let messages = reading.accept(page)?.inspect(|message| {
                if may_show(replies, message) {
                    of_replies.push(message.clone());
                }
            });
            archive.store(messages).await?;
            match reading.next_page()? {
                Some(position) => page = self.session.message_page(self.cloud_id, position).await?,
                None => return Ok(Shown { count: reading.shown(), of_replies }),
            }
        }
    }

    async fn commit(
        &self,
        vendor_status: &str,
        shown_count: Option<u64>,
        times: ConversationTimes,
        files_until_ms: Option<i64>,
    ) -> Result<Finished> {
        let CloseRun { ticket, lease, .. } = self.run;
        let commit = archive::commit(self.app, ticket, lease, vendor_status, shown_count, times, files_until_ms);
        // Boxed: every future around it would be larger than it.
        let closed = Box::pin(commit).await?;
        Ok(Finished::Closed(Box::new(closed)))
    }

    async fn status(&self) -> Result<VendorStatus> {
        self.session.ticket_status(self.cloud_id).await
    }
}

fn is_denied(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported)
}
