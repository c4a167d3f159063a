//! Lists of tickets, newest first.

use http::Response;
use shared::{
    app::App,
    domain::{Awaiting, TicketState, TicketStatus},
    error::Result,
    http::{Fields, HttpCall, fields::MAX_TIME_MS, page::Cursors},
    store::TicketFilter,
};

/// Answers the page that the query string asks for.
pub async fn list(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let mut fields = Fields::of_query(&call.query);
    let filter = TicketFilter {
        accounts: call.access.narrow(fields.optional_id("custom_id")),
        vendor: fields.optional_vendor("type"),
        status: fields.optional_integer("status", 0, 1).map(read_status),
        state: fields.optional_parsed("state", read_state),
        awaiting: fields.optional_parsed("awaiting", read_awaiting),
        from_ms: fields.optional_integer("from", 0, MAX_TIME_MS),
        to_ms: fields.optional_integer("to", 0, MAX_TIME_MS),
        updated_since_ms: fields.optional_integer("updated_since", 0, MAX_TIME_MS),
    };
    let (limit, cursor) = fields.page();
    fields.finish(|| Some(()))?;
    let cursors = Cursors::new(&app.config.cursor_key, format!("/tickets {filter:?}"));
    let after = cursors.position(cursor.as_deref())?;
    let mut page = app.store.tickets(&filter, limit, after.as_ref()).await?;
    // With the longest texts a page would be larger than an answer may be.
    for ticket in &mut page.items {
        ticket.description.clear();
        ticket.extra.clear();
        ticket.candidates.clear();
        ticket.withdrawals.clear();
        for closing in &mut ticket.closings {
            (closing.closed_by, closing.reopened_by) = (None, None);
        }
    }
    cursors.answer(page)
}

fn read_status(number: i64) -> TicketStatus {
    if number == 0 { TicketStatus::Closed } else { TicketStatus::NotComplete }
}

fn read_awaiting(text: &str) -> std::result::Result<Awaiting, String> {
    text.parse().map_err(|_| {
        let names = Awaiting::ALL.map(Awaiting::as_str);
        format!("must be one of {}", names.join(", "))
    })
}

fn read_state(text: &str) -> std::result::Result<TicketState, String> {
    text.parse().map_err(|_| {
        let names: Vec<_> = TicketState::ALL.iter().map(|state| state.as_str()).collect();
        format!("must be one of {}", names.join(", "))
    })
}
