//! The work of one turn, from wherever the last one stopped.

use std::{collections::HashMap, sync::atomic::Ordering};

use tokio::time::Instant;

use super::Turn;
use crate::{
    access::with_keys,
    app::App,
    domain::{Account, CloudId, Message, Phase, Ticket},
    error::{Error, ErrorKind, Result, Retry},
    problem_code::ProblemCode,
    store::CloseReason,
    vendors::{VendorStatus, failure},
    workflow::{archive, existing_account, visibility},
};

/// How far the work came, where nothing failed.
pub(super) enum Finished {
    /// The archive is committed.
    Closed(Box<Ticket>),
    /// Nobody asked to close the ticket, and it is not ended at the vendor.
    NotEnded,
    /// The vendor refuses to close it.
    Refused(Error),
}

/// Does what is still to be done.
pub(super) async fn finish(app: &App, turn: &Turn) -> Result<Finished> {
    let account = existing_account(app, &turn.ticket.account_id).await?;
    let done = match turn.reason {
        CloseReason::Asked => close(app, turn, &account).await,
        CloseReason::Ended => follow(app, turn, &account).await,
    };
    match done {
        Err(error) if error.is(ProblemCode::VendorTicketNotFound) => {
            archive_deleted(app, turn, &account, error).await
        }
        done => done,
    }
}

async fn close(app: &App, turn: &Turn, account: &Account) -> Result<Finished> {
    let (ticket, deadline) = (&turn.ticket, turn.deadline);
    let cloud_id = cloud_id(ticket)?;
    let mut kept = app.store.archived_orders(&ticket.id).await?;
    if !kept.is_empty() {
        // An earlier turn came as far as storing and may have closed it. Then one reading is all of it, and a conversation that
        // takes most of a turn to read still comes to its end.
        let status = status(app, account, cloud_id, deadline).await?;
        if status.phase == Phase::Ended {
            return archive_ended(app, turn, account, &status, kept).await;
        }
    }
    let messages = match read(app, account, cloud_id, deadline).await {
        Err(error) if is_denied(&error) => return denied(app, turn, account, error).await,
        messages => messages?,
    };
    keep(app, turn, messages, &mut kept).await?;

    if let Some(refusal) = tell_vendor(app, account, cloud_id, deadline).await? {
        return Ok(Finished::Refused(refusal));
    }
    let status = status(app, account, cloud_id, deadline).await?;
    if status.phase != Phase::Ended {
        return not_carried_out(app, turn, &status).await;
    }
    // What was written between the first reading and the close would be lost without a second one.
    archive_ended(app, turn, account, &status, kept).await
}

/// Tells the vendor to close it; its refusal, if it refuses.
async fn tell_vendor(
    app: &App,
    account: &Account,
    cloud_id: &CloudId,
    deadline: Instant,
) -> Result<Option<Error>> {
    let vendor = app.vendors.get(account.vendor);
    let told =
        with_keys(
            app,
            account,
            deadline,
            |access| async move { vendor.close_ticket(&access, cloud_id).await },
        )
        .await;
    match told {
        Ok(()) => Ok(None),
        Err(error) if error.is(ProblemCode::VendorCloseRefused) => Ok(Some(error)),
        // Keys that may read and not close: no later turn would come further, unless it is ended already.
        Err(error) if is_denied(&error) => {
            let status = status(app, account, cloud_id, deadline).await?;
            Ok((status.phase != Phase::Ended).then_some(error))
        }
        Err(error) => Err(error),
    }
}

/// The vendor took the close and does not show it. An archive of a ticket that goes on would lose what comes after, so the next turn
/// asks again; one that is not carried out within the settle time counts as refused.
async fn not_carried_out(app: &App, turn: &Turn, status: &VendorStatus) -> Result<Finished> {
    let now_ms = app.clock.now_ms();
    let since_ms = app.store.record_close_accepted(&turn.ticket.id, &turn.closing, now_ms).await?;
    let raw = failure::safe_text(&status.raw);
    if since_ms + app.config.settle_time_ms <= now_ms {
        let refused =
            Error::conflict(format!("The vendor takes the close but leaves the ticket in status {raw}."))
                .with_code(ProblemCode::VendorCloseRefused);
        return Ok(Finished::Refused(refused));
    }
    let text = format!("The vendor still shows the ticket in status {raw}.");
    Err(pending(ProblemCode::VendorClosePending, text))
}

/// The status comes before the reading: an ended ticket gets no more messages, so one reading is all of them.
async fn follow(app: &App, turn: &Turn, account: &Account) -> Result<Finished> {
    let status = status(app, account, cloud_id(&turn.ticket)?, turn.deadline).await?;
    if status.phase != Phase::Ended {
        return Ok(Finished::NotEnded);
    }
    let kept = app.store.archived_orders(&turn.ticket.id).await?;
    archive_ended(app, turn, account, &status, kept).await
}

async fn archive_ended(
    app: &App,
    turn: &Turn,
    account: &Account,
    status: &VendorStatus,
    mut kept: HashMap<String, usize>,
) -> Result<Finished> {
    let ticket = &turn.ticket;
    let cloud_id = cloud_id(ticket)?;
    let read_at_ms = app.clock.now_ms();
    let messages = read(app, account, cloud_id, turn.deadline).await?;
    if let Some(reply) = visibility::missing_reply(app, ticket, &messages, read_at_ms).await? {
        let text = "The vendor does not show a message yet that was sent just before the close.";
        return Err(pending(ProblemCode::VendorMessagePending, text).with_context("reply.id", reply.as_str()));
    }
    keep(app, turn, messages, &mut kept).await?;
    archive::commit(app, ticket, &turn.closing, Some(&status.raw)).await.map(closed)
}

/// The vendor says that it has no such ticket. If it says so of the status too, and every list and replica of it had the settle time
/// to know better, since the ticket was made and since the close was begun, somebody deleted it there: what was kept is the archive.
async fn archive_deleted(app: &App, turn: &Turn, account: &Account, gone: Error) -> Result<Finished> {
    let ticket = &turn.ticket;
    let stored = app.store.stored_ticket(&ticket.id).await?;
    let closing_since = stored.and_then(|stored| stored.closing_since).unwrap_or(i64::MAX);
    let since_ms = ticket.create_time.max(closing_since);
    if since_ms.saturating_add(app.config.settle_time_ms) > app.clock.now_ms() {
        return Err(gone);
    }
    match status(app, account, cloud_id(ticket)?, turn.deadline).await {
        Err(error) if error.is(ProblemCode::VendorTicketNotFound) => {
            tracing::warn!(ticket.id = %ticket.id, vendor = %ticket.vendor, "The vendor no longer has the ticket; what was kept of it is archived.");
            archive::commit(app, ticket, &turn.closing, Some(archive::DELETED)).await.map(closed)
        }
        _ => Err(gone),
    }
}

async fn keep(
    app: &App,
    turn: &Turn,
    messages: Vec<Message>,
    kept: &mut HashMap<String, usize>,
) -> Result<()> {
    turn.storing.store(true, Ordering::Relaxed);
    archive::keep_new(app, &turn.ticket, cloud_id(&turn.ticket)?, messages, kept).await?;
    turn.storing.store(false, Ordering::Relaxed);
    Ok(())
}

fn is_denied(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported)
}

/// Keys that may not read the messages: no later turn would come further, so the ticket is open again, unless it has ended. Then it
/// waits for the right.
async fn denied(app: &App, turn: &Turn, account: &Account, error: Error) -> Result<Finished> {
    match status(app, account, cloud_id(&turn.ticket)?, turn.deadline).await {
        Ok(status) if status.phase == Phase::Ended => Err(error),
        Err(other) if !is_denied(&other) => Err(other),
        _ => Ok(Finished::Refused(error)),
    }
}

fn closed(ticket: Ticket) -> Finished {
    Finished::Closed(Box::new(ticket))
}

fn pending(code: ProblemCode, text: impl Into<String>) -> Error {
    Error::new(code, text).with_retry(Retry::Yes { after: None })
}

fn cloud_id(ticket: &Ticket) -> Result<&CloudId> {
    ticket.cloud_id.as_ref().ok_or_else(|| Error::unexpected("A closing ticket has no vendor's id."))
}

async fn status(app: &App, account: &Account, cloud_id: &CloudId, deadline: Instant) -> Result<VendorStatus> {
    let vendor = app.vendors.get(account.vendor);
    with_keys(app, account, deadline, |access| async move { vendor.ticket_status(&access, cloud_id).await })
        .await
}

async fn read(app: &App, account: &Account, cloud_id: &CloudId, deadline: Instant) -> Result<Vec<Message>> {
    let vendor = app.vendors.get(account.vendor);
    with_keys(app, account, deadline, |access| async move { vendor.list_messages(&access, cloud_id).await })
        .await
}
