//! The post-close recheck: archives messages that the vendor shows only after the close, with a new count and digest.
//!
//! A vendor may show a message later than it accepts it. So each closed ticket is due once more, one settle time after
//! its archive was committed. A recheck causes an event only where it finds a new message.

use std::future::Future;

use tokio::time::timeout_at;

use super::{archive, vendor_write::new_lease};
use crate::{
    app::App,
    domain::{CloudId, Message, Ticket, TicketId},
    error::{Error, ErrorKind, Result, Retry},
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{Lease, Recount},
    vendors::Session,
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
    /// The conversation can't be read any more, for this reason; the archive does not change.
    Ended(Error),
}

/// A failed recheck, by what it may have written.
enum Failed {
    /// No message was written: the lease can be released.
    BeforeStoring(Error),
    /// Writes may still take effect, so the next recheck waits for the lease's end.
    Storing(Error),
}

/// Reads the conversation of a closed ticket again, if that is due, and archives new messages. A failed recheck stays
/// due for a day.
///
/// # Errors
/// The vendor's and the store's failures, and `deadline_reached`.
pub async fn recheck(
    app: &App,
    session: &Session<'_>,
    invocation: &Invocation,
    id: &TicketId,
) -> Result<RecheckOutcome> {
    let lease = new_lease(app, invocation)?;
    let Some(ticket) = app.store.start_recheck(id, app.clock.now_ms(), &lease).await? else {
        return Ok(RecheckOutcome::NotDue);
    };
    let run = Recheck { app, session, invocation, ticket: &ticket, lease: &lease };
    let failed = match run.read_and_store().await {
        Ok(RecheckOutcome::Ended(error)) => {
            tracing::warn!(
                ticket.id = %id, vendor = %ticket.vendor, error = ?error,
                "A closed ticket can't be rechecked; its archive does not change."
            );
            app.store.end_recheck(id, &lease).await?;
            return Ok(RecheckOutcome::Ended(error));
        }
        Ok(outcome) => return Ok(outcome),
        Err(failed) => failed,
    };
    let (Failed::BeforeStoring(error) | Failed::Storing(error)) = &failed;
    if ticket.close_time.unwrap_or_default() + TRIED_FOR_MS <= app.clock.now_ms() {
        tracing::warn!(
            ticket.id = %id, vendor = %ticket.vendor, error = ?error,
            "The recheck of a closed ticket failed for a day; its archive may lack later messages."
        );
        app.store.end_recheck(id, &lease).await?;
    } else if matches!(failed, Failed::BeforeStoring(_)) {
        app.store.postpone_recheck(id, app.clock.now_ms(), &lease).await?;
    }
    let (Failed::BeforeStoring(error) | Failed::Storing(error)) = failed;
    Err(error)
}

struct Recheck<'a> {
    app: &'a App,
    session: &'a Session<'a>,
    invocation: &'a Invocation,
    ticket: &'a Ticket,
    lease: &'a Lease,
}

impl Recheck<'_> {
    async fn read_and_store(&self) -> Result<RecheckOutcome, Failed> {
        let missing_id = || Failed::BeforeStoring(Error::unexpected("A closed ticket has no vendor's id."));
        let cloud_id = self.ticket.cloud_id.as_ref().ok_or_else(missing_id)?;
        let messages = match self.in_time(self.session.list_messages(cloud_id)).await {
            Ok(messages) => messages,
            Err(error) => return self.unreadable(cloud_id, error).await.map_err(Failed::BeforeStoring),
        };
        let stored = self.in_time(self.store(cloud_id, messages)).await;
        stored.map(|()| RecheckOutcome::Complete).map_err(Failed::Storing)
    }

    /// Ends the recheck where the vendor no longer has the ticket, or the keys may not read it. A missing ticket counts
    /// only when the vendor's status call reports it too.
    async fn unreadable(&self, cloud_id: &CloudId, error: Error) -> Result<RecheckOutcome> {
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::Unsupported => Ok(RecheckOutcome::Ended(error)),
            _ if error.is(ProblemCode::VendorTicketNotFound) => {
                match self.in_time(self.session.ticket_status(cloud_id)).await {
                    Err(again) if again.is(ProblemCode::VendorTicketNotFound) => Ok(RecheckOutcome::Ended(error)),
                    _ => Err(error),
                }
            }
            _ => Err(error),
        }
    }

    /// Stores new messages, and commits a new count where the archive holds more than was committed. An earlier recheck
    /// that was interrupted may have stored some of them.
    async fn store(&self, cloud_id: &CloudId, messages: Vec<Message>) -> Result<()> {
        let Self { app, ticket, lease, .. } = *self;
        let mut archived = app.store.archived_orders(&ticket.id).await?;
        archive::store_new_messages(app, ticket, cloud_id, messages, &mut archived).await?;
        if u64::try_from(archived.len()).ok() == ticket.message_count {
            return app.store.end_recheck(&ticket.id, lease).await;
        }
        let (message_count, digest) = archive::digest(app, &ticket.id).await?;
        let recount = Recount { ticket, lease, message_count, digest: &digest };
        if app.store.commit_recount(&recount).await? {
            tracing::info!(
                ticket.id = %ticket.id, vendor = %ticket.vendor, message_count, before = ticket.message_count,
                "Messages that the vendor showed after the close are archived."
            );
        }
        Ok(())
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        timeout_at(self.invocation.deadline, work).await.unwrap_or_else(|_| {
            Err(Error::new(ProblemCode::DeadlineReached, "The run's time is up.")
                .with_retry(Retry::Yes { after: None }))
        })
    }
}
