//! Lists of tickets, newest first.

use http::{Response, StatusCode};
use shared::{
    app::App,
    domain::{TicketState, TicketStatus, Vendor},
    error::Result,
    http::{
        Fields, json,
        page::{DEFAULT_LIMIT, ListBody, MAX_LIMIT, decode_cursor, encode_cursor},
    },
    store::{TicketFilter, TicketPosition},
};

/// Answers the page that the query string asks for.
pub async fn list(app: &App, query: &[(String, String)]) -> Result<Response<String>> {
    let (filter, limit, cursor) = read(query)?;
    let scope = format!("/tickets {filter:?}");
    let key = &app.config.cursor_key;
    let after: Option<TicketPosition> = cursor
        .map(|cursor| decode_cursor(key, &scope, &cursor))
        .transpose()?;
    let page = app.store.tickets(&filter, limit, after.as_ref()).await?;
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

fn read(query: &[(String, String)]) -> Result<(TicketFilter, usize, Option<String>)> {
    let mut fields = Fields::of_query(query);
    let filter = TicketFilter {
        account: fields.optional_id("custom_id"),
        vendor: fields.optional_parsed("type", read_vendor),
        status: fields.optional_integer("status", 0, 1).map(read_status),
        state: fields.optional_parsed("state", read_state),
        from_ms: fields.optional_integer("from", 0, MAX_TIME_MS),
        to_ms: fields.optional_integer("to", 0, MAX_TIME_MS),
    };
    let limit = fields
        .optional_integer("limit", 1, MAX_LIMIT)
        .unwrap_or(DEFAULT_LIMIT);
    let cursor = fields.optional_parsed("cursor", |text| Ok(text.to_owned()));
    fields.finish(|| Some((filter, usize::try_from(limit).ok()?, cursor)))
}

/// The largest time that store keys hold: 13 digits.
const MAX_TIME_MS: i64 = 9_999_999_999_999;

fn read_status(number: i64) -> TicketStatus {
    if number == 0 {
        TicketStatus::Closed
    } else {
        TicketStatus::NotComplete
    }
}

fn read_vendor(text: &str) -> std::result::Result<Vendor, String> {
    Vendor::from_name(text).ok_or_else(|| "must be ALIBABA, HUAWEI or TENCENT".to_owned())
}

fn read_state(text: &str) -> std::result::Result<TicketState, String> {
    TicketState::from_name(text).ok_or_else(|| {
        let names: Vec<_> = TicketState::ALL.iter().map(|state| state.as_str()).collect();
        format!("must be one of {}", names.join(", "))
    })
}
