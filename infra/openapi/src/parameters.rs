//! Parameters of paths, queries and headers, with the limits that the code checks.

use query_catalog::entries::SEARCH_RULE;
use query_tickets::{list::MAX_TIME_MS, statistics::MAX_DAYS};
use serde_json::{Value, json};
use shared::{
    domain::{
        Day,
        id::{ID_PATTERN, MAX_ID_CHARS},
    },
    http::{
        idempotency::MAX_KEY_CHARS,
        page::{DEFAULT_LIMIT, MAX_LIMIT},
    },
};

use crate::schemas::reference;

/// The parameters that several routes take, by their names in the document.
pub fn shared() -> Value {
    json!({
        "limit": query("limit", "How many items the page holds at most.", json!({
            "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT,
        })),
        "cursor": query(
            "cursor",
            "The `next_cursor` of the page before. It belongs to this list and these filters; anything else is \
             `invalid_cursor`.",
            json!({"type": "string", "minLength": 1}),
        ),
        "type": query("type", "Only of this vendor.", reference("Vendor")),
        "requiredKey": key(
            true,
            "A new one for each new request, for example a UUID, and the same one for its retries: the same key and \
             body give the first answer again. A key is remembered for 24 hours at least, and belongs to the stack, \
             not to a caller.",
        ),
        "key": key(
            false,
            "With it the same key and body give the first answer again, for 24 hours at least. It belongs to the \
             stack, not to a caller.",
        ),
    })
}

/// A reference to one of the parameters that routes share.
pub fn common(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// The path's `{id}`.
pub fn path_id(of: &str) -> Value {
    json!({"name": "id", "in": "path", "required": true, "description": of, "schema": id()})
}

/// The schema of an id.
pub fn id() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARS, "pattern": ID_PATTERN})
}

/// The filters of `GET /tickets`, without those that other lists have too.
pub fn ticket_filters() -> Vec<Value> {
    let time = json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": MAX_TIME_MS});
    vec![
        query("custom_id", "Only of the account with this id.", id()),
        common("type"),
        query("status", "`1`: not complete, `0`: closed and archived.", reference("TicketStatus")),
        query("state", "Only in this state.", reference("TicketState")),
        query("awaiting", "Only where this side must write next.", reference("Awaiting")),
        query("from", "Created at this time or later, Unix milliseconds.", time.clone()),
        query("to", "Created before this time, Unix milliseconds.", time.clone()),
        query(
            "updated_since",
            "Changed at this time or later, by `update_time`, Unix milliseconds. Clocks may differ by some seconds.",
            time,
        ),
    ]
}

/// Whether the vendor is read before the copy is answered.
pub fn refresh() -> Value {
    let schema = json!({"type": "boolean", "default": false});
    query("refresh", "Whether the vendor is read before, where the copy is older than 10 seconds.", schema)
}

/// The filters of `GET /statistics`.
pub fn statistics_filters() -> Vec<Value> {
    let day = |name, description: String| {
        let schema = json!({"type": "string", "pattern": Day::PATTERN, "examples": ["2026-01-15"]});
        let mut parameter = query(name, &description, schema);
        parameter["required"] = json!(true);
        parameter
    };
    vec![
        day("from", "The first day, UTC.".to_owned()),
        day("to", format!("The last day, UTC: `from`, or at most {} days after it.", MAX_DAYS - 1)),
        common("type"),
        query("custom_id", "Only of the account with this id.", id()),
    ]
}

/// The filters of the catalog's lists; problem types have a product besides.
pub fn entry_filters(with_product: bool) -> Vec<Value> {
    let mut filters = vec![
        common("type"),
        query("site", "Only of the vendor's site.", reference("Site")),
        query("q", "Only where the name holds this text, in any case.", SEARCH_RULE.schema().to_value()),
    ];
    if with_product {
        filters.push(query("product_id", "Only of the product with this id.", id()));
    }
    filters
}

fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

fn key(required: bool, description: &str) -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARS, "pattern": "^[!-~]+$"},
        "example": "0b0c9f4e-6a36-4e1e-9a57-2f0b1d6f7c1d",
    })
}
