//! The post-close recheck: archives messages that the vendor shows only after the close, with a new count and digest.
//!
//! A vendor may show a message later than it accepts it. So each closed ticket is due once more, one settle time after
//! its archive was committed. A recheck causes an event only where it finds a new message.

use std::{future::Future, sync::Arc};

use tokio::time::timeout_at;

use super::{
    archive::{self, ArchiveWriter},
    ticket_pages::TicketPages,
    vendor_write::new_lease,
};
use crate::{
    app::App,
    domain::{CloudId, ConversationTimes, Ticket, TicketId},
    error::{Error, ErrorKind, Result, Retry},
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{Lease, Recount},
    vendors::{Reading, Session},
};

/// How long after the close a failed recheck is repeated, milliseconds: a day.
const TRIED_FOR_MS: i64 = 24 * 60 * 60 * 1000;

/// The result of a recheck that did not fail.
#[derive(Debug)]
pub enum RecheckOutcome {
    /// It is not due, or another run has it.
    NotDue,
    /// The archive is complete.
    Complete,
    /// The conversation can't be read any more, for this reason: the archive is what is stored.
    Ended(Error),
}

enum Failure {
    /// The conversation can't be read any more.
    Unreadable(Error),
    /// Every write of messages has ended.
    NoWritePending(Error),
    /// A write of messages may take effect until the lease is released, so that nothing can be counted now.
    WritePending(Error),
}

/// Reads the conversation of a closed ticket again, if that is due, and archives new messages. A vendor that can't be
/// read for a day ends the recheck.
///
/// # Errors
/// The vendor's and the store's failures, and `deadline_reached`.
pub async fn recheck(
    app: &App,
    session: Session<'_>,
    invocation: &Invocation,
    id: &TicketId,
) -> Result<RecheckOutcome> {
    let lease = new_lease(app, invocation)?;
    let Some(ticket) = app.store.start_recheck(id, app.clock.now_ms(), &lease).await? else {
        return Ok(RecheckOutcome::NotDue);
    };
    let session = session.saving_pages(Arc::new(TicketPages::of_recheck(app, &ticket)));
    let run = Recheck { app, session: &session, invocation, ticket: &ticket, lease: &lease };
    let Err(failure) = run.read_and_store().await else { return Ok(RecheckOutcome::Complete) };
    let is_over = ticket.close_time.unwrap_or_default() + TRIED_FOR_MS <= app.clock.now_ms();
    match failure {
        Failure::Unreadable(error) => {
            tracing::warn!(
                ticket.id = %id, vendor = %ticket.vendor, error = ?error,
                "A closed ticket can't be rechecked; its archive is what is stored."
            );
            run.in_time(finish(app, &ticket, &lease, None, ticket.times)).await?;
            Ok(RecheckOutcome::Ended(error))
        }
        Failure::NoWritePending(error) if is_over => {
            tracing::warn!(
                ticket.id = %id, vendor = %ticket.vendor, error = ?error,
                "The recheck of a closed ticket failed for a day; its archive may lack later messages."
            );
            run.in_time(finish(app, &ticket, &lease, None, ticket.times)).await?;
            Err(error)
        }
        Failure::NoWritePending(error) | Failure::WritePending(error) => {
            app.store.postpone_recheck(id, app.clock.now_ms(), &lease).await?;
            Err(error)
        }
    }
}

/// Ends the recheck of a ticket whose account was removed: the archive is what is stored. While another run has the
/// lease the recheck stays due.
///
/// # Errors
/// The store's failures.
pub async fn end(app: &App, invocation: &Invocation, id: &TicketId) -> Result<()> {
    let lease = new_lease(app, invocation)?;
    match app.store.start_recheck(id, app.clock.now_ms(), &lease).await? {
        Some(ticket) => finish(app, &ticket, &lease, None, ticket.times).await,
        None => Ok(()),
    }
}

/// Commits a new count and digest where the archive is another than was committed, and ends the recheck: an earlier
/// recheck that was interrupted may have stored some messages.
async fn finish(
    app: &App,
    ticket: &Ticket,
    lease: &Lease,
    shown_count: Option<u64>,
    times: ConversationTimes,
) -> Result<()> {
    let contents = archive::contents(app, &ticket.id).await?;
    // A file that was stored late may have made it due before the settle time is over.
    let settled_ms = ticket.close_time.unwrap_or_default().saturating_add(app.config.settle_time_ms);
    let next_ms = (app.clock.now_ms() < settled_ms).then_some(settled_ms);
    if Some(&contents.digest) == ticket.digest.as_ref() {
        return app.store.end_recheck(&ticket.id, lease, next_ms).await;
    }
    let message_count = contents.message_count;
    let recount = Recount { ticket, lease, contents, shown_count, times, next_ms };
    if !app.store.commit_recount(&recount).await? {
        // Another file was stored since the archive was read: the next recheck commits both.
        return app.store.release_recheck(&ticket.id, lease).await;
    }
    tracing::info!(
        ticket.id = %ticket.id, vendor = %ticket.vendor, message_count, before = ticket.message_count,
        "Messages or files that came after the close are archived."
    );
    Ok(())
}

struct Recheck<'a> {
    app: &'a App,
    session: &'a Session<'a>,
    invocation: &'a Invocation,
    ticket: &'a Ticket,
    lease: &'a Lease,
}

impl Recheck<'_> {
    async fn read_and_store(&self) -> Result<(), Failure> {
        let missing_id = || Failure::NoWritePending(Error::unexpected("A closed ticket has no vendor's id."));
        let cloud_id = self.ticket.cloud_id.as_ref().ok_or_else(missing_id)?;
        let archive = ArchiveWriter::open(self.app, self.ticket, cloud_id, self.lease);
        let mut archive = self.in_time(archive).await.map_err(Failure::NoWritePending)?;
        let mut reading = Reading::new(self.ticket.vendor);
        while let Some(position) = reading.next_page().map_err(Failure::NoWritePending)? {
            let page = match self.in_time(self.session.message_page(cloud_id, position)).await {
                Ok(page) => page,
                Err(error) => return Err(self.read_failure(cloud_id, error).await),
            };
            let messages = reading.accept(page).map_err(Failure::NoWritePending)?;
            self.in_time(archive.store(messages)).await.map_err(Failure::WritePending)?;
        }
        let shown_count = Some(reading.shown());
        self.in_time(finish(self.app, self.ticket, self.lease, shown_count, archive.times()))
            .await
            .map_err(Failure::WritePending)
    }

    /// A missing ticket counts only when the vendor's status call reports it too.
    async fn read_failure(&self, cloud_id: &CloudId, error: Error) -> Failure {
        let is_missing = |error: &Error| error.is(ProblemCode::VendorTicketNotFound);
        let unreadable = match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::Unsupported => true,
            _ if is_missing(&error) => {
                self.in_time(self.session.ticket_status(cloud_id)).await.is_err_and(|again| is_missing(&again))
            }
            _ => false,
        };
        if unreadable { Failure::Unreadable(error) } else { Failure::NoWritePending(error) }
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        timeout_at(self.invocation.deadline, work).await.unwrap_or_else(|_| {
            Err(Error::new(ProblemCode::DeadlineReached, "The run's time is up.")
                .with_retry(Retry::Yes { after: None }))
        })
    }
}
