//! A ticket's conversation: the copy of it, which is the archive once the ticket is closed.

use http::Response;
use serde::Serialize;
use shared::{
    app::App,
    domain::{ArchivedMessage, MessagePosition, MessageType, Reply, ReplyState, TicketState, archive::payload_bytes},
    error::{Error, Result},
    http::{Fields, HttpCall, found, not_erased, page::Cursors},
    problem_code::ProblemCode,
    store::{Page, StoredReply, StoredTicket},
    workflow::{
        copy::{self, CopyOutcome},
        existing_account,
    },
};

use crate::attachments::views;

/// The most bytes of the pending replies in an answer as Lambda counts them, beside a full page: an answer has
/// 6,291,556.
const MAX_PENDING_BYTES: usize = 1_000_000;

/// A copy that is younger is not made again, whoever asks, milliseconds: one caller's polling must not use up the
/// account's calls.
const MIN_AGE_MS: i64 = 10_000;

/// Answers the page that the query string asks for, oldest message first. The conversation of an open ticket is copied
/// before, where it was never copied, or where the caller asks for it.
///
/// A cursor stays valid while messages are added and when the ticket is closed: a message's position never changes.
pub async fn list(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.ticket_id()?;
    let mut fields = Fields::of_query(&call.query);
    let (limit, cursor) = fields.page();
    let refresh = fields.optional_parsed("refresh", read_flag).unwrap_or_default();
    fields.finish(|| Some(()))?;
    let cursors = Cursors::new(&app.config.cursor_key, format!("/tickets/{id}/messages"));
    let after: Option<MessagePosition> = cursors.position(cursor.as_deref())?;

    let stored = found(app.store.stored_ticket(&id).await?, ProblemCode::TicketNotFound)?;
    not_erased(&stored.ticket)?;
    if stored.ticket.cloud_id.is_none() {
        let state = stored.ticket.state.as_str();
        let message = format!("The ticket is {state}: it has no messages before the vendor is known to have it.");
        return Err(Error::new(ProblemCode::TicketNotOpen, message));
    }
    let as_of = as_of(app, call, &stored, refresh).await?;
    let page = app.store.messages(&id, limit, after.as_ref()).await?;
    let replies = app.store.replies(&id).await?;
    let mut bytes = 0;
    let fits = |reply: &Reply| {
        bytes += payload_bytes(reply);
        bytes <= MAX_PENDING_BYTES
    };
    let pending = replies.into_iter().filter(|reply| is_pending(reply, as_of, &page.items)).map(|stored| stored.reply);
    let pending_replies = pending.take_while(fits).collect();
    let page = Page { items: views(app, &stored.ticket, page.items).await?, next: page.next };
    cursors.answer_with(page, Conversation { as_of, pending_replies })
}

fn read_flag(text: &str) -> std::result::Result<bool, String> {
    text.parse().map_err(|_| "must be true or false".to_owned())
}

/// What stands beside a page of messages.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conversation {
    /// When the vendor was last read completely, Unix milliseconds: the messages are those that it showed then. Absent
    /// while the first copy is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<i64>,
    /// Replies that the messages may lack, the oldest first, as many as fit in the answer: of unknown outcome, or sent
    /// since about `as_of`. Left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending_replies: Vec<Reply>,
}

/// When the copy was made that is answered, Unix milliseconds.
async fn as_of(app: &App, call: &HttpCall, stored: &StoredTicket, refresh: bool) -> Result<Option<i64>> {
    let (ticket, as_of) = (&stored.ticket, stored.copy.as_of);
    if ticket.state == TicketState::Closed {
        return Ok(ticket.close_time);
    }
    let is_old = as_of.is_none_or(|as_of| refresh && as_of + MIN_AGE_MS <= app.clock.now_ms());
    if ticket.state != TicketState::Open || !is_old {
        return Ok(as_of);
    }
    let account = existing_account(app, &ticket.account_id).await?;
    // The calls leave every second slot of the account's pace to other work.
    let session = app.session(&account, call.invocation.deadline).yielding();
    match copy::copy(app, session, &call.invocation, &ticket.id, as_of).await {
        // What was copied before stays.
        Ok(CopyOutcome::NotAtVendor(_)) if as_of.is_some() => return Ok(as_of),
        Ok(CopyOutcome::NotAtVendor(error)) => return Err(error),
        Err(error) if !error.is(ProblemCode::CloseLeaseLost) => return Err(error),
        _ => {}
    }
    Ok(app.store.stored_ticket(&ticket.id).await?.and_then(|stored| stored.copy.as_of))
}

/// Whether the reply has no outcome yet, or the messages may lack it: the vendor may have taken it until its lease
/// ended, and the page does not show it.
fn is_pending(stored: &StoredReply, as_of: Option<i64>, page: &[ArchivedMessage]) -> bool {
    let StoredReply { reply, lease, .. } = stored;
    let is_it = |message: &ArchivedMessage| {
        let has_text = message.message_type == MessageType::Customer && message.content == reply.content;
        reply.message_id.as_ref().map_or(has_text, |id| message.message_id == *id)
    };
    let may_be_newer = || as_of.is_none_or(|as_of| lease.until_ms > as_of) && !page.iter().any(is_it);
    reply.state != ReplyState::Sent || may_be_newer()
}
