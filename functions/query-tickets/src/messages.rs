//! A ticket's conversation: the archive once it is closed, the vendor's own list before.

use http::{Response, StatusCode};
use shared::{
    access::with_keys,
    app::App,
    domain::{ArchivedMessage, MessagePosition, Ticket, TicketState, place_messages},
    error::{Error, Result},
    http::{
        Fields, HttpCall, Invocation, json,
        page::{DEFAULT_LIMIT, ListBody, MAX_LIMIT, decode_cursor, encode_cursor},
    },
    store::Page,
};

/// Answers the page that the query string asks for, oldest message first.
///
/// A cursor holds on when the ticket is closed between two pages: both lists have the same order.
pub async fn list(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.path_id()?;
    let mut fields = Fields::of_query(&call.query);
    let limit = fields
        .optional_integer("limit", 1, MAX_LIMIT)
        .unwrap_or(DEFAULT_LIMIT);
    let cursor = fields.optional_parsed("cursor", |text| Ok(text.to_owned()));
    let (limit, cursor) = fields.finish(|| Some((usize::try_from(limit).ok()?, cursor)))?;

    let ticket = crate::existing(app, &id).await?;
    let scope = format!("/tickets/{}/messages", ticket.id);
    let key = &app.config.cursor_key;
    let after: Option<MessagePosition> = cursor
        .map(|cursor| decode_cursor(key, &scope, &cursor))
        .transpose()?;
    let page = if ticket.state == TicketState::Closed {
        app.store.messages(&ticket.id, limit, after.as_ref()).await?
    } else {
        at_vendor(app, &call.invocation, &ticket, limit, after.as_ref()).await?
    };
    let next_cursor = page
        .next
        .map(|next| encode_cursor(key, &scope, &next))
        .transpose()?;
    json(
        StatusCode::OK,
        &ListBody {
            items: page.items,
            next_cursor,
        },
    )
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
    let mut rest: Vec<_> = place_messages(messages)
        .into_iter()
        .filter(|(position, _)| after.is_none_or(|after| position > after))
        .collect();
    let more = rest.len() > limit;
    rest.truncate(limit);
    let next = rest.last().filter(|_| more).map(|(position, _)| position.clone());
    let items = rest
        .into_iter()
        .map(|(_, message)| ArchivedMessage::new(&ticket.id, cloud_id, message))
        .collect();
    Ok(Page { items, next })
}
