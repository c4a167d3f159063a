//! Withdrawing a message: what must be known before, and whether an attempt of unknown outcome did it.

use super::{ReconcileOutcome, match_messages::is_sent_without_id, reconcile_reply::reconcile_reply};
use crate::{
    app::App,
    domain::{ArchivedMessage, CloudId, ReplyState, Ticket},
    error::{Error, Result},
    problem_code::ProblemCode,
    store::Lease,
    vendors::{Session, text::same_text},
};

/// Whether an earlier attempt did it, as the vendor shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WasDone {
    /// It did.
    Yes,
    /// It did not, and will not any more.
    No,
    /// Nothing tells yet.
    Unknown,
}

/// Checks that each reply which may be the message has its outcome: it could not be found any more without the message.
/// A vendor may show a reply with another text, so each reply without an outcome may be it; and so may one of its text
/// that the vendor accepted without an id. Each of those costs a read of the conversation, also once it was shown.
///
/// # Errors
/// `reply_pending`, and the store's failures.
pub async fn check_replies(app: &App, session: &Session<'_>, ticket: &Ticket, message: &ArchivedMessage) -> Result<()> {
    for stored in app.store.replies(&ticket.id).await? {
        let may_be_it = is_sent_without_id(&stored) && same_text(&stored.reply.content, &message.content);
        if !stored.reply.state.is_in_flight() && !may_be_it {
            continue;
        }
        let is_running = stored.reply.state == ReplyState::Sending && stored.lease.until_ms > app.clock.now_ms();
        let outcome = match is_running {
            true => ReconcileOutcome::Unknown(None),
            false => reconcile_reply(app, session, ticket, &stored).await?,
        };
        // A person decides about an indeterminate one, by the candidates that are stored with it.
        if let ReconcileOutcome::Unknown(_) = outcome {
            return Err(Error::new(ProblemCode::ReplyPending, ProblemCode::ReplyPending.meaning()));
        }
    }
    Ok(())
}

/// Whether the attempt of `lease`, which began at `began_ms`, has withdrawn the message, as the conversation shows it.
///
/// A message with the same time and text under another id is the same one: Huawei Cloud gives ids in some lists only.
///
/// # Errors
/// When the vendor can't be read.
pub(super) async fn is_withdrawn(
    app: &App,
    session: &Session<'_>,
    cloud_id: &CloudId,
    message: &ArchivedMessage,
    (lease, began_ms): (&Lease, i64),
) -> Result<WasDone> {
    // The copy has seen another text in its place, which may be the vendor's note of the withdrawal.
    if message.revisions.iter().any(|revision| revision.replaced_time >= began_ms) {
        return Ok(WasDone::Unknown);
    }
    let read_at_ms = app.clock.now_ms();
    let shown = session.list_messages(cloud_id).await?;
    let is_same = |text: &str, time: i64| time == message.create_time && same_text(text, &message.content);
    if shown.iter().any(|shown| is_same(&shown.content, shown.create_time)) {
        let may_lag = lease.until_ms + app.config.settle_time_ms > read_at_ms;
        return Ok(if may_lag { WasDone::Unknown } else { WasDone::No });
    }
    // No vendor documents whether it removes the message or replaces its text.
    let has_other_text = shown.iter().any(|shown| shown.message_id == message.message_id);
    Ok(if has_other_text { WasDone::Unknown } else { WasDone::Yes })
}
