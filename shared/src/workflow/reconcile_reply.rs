//! Reconciles a reply of unknown outcome with the conversation at the vendor, and checks that a reply which the vendor
//! accepted without an id is shown there. It never sends a message.

use super::{
    ReconcileOutcome,
    match_messages::{ReplyMatch, candidates, is_sent_without_id, is_shown, match_reply},
};
use crate::{
    app::App,
    domain::{Candidate, Closing, CloudId, Message, Phase, Reply, ReplyState, Ticket, TicketState},
    error::{Error, Result},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{StoredAnswer, StoredReply},
    telemetry::{self, metrics},
    vendors::{Session, text::same_text},
};

/// How long after the settle time a conversation that can't be read leaves the outcome unknown, milliseconds: a day.
/// Then a person must look at the vendor's console.
const READ_FOR_MS: i64 = 24 * 60 * 60 * 1000;
/// The most candidates that are kept: an item of the table has 400 KB.
const MAX_CANDIDATES: usize = 50;

/// Searches the ticket's messages for the reply, which must be `unknown`, `sending` after its lease, or `sent` without
/// an id of its message.
///
/// # Errors
/// The store's failures. A vendor that can't be read is [`ReconcileOutcome::Unknown`].
pub async fn reconcile_reply(
    app: &App,
    session: &Session<'_>,
    ticket: &Ticket,
    stored: &StoredReply,
) -> Result<ReconcileOutcome> {
    let reply = &stored.reply;
    let cloud_id = ticket.cloud_id.as_ref();
    let cloud_id = cloud_id.ok_or_else(|| Error::unexpected("A ticket with a reply has no vendor's id."))?;
    // The messages show what the vendor received before this time, so it is taken before they are read.
    let read_at_ms = app.clock.now_ms();
    let before = app.store.replies(&reply.ticket_id).await?;
    let may_lag = |stored: &StoredReply| stored.lease.until_ms + app.config.settle_time_ms > read_at_ms;
    let is_given_up = stored.lease.until_ms + app.config.settle_time_ms + READ_FOR_MS <= read_at_ms;
    let (phase, messages) = match read(session, cloud_id, reply).await {
        Ok(read) => read,
        // The messages of a ticket that was deleted at the vendor can't be read again.
        Err(error) if is_given_up || (error.is(ProblemCode::VendorTicketNotFound) && !may_lag(stored)) => {
            return mark_indeterminate(app, ticket, reply, Vec::new()).await;
        }
        Err(error) => {
            tracing::warn!(
                ticket.id = %ticket.id, reply.id = %reply.id, vendor = %ticket.vendor, error = ?error,
                "The vendor's messages could not be read; the outcome of a reply stays unknown."
            );
            return Ok(ReconcileOutcome::Unknown(Some(error)));
        }
    };
    // Until the settle time since the close is over, the vendor may show the status of before.
    let is_settled = stored.undoes_close.is_none_or(|closed_ms| closed_ms + app.config.settle_time_ms <= read_at_ms);
    if phase.is_some_and(Phase::is_open) && is_settled {
        reopen(app, ticket, stored).await?;
    }
    let after = app.store.replies(&reply.ticket_id).await?;
    let waits = |other: &StoredReply| other.reply.state.is_in_flight() || is_sent_without_id(other);
    if !after.iter().any(|other| other.reply.id == reply.id && waits(other)) {
        return Ok(ReconcileOutcome::Superseded);
    }
    if after != before {
        // A reply changed while the messages were read: they may or may not include it.
        return Ok(ReconcileOutcome::Unknown(None));
    }
    let is_sent = is_sent_without_id(stored);
    if is_sent && is_shown(stored, &after, &messages) {
        app.store.mark_reply_shown(&reply.ticket_id, &reply.id).await?;
        return sent_answer(ticket, reply).map(ReconcileOutcome::Found);
    }
    let others: Vec<_> = after.into_iter().filter(|other| other.reply.id != reply.id).collect();
    let equal: Vec<_> = others.iter().filter(|other| same_text(&reply.content, &other.reply.content)).collect();
    let equal_waits = equal.iter().any(|other| other.reply.state.is_in_flight() && may_lag(other));
    // The vendor may not show the message of a recent reply yet, so its match may belong to another reply. The reply
    // may have arrived as late as the end of its lease.
    let equal_lags = equal.iter().any(|other| is_sent_without_id(other) && may_lag(other));
    // A message that can be a reply which is reconciled too explains nothing yet.
    let candidates = candidates(stored, ticket, &others, &messages);
    let other_waits = others
        .iter()
        .filter(|other| other.reply.state.is_in_flight())
        .any(|other| candidates.iter().any(|message| same_text(&other.reply.content, &message.content)));
    let found = if is_sent { ReplyMatch::OtherText } else { match_reply(stored, ticket, &others, &messages) };
    match found {
        ReplyMatch::Found(message_id) => commit_sent(app, ticket, stored, message_id.as_deref(), None).await,
        ReplyMatch::Ambiguous if equal_waits || equal_lags => Ok(ReconcileOutcome::Unknown(None)),
        // The message of its text may show up yet. A sent reply that is not shown is never absent: the vendor accepted
        // it.
        ReplyMatch::OtherText if may_lag(stored) || other_waits => Ok(ReconcileOutcome::Unknown(None)),
        ReplyMatch::Ambiguous | ReplyMatch::OtherText => {
            let candidates = candidates.into_iter().map(|message| {
                let time = message.origin_known.then_some(message.create_time);
                Candidate::new(message.message_id.as_str(), time, &message.content)
            });
            mark_indeterminate(app, ticket, reply, candidates.take(MAX_CANDIDATES).collect()).await
        }
        ReplyMatch::Absent if may_lag(stored) || equal_lags => Ok(ReconcileOutcome::Unknown(None)),
        // The vendor may have opened the ticket for it, and show no message of it.
        ReplyMatch::Absent if phase.is_some_and(|phase| phase != Phase::Ended) || was_opened(ticket, reply) => {
            mark_indeterminate(app, ticket, reply, Vec::new()).await
        }
        ReplyMatch::Absent if app.store.remove_reply(stored).await? => Ok(ReconcileOutcome::Absent),
        ReplyMatch::Absent => Ok(ReconcileOutcome::Superseded),
    }
}

/// The phase of a ticket that the reply opens again, and the messages.
async fn read(session: &Session<'_>, cloud_id: &CloudId, reply: &Reply) -> Result<(Option<Phase>, Vec<Message>)> {
    let status = if reply.reopening { Some(session.ticket_status(cloud_id).await?) } else { None };
    Ok((status.map(|status| status.phase), session.list_messages(cloud_id).await?))
}

/// Whether the ticket was found to be open since a reopening of it was sent.
fn was_opened(ticket: &Ticket, reply: &Reply) -> bool {
    let since = |closing: &Closing| closing.reopen_time.is_some_and(|time| time >= reply.create_time);
    reply.reopening && (ticket.state == TicketState::Open || ticket.closings.iter().any(since))
}

/// Opens the ticket of a reply that was sent for that, unless it was closed again since. Repeating it is safe.
async fn reopen(app: &App, ticket: &Ticket, stored: &StoredReply) -> Result<()> {
    let by = stored.reply.created_by.as_ref();
    if stored.reply.reopening && app.store.reopen_ticket(&ticket.id, stored.undoes_close, None, by).await? {
        tracing::info!(ticket.id = %ticket.id, vendor = %ticket.vendor, "A closed ticket is open again.");
    }
    Ok(())
}

async fn mark_indeterminate(
    app: &App,
    ticket: &Ticket,
    reply: &Reply,
    candidates: Vec<Candidate>,
) -> Result<ReconcileOutcome> {
    if !app.store.mark_reply_indeterminate(&ticket.id, &reply.id, &candidates).await? {
        return Ok(ReconcileOutcome::Superseded);
    }
    metrics::REPLIES_INDETERMINATE.add([], 1);
    tracing::warn!(ticket.id = %ticket.id, reply.id = %reply.id, "Whether the vendor has a reply is indeterminate.");
    Ok(ReconcileOutcome::Indeterminate(indeterminate(reply)))
}

/// `Conflict` with code `reply_indeterminate`: whether the vendor has the reply is not known, and it is not sent again.
pub fn indeterminate(reply: &Reply) -> Error {
    let of_reopening = "The vendor gave no answer to this reopening, and shows the ticket as open without its message. \
                        Look for the message in the vendor's console, then decide with \
                        POST /tickets/{id}/replies/{reply_id}/resolution; after that the Idempotency-Key gives its \
                        result, or is free.";
    let message = "The vendor gave no answer to this message, and the conversation holds messages that may be it. \
                   Compare its candidates in GET /tickets/{id}/messages, then decide with \
                   POST /tickets/{id}/replies/{reply_id}/resolution; after that the Idempotency-Key gives its result.";
    let message = if reply.reopening && reply.candidates.is_empty() { of_reopening } else { message };
    Error::new(ProblemCode::ReplyIndeterminate, message).with_context("reply.id", reply.id.as_str())
}

/// Commits that the vendor accepted the reply. Where it gave no id of the message, the sync checks that the
/// conversation shows it; no vendor documents that it shows the text of a reopening.
///
/// # Errors
/// The store's failures. The reply stays due, and a reconcile finds it among the ticket's messages.
pub async fn commit_accepted(
    app: &App,
    ticket: &Ticket,
    stored: &StoredReply,
    message_id: Option<&str>,
) -> Result<ReconcileOutcome> {
    let must_be_shown = message_id.is_none() && !stored.reply.reopening;
    let is_due = must_be_shown && !seeded_bugs::enabled(SeededBug::ReplyWithoutIdIsProven);
    let check_ms = is_due.then(|| app.clock.now_ms());
    commit_sent(app, ticket, stored, message_id, check_ms).await
}

/// Commits that the vendor has the reply, and gives the answer, which is stored in its idempotency record. Its ticket
/// is opened before, where it was sent for that.
///
/// # Errors
/// The store's failures. The reply stays due, and a reconcile finds it among the ticket's messages.
async fn commit_sent(
    app: &App,
    ticket: &Ticket,
    stored: &StoredReply,
    message_id: Option<&str>,
    check_ms: Option<i64>,
) -> Result<ReconcileOutcome> {
    reopen(app, ticket, stored).await?;
    let answer = sent_answer(ticket, &as_sent(stored, message_id))?;
    let now_ms = app.clock.now_ms();
    let done = app.store.commit_sent(stored, message_id, check_ms, &answer, now_ms).await?;
    Ok(if done { ReconcileOutcome::Found(answer) } else { ReconcileOutcome::Superseded })
}

/// Commits that an `indeterminate` reply is the vendor's message, as a person decided. `None`: it is not
/// `indeterminate` any more.
///
/// # Errors
/// The store's failures; nothing is changed.
pub async fn commit_resolved(
    app: &App,
    ticket: &Ticket,
    stored: &StoredReply,
    message_id: &str,
) -> Result<Option<Reply>> {
    let reply = Reply { resolved_by: telemetry::actor(), ..stored.reply.clone() };
    let stored = &StoredReply { reply, ..stored.clone() };
    reopen(app, ticket, stored).await?;
    let sent = as_sent(stored, Some(message_id));
    let (answer, now_ms) = (sent_answer(ticket, &sent)?, app.clock.now_ms());
    let done = app.store.commit_resolved(stored, message_id, &answer, now_ms).await?;
    Ok(done.then_some(sent))
}

fn as_sent(stored: &StoredReply, message_id: Option<&str>) -> Reply {
    let message_id = message_id.map(str::to_owned);
    Reply { state: ReplyState::Sent, message_id, candidates: Vec::new(), ..stored.reply.clone() }
}

/// `201` with the reply.
///
/// # Errors
/// `Unexpected` where it can't be written as JSON, here and below.
pub fn sent_answer(ticket: &Ticket, reply: &Reply) -> Result<StoredAnswer> {
    StoredAnswer::new(201, location(ticket), reply)
}

/// `202` with the reply as `unknown`.
pub fn unknown_answer(ticket: &Ticket, reply: &Reply) -> Result<StoredAnswer> {
    StoredAnswer::new(202, location(ticket), &Reply { state: ReplyState::Unknown, ..reply.clone() })
}

fn location(ticket: &Ticket) -> Option<String> {
    Some(format!("/tickets/{}/messages", ticket.id))
}
