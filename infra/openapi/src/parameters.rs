//! Parameters of paths, queries and headers, with the limits that the code checks.

use query_catalog::entries::SEARCH_RULE;
use query_tickets::{audit::ACTOR_RULE, statistics::MAX_DAYS};
use serde_json::{Value, json};
use shared::{
    domain::{
        Day, TranscriptFormat,
        id::{ID_PATTERN, MAX_ID_CHARS},
    },
    http::{
        fields::{MAX_TIME_MS, MESSAGE_ID_RULE},
        idempotency::MAX_KEY_CHARS,
        page::{DEFAULT_LIMIT, MAX_LIMIT},
    },
};

use crate::schemas::reference;

/// `*`, or entity tags with commas between them.
const IF_MATCH_PATTERN: &str = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#;

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
        "ifMatch": {
            "name": "If-Match",
            "in": "header",
            "description": "The `ETag` of the `GET` by which the caller knows what is changed here, or several. If it \
                            was changed since, nothing is done: `precondition_failed`. `*`: whatever it is.",
            "schema": {"type": "string", "pattern": IF_MATCH_PATTERN},
            "example": "\"6f5902ac237024bdd0c176cb93063dc4\"",
        },
        "ifNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "description": "The `ETag` of the answer that the caller has. If it is still the same, the answer is 304 \
                            without a body.",
            "schema": {"type": "string"},
            "example": "\"6f5902ac237024bdd0c176cb93063dc4\"",
        },
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

/// The path's `{message_id}`.
pub fn path_message() -> Value {
    json!({
        "name": "message_id",
        "in": "path",
        "required": true,
        "description": "The vendor's id of the message, as in the conversation.",
        "schema": MESSAGE_ID_RULE.schema(),
    })
}

/// The path's `{id}`.
pub fn path_id(of: &str) -> Value {
    json!({"name": "id", "in": "path", "required": true, "description": of, "schema": id()})
}

/// The schema of an id.
pub fn id() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARS, "pattern": ID_PATTERN})
}

fn time() -> Value {
    json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": MAX_TIME_MS})
}

fn required(mut parameter: Value) -> Value {
    parameter["required"] = json!(true);
    parameter
}

/// The filters of `GET /tickets`, without those that other lists have too.
pub fn ticket_filters() -> Vec<Value> {
    vec![
        query("custom_id", "Only of the account with this id.", id()),
        common("type"),
        query("status", "`1`: not complete, `0`: closed and archived.", reference("TicketStatus")),
        query("state", "Only in this state.", reference("TicketState")),
        query("awaiting", "Only where this side must write next.", reference("Awaiting")),
        query("from", "Created at this time or later, Unix milliseconds.", time()),
        query("to", "Created before this time, Unix milliseconds.", time()),
        query(
            "updated_since",
            "Changed at this time or later, by `update_time`, Unix milliseconds. Clocks may differ by some seconds.",
            time(),
        ),
    ]
}

/// The filters of `GET /audit`.
pub fn audit_filters() -> Vec<Value> {
    let time = json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": MAX_TIME_MS});
    vec![
        query(
            "actor",
            "Only what this caller did: the whole ARN, or the token's `sub`.",
            ACTOR_RULE.schema().to_value(),
        ),
        query("ticket_id", "Only what was done about the ticket with this id.", id()),
        query("custom_id", "Only what was done about the account with this id.", id()),
        query("from", "Begun at this time or later, Unix milliseconds.", time.clone()),
        query("to", "Begun before this time, Unix milliseconds.", time),
    ]
}

/// Whether the vendor is read before the copy is answered.
pub fn refresh() -> Value {
    let schema = json!({"type": "boolean", "default": false});
    query("refresh", "Whether the vendor is read before, where the copy is older than 10 seconds.", schema)
}

/// Whether a ticket is only checked.
pub fn validate_only() -> Value {
    let schema = json!({"type": "boolean", "default": false});
    query("validate_only", "Whether the ticket is only checked: nothing is written, here or at the vendor.", schema)
}

/// The ticket that a form is for.
pub fn form_filters() -> Vec<Value> {
    vec![
        required(query("type", "The vendor.", reference("Vendor"))),
        required(query("product_id", "The product.", id())),
        required(query("product_business_id", "The problem type.", id())),
        query("custom_id", "The account; without it the vendor's first one whose catalog has the problem type.", id()),
    ]
}

/// The form of a transcript.
pub fn transcript_format() -> Value {
    let schema = json!({"type": "string", "enum": TranscriptFormat::NAMES, "default": "html"});
    query("format", "The form of the transcript.", schema)
}

/// The filters of `GET /statistics`.
pub fn statistics_filters() -> Vec<Value> {
    let day = |name, description: String| {
        let schema = json!({"type": "string", "pattern": Day::PATTERN, "examples": ["2026-01-15"]});
        required(query(name, &description, schema))
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
        query(
            "q",
            "Only where the name or `other_name` holds this text, in any case, in pinyin too (`yunfuwuqi`, `yfwq`).",
            SEARCH_RULE.schema().to_value(),
        ),
    ];
    if with_product {
        filters.push(query("product_id", "Only of the product with this id.", id()));
    }
    filters
}

/// The filters of the changes of the catalog.
pub fn change_filters() -> Vec<Value> {
    vec![
        required(query(
            "since",
            "Changed at this time or later, Unix milliseconds. An entry is written some seconds after the time of its \
             change.",
            time(),
        )),
        common("type"),
        query("site", "Only of the vendor's site.", reference("Site")),
        query("kind", "Only entries of this kind.", reference("EntryKind")),
    ]
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
