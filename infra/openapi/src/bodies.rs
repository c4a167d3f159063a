//! Bodies of requests that the code reads without a type of their own.

use close_ticket::REASON_RULE;
use create_ticket::upload::{MAX_BYTES, MAX_TYPE_CHARS, NAME_RULE, SHA256_CHARS};
use manage_accounts::{KEY_ID_PATTERN, KEY_RULE};
use reply_ticket::request::CONTENT_RULE;
use resolve_outcome::request::{COMMENT_RULE, SCORES};
use serde_json::{Value, json};
use shared::{
    domain::{MAX_ATTACHMENTS, Vendor},
    http::fields::MESSAGE_ID_RULE,
    vendors::endpoint::{MAX_REGION_CHARS, known_hosts},
};

use crate::{
    parameters::id,
    schemas::{Schemas, or_null, reference},
};

/// Ports 1 to 65535.
const PORT: &str = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

/// `POST /accounts`: one form for each vendor.
pub fn new_account(schemas: &mut Schemas) -> Value {
    let name = |vendor| match vendor {
        Vendor::Alibaba => "NewAlibabaAccount",
        Vendor::Huawei => "NewHuaweiAccount",
        Vendor::Tencent => "NewTencentAccount",
    };
    let forms: Vec<Value> =
        Vendor::ALL.into_iter().map(|vendor| schemas.add(name(vendor), new_account_at(vendor))).collect();
    // No discriminator: with one, generated Rust writes `type` twice, and each form has a `type` of its own anyway.
    schemas.add("NewAccount", json!({"oneOf": forms}))
}

fn new_account_at(vendor: Vendor) -> Value {
    let (example, has_tickets) = match vendor {
        Vendor::Alibaba => ("cn-hangzhou", true),
        Vendor::Huawei => ("cn-south-1", true),
        Vendor::Tencent => ("ap-guangzhou", false),
    };
    let adopt = if has_tickets {
        "Whether tickets that are opened in the vendor's console from now on are adopted."
    } else {
        "This vendor has no API for tickets: `true` is refused with `capability_not_supported`."
    };
    let mut properties = json!({
        "type": {"type": "string", "const": vendor.as_str()},
        "region_id": {
            "type": "string",
            "maxLength": MAX_REGION_CHARS,
            "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)+$",
            "description": "The vendor's region of the account. It decides the site.",
            "examples": [example],
        },
        "endpoint": endpoint(vendor),
        "adopt_console_tickets": {"type": ["boolean", "null"], "description": adopt},
        "allow_same_customer": {
            "type": ["boolean", "null"],
            "description": "Whether the customer behind the keys may have another account here, for example with the \
                            keys of another RAM user.",
        },
    });
    properties["secret_id"] = key_id();
    properties["secret_key_secret"] = key_secret();
    if vendor == Vendor::Huawei {
        properties["domain_id"] = or_null(id());
        properties["domain_id"]["description"] = json!("Huawei's account id (`X-Domain-Id`).");
    }
    json!({
        "type": "object",
        "description": format!("A new account at {vendor}."),
        "properties": properties,
        "required": ["type", "region_id", "secret_id", "secret_key_secret"],
        "additionalProperties": false,
    })
}

fn endpoint(vendor: Vendor) -> Value {
    let hosts: Vec<String> = known_hosts(vendor).iter().map(|host| host.replace('.', r"\.")).collect();
    json!({
        "type": ["string", "null"],
        "pattern": format!(r"^(https://({})|http://(127\.0\.0\.1|localhost|\[::1\]):{PORT})$", hosts.join("|")),
        "description": "Base URL of the vendor's API where it is not the one that `region_id` decides. `http` with a \
                        loopback address is taken on one machine only, never in a deployed stack.",
    })
}

fn key_id() -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": KEY_RULE.max_chars,
        "pattern": KEY_ID_PATTERN,
        "description": "The key's id: AccessKey id, AK or SecretId.",
    })
}

fn key_secret() -> Value {
    let mut schema = KEY_RULE.schema().to_value();
    schema["description"] = json!("The key's secret: AccessKey secret, SK or SecretKey.");
    schema["writeOnly"] = json!(true);
    schema["allOf"] = json!([{"pattern": r"^\S"}, {"pattern": r"^.*\S$"}]);
    schema
}

/// `PUT /accounts/{id}/keys`.
pub fn new_keys(schemas: &mut Schemas) -> Value {
    schemas.add(
        "NewKeys",
        object(
            "The new keys of an account.",
            json!({"secret_id": key_id(), "secret_key_secret": key_secret()}),
            &["secret_id", "secret_key_secret"],
        ),
    )
}

/// `PATCH /accounts/{id}`.
pub fn account_change(schemas: &mut Schemas) -> Value {
    let adopt = json!({
        "type": "boolean",
        "description": "Whether tickets that are opened in the vendor's console from now on are adopted. Switching on \
                        what is on keeps the first time.",
    });
    schemas.add(
        "AccountChange",
        object("What changes.", json!({"adopt_console_tickets": adopt}), &["adopt_console_tickets"]),
    )
}

/// `POST /tickets/{id}/messages`.
pub fn new_message(schemas: &mut Schemas) -> Value {
    let mut content = CONTENT_RULE.schema().to_value();
    content["description"] = json!("The text. A vendor may take less: `max_reply_chars` in `GET /vendors`.");
    let attachments = json!({
        "type": ["array", "null"],
        "items": reference("UploadId"),
        "maxItems": MAX_ATTACHMENTS,
        "uniqueItems": true,
        "description": "Files that come with it: ids of `POST /attachments`, each once. A vendor may take fewer.",
    });
    let properties = json!({"content": content, "attachments": attachments, "allow_secrets": allow_secrets()});
    schemas.add("NewMessage", object("A customer message.", properties, &["content"]))
}

/// `POST /attachments`.
pub fn new_attachment(schemas: &mut Schemas) -> Value {
    let mut name = NAME_RULE.schema().to_value();
    name["description"] = json!("The file's name, without a path.");
    name["allOf"] = json!([{"pattern": r"^[^/\\]*$"}]);
    let size = json!({
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_BYTES,
        "description": "How many bytes it has. A stack may take less: `MaxAttachmentMiB`.",
    });
    let content_type = json!({
        "type": ["string", "null"],
        "maxLength": MAX_TYPE_CHARS,
        "pattern": r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$",
        "description": "Its media type, without parameters; without it `application/octet-stream`.",
    });
    let sha256 = json!({
        "type": ["string", "null"],
        "minLength": SHA256_CHARS,
        "maxLength": SHA256_CHARS,
        "pattern": "^[0-9a-f]*$",
        "description": "SHA-256 of its bytes: the link then takes these bytes alone. Required by a bucket that is \
                        locked (`ObjectLockDays`).",
    });
    let properties = json!({"name": name, "size": size, "type": content_type, "sha256": sha256});
    schemas.add("NewAttachment", object("A file that is to be uploaded.", properties, &["name", "size"]))
}

/// `POST /catalog/refresh`.
pub fn refresh_request(schemas: &mut Schemas) -> Value {
    let vendor = or_null(reference("Vendor"));
    schemas.add("RefreshRequest", object("Without `type`: every vendor.", json!({"type": vendor}), &[]))
}

/// `POST /tickets/{id}/reopen`.
pub fn reopening(schemas: &mut Schemas) -> Value {
    let mut content = CONTENT_RULE.schema().to_value();
    content["description"] =
        json!("Why. The vendor adds it to the conversation. It may take less: `max_reply_chars` in `GET /vendors`.");
    let properties = json!({"content": content, "allow_secrets": allow_secrets()});
    schemas.add("Reopening", object("Why a ticket is opened again.", properties, &["content"]))
}

fn allow_secrets() -> Value {
    json!({
        "type": ["boolean", "null"],
        "description": "`false`: a text that seems to hold an access key, a private key or a password is refused. \
                        Otherwise it is sent, and `warnings` of the answer name it.",
    })
}

/// `POST /tickets/{id}/rating`.
pub fn rating(schemas: &mut Schemas) -> Value {
    let (lowest, highest) = SCORES;
    let solved = json!({
        "type": "boolean",
        "description": "Whether the problem is solved. Not every vendor is told: `rating.solved` in `GET /vendors`.",
    });
    let score = json!({
        "type": "integer",
        "minimum": lowest,
        "maximum": highest,
        "description": "From 1, very dissatisfied, to 5, very satisfied.",
    });
    let mut comment = or_null(COMMENT_RULE.schema().to_value());
    comment["description"] =
        json!("What the customer adds. A vendor may take less: `rating.max_comment_chars` in `GET /vendors`.");
    let properties = json!({"solved": solved, "score": score, "comment": comment});
    schemas.add("NewRating", object("A rating of the support for a ticket.", properties, &["solved", "score"]))
}

/// `POST /tickets/{id}/close` and `POST /tickets/{id}/urge`.
pub fn nothing(schemas: &mut Schemas) -> Value {
    schemas.add("Nothing", object("No fields.", json!({}), &[]))
}

/// `DELETE /tickets/{id}` and `PUT /tickets/{id}/hold`.
pub fn reason(schemas: &mut Schemas) -> Value {
    let mut reason = or_null(REASON_RULE.schema().to_value());
    reason["description"] = json!("Why, on one line. It is shown with the ticket, so no person's data belongs in it.");
    schemas.add("Reason", object("Why it is done.", json!({"reason": reason}), &[]))
}

/// `POST /tickets/{id}/resolution`.
pub fn ticket_resolution(schemas: &mut Schemas) -> Value {
    let mut cloud_id = id();
    cloud_id["description"] =
        json!("The vendor's id of the ticket: a candidate, or another that belongs to no ticket.");
    let present = object("The vendor has the ticket.", json!({"cloud_id": cloud_id}), &["cloud_id"]);
    let choice = json!({"oneOf": [schemas.add("TicketAtVendor", present), absent(schemas)]});
    schemas.add("TicketResolution", choice)
}

/// `POST /tickets/{id}/replies/{reply_id}/resolution`.
pub fn reply_resolution(schemas: &mut Schemas) -> Value {
    let mut message_id = MESSAGE_ID_RULE.schema().to_value();
    message_id["description"] = json!("The vendor's id of the message, as in the conversation.");
    let present = object("The vendor has the message.", json!({"message_id": message_id}), &["message_id"]);
    let choice = json!({"oneOf": [schemas.add("ReplyAtVendor", present), absent(schemas)]});
    schemas.add("ReplyResolution", choice)
}

/// Without a constant: generators of clients make an enumeration of texts of it.
fn absent(schemas: &mut Schemas) -> Value {
    let absent = json!({"type": "boolean", "not": {"const": false}, "description": "`true`."});
    schemas.add("Absent", object("The vendor does not have it.", json!({"absent": absent}), &["absent"]))
}

fn object(description: &str, properties: Value, required: &[&str]) -> Value {
    let mut schema = json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}
