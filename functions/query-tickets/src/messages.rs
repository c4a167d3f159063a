//! A ticket's conversation: the archive once it is closed, the vendor's own list before.

use http::Response;
use shared::{
    access::with_keys,
    app::App,
    domain::{ArchivedMessage, MessagePosition, Ticket, TicketState, place_messages},
    error::{Error, Result},
    http::{Fields, HttpCall, Invocation, page::Cursors},
    store::{MAX_PAGE_BYTES, Page},
};

/// Answers the page that the query string asks for, oldest message first.
///
/// A cursor holds on when the ticket is closed between two pages: both lists have the same order.
pub async fn list(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.path_id()?;
    let mut fields = Fields::of_query(&call.query);
    let (limit, cursor) = fields.page();
    fields.finish(|| Some(()))?;

    let ticket = crate::existing(app, &id).await?;
    let cursors = Cursors::new(&app.config.cursor_key, format!("/tickets/{}/messages", ticket.id));
    let after: Option<MessagePosition> = cursors.position(cursor.as_deref())?;
    cursors.answer(if ticket.state == TicketState::Closed {
        app.store.messages(&ticket.id, limit, after.as_ref()).await?
    } else {
        at_vendor(app, &call.invocation, &ticket, limit, after.as_ref()).await?
    })
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
        let message =
            format!("The ticket is {state}: it has no messages before the vendor is known to have it.");
        return Err(Error::conflict(message).with_code("ticket_not_open"));
    };
    let account = app.store.account(&ticket.custom_id).await?;
    let account = account
        .ok_or_else(|| Error::conflict("The ticket's account is gone.").with_code("account_not_found"))?;
    let vendor = app.vendors.get(account.vendor);
    let messages = with_keys(app, &account, invocation.deadline, |access| async move {
        vendor.list_messages(&access, cloud_id).await
    })
    .await?;
    let rest = place_messages(messages)
        .into_iter()
        .filter(|(position, _)| after.is_none_or(|after| position > after));
    let mut page = Page { items: Vec::new(), next: None };
    let (mut bytes, mut last) = (0, None);
    for (position, message) in rest {
        bytes += message.content.len();
        if page.items.len() == limit || (bytes > MAX_PAGE_BYTES && !page.items.is_empty()) {
            page.next = last;
            break;
        }
        page.items.push(ArchivedMessage::new(&ticket.id, cloud_id, message));
        last = Some(position);
    }
    Ok(page)
}
