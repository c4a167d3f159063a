//! A ticket's conversation: the archive once it is closed, the vendor's own list before.

use std::sync::Arc;

use http::Response;
use serde::Serialize;
use shared::{
    app::App,
    conversation_cache,
    domain::{
        ArchivedMessage, CloudId, KnownMessages, Message, MessagePosition, Placement, Reply, ReplyState, Ticket,
        TicketState, archive::payload_bytes,
    },
    error::{Error, Result},
    http::{Fields, HttpCall, found, page::Cursors},
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{MAX_PAGE_BYTES, Page},
    vendors::Messages,
    workflow::existing_account,
};

/// The most bytes of the pending replies in an answer as Lambda counts them, beside a full page: an answer has
/// 6,291,556.
const MAX_PENDING_BYTES: usize = 1_000_000;

/// Answers the page that the query string asks for, oldest message first.
///
/// A cursor stays valid when the ticket is closed between two pages: both lists have the same order. Only messages of
/// the same time may have other order numbers in the archive, where the vendor showed one of them with a delay or
/// twice, or cut a list between them: a page may then skip or repeat them.
pub async fn list(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.ticket_id()?;
    let mut fields = Fields::of_query(&call.query);
    let (limit, cursor) = fields.page();
    fields.finish(|| Some(()))?;

    let ticket = found(app.store.ticket(&id).await?, ProblemCode::TicketNotFound)?;
    let cursors = Cursors::new(&app.config.cursor_key, format!("/tickets/{}/messages", ticket.id));
    let after: Option<MessagePosition> = cursors.position(cursor.as_deref())?;
    let page = if ticket.state == TicketState::Closed {
        app.store.messages(&ticket.id, limit, after.as_ref()).await?
    } else {
        at_vendor(app, &call.invocation, &ticket, limit, after.as_ref()).await?
    };
    let replies = app.store.replies(&ticket.id).await?.into_iter().map(|stored| stored.reply);
    let mut bytes = 0;
    let fits = |reply: &Reply| {
        bytes += payload_bytes(reply);
        bytes <= MAX_PENDING_BYTES
    };
    let pending_replies = replies.filter(|reply| reply.state != ReplyState::Sent).take_while(fits).collect();
    cursors.answer_with(page, Pending { pending_replies })
}

/// What stands beside a page of messages.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pending {
    /// Replies of which is not known whether the vendor has them, the oldest first, as many as fit in the answer; left
    /// out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending_replies: Vec<Reply>,
}

async fn at_vendor(
    app: &App,
    invocation: &Invocation,
    ticket: &Ticket,
    limit: usize,
    after: Option<&MessagePosition>,
) -> Result<Page<ArchivedMessage, MessagePosition>> {
    let Some(cloud_id) = &ticket.cloud_id else {
        let state = ticket.state.as_str();
        let message = format!("The ticket is {state}: it has no messages before the vendor is known to have it.");
        return Err(Error::new(ProblemCode::TicketNotOpen, message));
    };
    let mut conversation = read(app, invocation, ticket, cloud_id).await?.peekable();
    let (mut page, mut bytes, mut last) = (Page { items: Vec::new(), next: None }, 0, None);
    // A message's position depends on those of its millisecond alone.
    while let Some(first) = conversation.next() {
        let mut moment = vec![first];
        while let Some(next) = conversation.next_if(|next| next.create_time == moment[0].create_time) {
            moment.push(next);
        }
        let placements = KnownMessages::default().place(&moment);
        for (message, placement) in moment.into_iter().zip(placements) {
            let Placement::New(position) = placement else { continue };
            if after.is_some_and(|after| position <= *after) {
                continue;
            }
            let message = ArchivedMessage::new(&ticket.id, cloud_id, message);
            bytes += message.payload_bytes();
            if page.items.len() == limit || (bytes > MAX_PAGE_BYTES && !page.items.is_empty()) {
                return Ok(Page { next: last, ..page });
            }
            page.items.push(message);
            last = Some(position);
        }
    }
    Ok(page)
}

/// The ticket's messages at the vendor, or as they were up to 10 seconds ago, oldest first. The calls leave every
/// second slot of the account's pace to other work.
async fn read(app: &App, invocation: &Invocation, ticket: &Ticket, cloud_id: &CloudId) -> Result<Messages> {
    let now_ms = app.clock.now_ms();
    if let Some(kept) = app.conversations.get(&ticket.id, now_ms) {
        return Ok(of_kept(kept));
    }
    let account = existing_account(app, &ticket.account_id).await?;
    let session = app.session(&account, invocation.deadline).yielding();
    let mut messages = session.conversation(cloud_id).await?;
    let (mut first, mut bytes) = (Vec::new(), 0);
    while let Some(message) = messages.next() {
        bytes += conversation_cache::bytes_of(&message);
        first.push(message);
        if bytes > conversation_cache::MAX_BYTES {
            return Ok(Box::new(first.into_iter().chain(messages)));
        }
    }
    let all = Arc::new(first);
    // A slow reading may take longer than a copy is kept.
    app.conversations.put(&ticket.id, Arc::clone(&all), app.clock.now_ms());
    Ok(of_kept(all))
}

fn of_kept(messages: Arc<Vec<Message>>) -> Messages {
    Box::new((0..messages.len()).map(move |place| messages[place].clone()))
}
