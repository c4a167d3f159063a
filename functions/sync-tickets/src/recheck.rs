//! The second look at a closed ticket: what its vendor shows late is archived too, with a new count and digest.
//!
//! A close reads the conversation once the ticket has ended, and a vendor may show a message later than it takes it. So every closed
//! ticket is due once more, a settle time after its archive was committed. Nothing new is no event; something new is one.

use shared::{
    access::with_keys,
    domain::{CloudId, Message, Ticket, TicketId},
    error::{Error, ErrorKind, Result},
    ids,
    problem_code::ProblemCode,
    store::{Lease, Recount},
    workflow::archive,
};
use tokio::time::timeout_at;

use crate::account::{AccountSync, SyncCounts};

/// How long after the close a look that fails is tried again, milliseconds: a day.
const TRIED_FOR_MS: i64 = 24 * 60 * 60 * 1000;

/// How much longer than the invocation a turn lasts, milliseconds: clocks and last writes.
const TURN_RESERVE_MS: i64 = 5_000;

/// How a look ended.
enum Seen {
    /// The archive is whole, or has become so.
    All,
    /// Nobody can look any more, for that reason.
    NoMore(Error),
}

/// What a look that failed leaves behind.
enum Stopped {
    /// No message was written: the turn can be given back.
    Before(Error),
    /// Writes may still take effect, so the next look waits for the turn's end.
    Storing(Error),
}

/// Reads the conversation of a closed ticket once more, if that is still due, and archives what is new. A look that fails stays due
/// for a day.
pub async fn recheck(sync: &AccountSync<'_>, id: &TicketId) -> Result<SyncCounts> {
    let app = sync.app;
    let now_ms = app.clock.now_ms();
    let left_ms = i64::try_from(sync.invocation.remaining().as_millis()).unwrap_or_default();
    let turn = Lease { token: ids::nonce(&*app.random)?, until_ms: now_ms + left_ms + TURN_RESERVE_MS };
    let Some(ticket) = app.store.start_recheck(id, now_ms, &turn).await? else {
        return Ok(SyncCounts::default());
    };
    let stopped = match look(sync, &ticket, &turn).await {
        Ok(Seen::All) => {
            sync.breaker.answered();
            return Ok(SyncCounts::default());
        }
        Ok(Seen::NoMore(error)) => {
            sync.breaker.failed(&error);
            tracing::warn!(ticket.id = %id, vendor = %ticket.vendor, error = ?error, "A closed ticket can't be looked at once more; its archive stays as it is.");
            app.store.end_recheck(id, &turn).await?;
            return Ok(SyncCounts::default());
        }
        Err(stopped) => stopped,
    };
    let (Stopped::Before(error) | Stopped::Storing(error)) = &stopped;
    if ticket.close_time.unwrap_or_default() + TRIED_FOR_MS <= app.clock.now_ms() {
        tracing::warn!(ticket.id = %id, vendor = %ticket.vendor, error = ?error, "A closed ticket could not be looked at for a day; its archive may lack what was shown late.");
        app.store.end_recheck(id, &turn).await?;
    } else if matches!(stopped, Stopped::Before(_)) {
        app.store.postpone_recheck(id, app.clock.now_ms(), &turn).await?;
    }
    let (Stopped::Before(error) | Stopped::Storing(error)) = stopped;
    Err(error)
}

async fn look(sync: &AccountSync<'_>, ticket: &Ticket, turn: &Lease) -> Result<Seen, Stopped> {
    let cloud_id = ticket.cloud_id.as_ref();
    let cloud_id =
        cloud_id.ok_or_else(|| Stopped::Before(Error::unexpected("A closed ticket has no vendor's id.")))?;
    let messages = match read(sync, cloud_id).await {
        Ok(messages) => messages,
        Err(error) => return no_more(sync, cloud_id, error).await.map_err(Stopped::Before),
    };
    let kept = timeout_at(sync.invocation.deadline, keep(sync, ticket, turn, cloud_id, messages)).await;
    let kept = kept.unwrap_or_else(|_| Err(out_of_time()));
    kept.map(|()| Seen::All).map_err(Stopped::Storing)
}

/// The vendor no longer has the ticket, or the keys may not read it: then nothing more comes of it. One answer that there is no such
/// ticket is not believed.
async fn no_more(sync: &AccountSync<'_>, cloud_id: &CloudId, error: Error) -> Result<Seen> {
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::Unsupported => Ok(Seen::NoMore(error)),
        _ if error.is(ProblemCode::VendorTicketNotFound) => {
            let vendor = sync.app.vendors.get(sync.account.vendor);
            let deadline = sync.invocation.deadline;
            let status = with_keys(sync.app, sync.account, deadline, |access| async move {
                vendor.ticket_status(&access, cloud_id).await
            });
            match timeout_at(deadline, status).await {
                Ok(Err(again)) if again.is(ProblemCode::VendorTicketNotFound) => Ok(Seen::NoMore(error)),
                _ => Err(error),
            }
        }
        _ => Err(error),
    }
}

async fn read(sync: &AccountSync<'_>, cloud_id: &CloudId) -> Result<Vec<Message>> {
    let vendor = sync.app.vendors.get(sync.account.vendor);
    let deadline = sync.invocation.deadline;
    let messages = with_keys(sync.app, sync.account, deadline, |access| async move {
        vendor.list_messages(&access, cloud_id).await
    });
    timeout_at(deadline, messages).await.unwrap_or_else(|_| Err(out_of_time()))
}

/// Stores what is new and counts the archive again where it holds more than was committed: now, or by a look that got no further.
async fn keep(
    sync: &AccountSync<'_>,
    ticket: &Ticket,
    turn: &Lease,
    cloud_id: &CloudId,
    messages: Vec<Message>,
) -> Result<()> {
    let app = sync.app;
    let mut kept = app.store.archived_orders(&ticket.id).await?;
    archive::keep_new(app, ticket, cloud_id, messages, &mut kept).await?;
    if u64::try_from(kept.len()).ok() == ticket.message_count {
        return app.store.end_recheck(&ticket.id, turn).await;
    }
    let (message_count, digest) = archive::digest(app, &ticket.id).await?;
    let recount = Recount { ticket, lease: turn, message_count, digest: &digest };
    if app.store.commit_recount(&recount).await? {
        tracing::info!(ticket.id = %ticket.id, vendor = %ticket.vendor, message_count, before = ticket.message_count, "Messages that the vendor showed after the close are archived.");
    }
    Ok(())
}

fn out_of_time() -> Error {
    Error::unavailable("The run's time is up.").with_code(ProblemCode::DeadlineReached)
}
