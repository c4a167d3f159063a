//! The problem codes: what each means, and which of them go together.

use serde_json::{Value, json};

/// Statuses with the codes that stand for them on a route.
pub type Problems = &'static [(u16, &'static [&'static str])];

/// Every route: the table, and the time of one run.
pub const ANY: Problems =
    &[(500, &["unexpected", "store_refused"]), (503, &["store_unavailable", "deadline_reached"])];
/// Routes that change an item on a condition.
pub const CONDITION: Problems = &[(409, &["store_contention"])];
/// Routes with an id in the path.
pub const PATH_ID: Problems = &[(400, &["invalid_id"])];
/// Routes that read a query string.
pub const QUERY: Problems = &[(400, &["invalid_fields"])];
/// Lists.
pub const LIST: Problems = &[(400, &["invalid_fields", "invalid_cursor"])];
/// Routes whose body may be absent.
pub const OPTIONAL_BODY: Problems =
    &[(400, &["body_not_an_object", "body_not_json", "body_too_large", "invalid_fields"])];
/// Routes with a body.
pub const BODY: Problems =
    &[(400, &["body_empty", "body_not_an_object", "body_not_json", "body_too_large", "invalid_fields"])];
/// Routes that take an `Idempotency-Key`.
pub const KEY: Problems = &[
    (400, &["invalid_idempotency_key"]),
    (409, &["idempotency_key_in_use"]),
    (422, &["idempotency_key_reused"]),
];
/// Routes that demand one.
pub const REQUIRED_KEY: Problems = &[(400, &["idempotency_key_required"])];
/// Routes that read or write account keys.
pub const KEYS: Problems = &[(503, &["secrets_unavailable"])];
/// Routes that call a vendor.
pub const VENDOR: Problems = &[
    (400, &["vendor_rejected"]),
    (403, &["vendor_permission_denied"]),
    (422, &["account_keys_refused", "capability_not_supported"]),
    (429, &["vendor_throttled"]),
    (500, &["endpoint_not_allowed"]),
    (502, &["vendor_unreachable", "vendor_unavailable", "vendor_bad_answer", "deadline_reached"]),
];

/// Every code, with what it means.
pub const CODES: &[(&str, &str)] = &[
    ("account_deleting", "The account is being removed."),
    ("account_has_open_tickets", "Tickets of the account are not closed."),
    ("account_keys_of_another_customer", "The vendor has none of the account's last tickets for these keys."),
    ("account_keys_refused", "The vendor refuses the account's keys."),
    ("account_not_found", "There is no such account, or the ticket's account is gone."),
    ("archive_part_missing", "A part of an archived message is gone from the store."),
    ("body_empty", "The body is empty."),
    ("body_not_an_object", "The body is JSON, but no object."),
    ("body_not_json", "The body is not JSON in UTF-8."),
    ("body_too_large", "The body has more than 64 KiB."),
    ("capability_not_supported", "The vendor has no API for this; `detail` names its console."),
    ("catalog_not_refreshed", "The catalog of the account's vendor and site was never refreshed."),
    ("content_too_long", "The vendor takes fewer characters in a reply."),
    ("deadline_reached", "The time of the run was up."),
    ("description_too_long", "The vendor takes fewer characters in a ticket."),
    (
        "endpoint_not_allowed",
        "The account's stored endpoint is none of the vendor's hosts; it was not called.",
    ),
    ("events_unavailable", "The bus did not take the event that starts the refresh."),
    ("idempotency_key_in_use", "A request with this key is still running."),
    ("idempotency_key_required", "The route demands an Idempotency-Key."),
    ("idempotency_key_reused", "The key was used with another request."),
    ("invalid_cursor", "The cursor was not made for this list and these filters."),
    ("invalid_fields", "Fields break a rule; `errors` names each."),
    ("invalid_id", "The path's id can't be one."),
    ("invalid_idempotency_key", "The Idempotency-Key can't be one."),
    ("problem_type_not_found", "The catalog has no such problem type."),
    ("problem_type_of_other_product", "The problem type belongs to another product."),
    ("problem_type_removed", "The vendor no longer lists the problem type."),
    ("product_not_found", "The catalog has no such product."),
    ("product_removed", "The vendor no longer lists the product."),
    ("refresh_not_found", "There is no such refresh."),
    ("region_not_found", "The catalog has no such region, or the vendor's tickets name none."),
    ("region_required", "The problem type reports a fault, which needs a region."),
    ("reply_indeterminate", "Whether the vendor has the message can't be told. It is not sent again."),
    ("secrets_unavailable", "The store of account keys did not answer."),
    ("severity_not_supported", "The vendor's tickets can only be normal."),
    ("source_not_found", "The catalog has no such source, or the vendor's tickets have none."),
    ("store_contention", "Too many requests change the same account or ticket at once."),
    ("store_refused", "The store refuses what it was given; a defect."),
    ("store_unavailable", "The store did not answer."),
    ("ticket_not_closed", "Only the archive of a closed ticket can be verified."),
    ("ticket_not_found", "There is no such ticket."),
    ("ticket_not_open", "The ticket's state does not allow it."),
    ("unexpected", "A defect; the log has more under `request_id`."),
    ("vendor_bad_answer", "The vendor's answer can't be used."),
    ("vendor_close_refused", "The vendor does not close the ticket."),
    ("vendor_permission_denied", "The account's keys lack a permission at the vendor."),
    ("vendor_rejected", "The vendor rejects the request."),
    ("vendor_throttled", "The vendor throttles the account."),
    ("vendor_ticket_not_found", "The vendor has no such ticket."),
    ("vendor_unavailable", "The vendor failed or gave no answer."),
    ("vendor_unreachable", "The vendor could not be reached."),
];

/// The schema of `code`.
pub fn codes() -> Value {
    let codes: Vec<Value> =
        CODES.iter().map(|(code, meaning)| json!({"const": code, "description": meaning})).collect();
    json!({"type": "string", "description": "Which problem it is; stable.", "oneOf": codes})
}

/// What an answer of that status says, whatever its code.
pub fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request breaks a rule. No vendor was called, except for `vendor_rejected`.",
        401 => "The caller's token is missing or not valid (JWT).",
        403 => {
            "The caller may not call the route (IAM), or the account's keys lack a permission at the vendor."
        }
        404 => "There is no such thing.",
        409 => "It can't be done in the present state.",
        413 => "The body is larger than API Gateway takes (10 MB).",
        422 => "The vendor, or an earlier request with the same key, stands against it.",
        429 => "Too many calls, of this API or of the vendor's.",
        500 => "A defect.",
        502 => "The vendor did not answer, or with nothing usable.",
        503 => {
            "A service that Polydesk needs did not answer in time, or the run took longer than 30 seconds."
        }
        _ => "An error.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_once_and_in_order() {
        assert!(CODES.is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
