//! Every row of the table, with images as in the stream. The word `canary` marks fields whose content must not leak.

mod actors;

use serde_json::{Value, json};

use super::*;

const TICKET: &str = "01JD2Y5T9V7Z3M6Q8R4S0X1W2K";
const ACCOUNT: &str = "01JD2Y0A1B2C3D4E5F6G7H8J9K";

fn ticket_image(state: &str) -> Value {
    let status = if state == "closed" { "0" } else { "1" };
    json!({
        "PK": {"S": format!("TICKET#{TICKET}")}, "SK": {"S": "TICKET"}, "entity": {"S": "ticket"},
        "GSI1PK": {"S": format!("ACCOUNT#{ACCOUNT}")}, "GSI1SK": {"S": format!("1772600767089#{TICKET}")},
        "id": {"S": TICKET}, "custom_id": {"S": ACCOUNT}, "type": {"S": "ALIBABA"}, "status": {"N": status},
        "state": {"S": state}, "name": {"S": "canary"}, "description": {"S": "canary"},
        "email": {"S": "canary@example.com"}, "product_id": {"S": "7160"}, "product_business_id": {"S": "80793"},
        "severity": {"S": "normal"}, "create_time": {"N": "1772600767089"},
        "idempotency_hash": {"S": "canary"}, "lease_until": {"N": "1772600797089"}, "later": {"NULL": true},
    })
}

fn with(mut image: Value, attributes: &Value) -> Value {
    for (name, value) in attributes.as_object().unwrap() {
        image[name] = value.clone();
    }
    image
}

fn record(old: Option<Value>, new: Option<Value>) -> Value {
    let item = new.as_ref().or(old.as_ref()).unwrap();
    let mut dynamodb = json!({
        "Keys": {"PK": item["PK"], "SK": item["SK"]},
        "SequenceNumber": "4421584500000000017450439091",
        "ApproximateCreationDateTime": 1_772_600_768.0,
        "SizeBytes": 26,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    });
    let name = match (&old, &new) {
        (None, _) => "INSERT",
        (Some(_), Some(_)) => "MODIFY",
        (Some(_), None) => "REMOVE",
    };
    for (image, item) in [("OldImage", old), ("NewImage", new)] {
        if let Some(item) = item {
            dynamodb[image] = item;
        }
    }
    json!({
        "eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": name, "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "ap-southeast-1", "dynamodb": dynamodb,
    })
}

/// The event of a change: its type and its detail, without the fields that every event has.
fn event(old: Option<Value>, new: Option<Value>) -> Option<(String, Value)> {
    let event = event_of(&Record::read(&record(old, new)).unwrap()).unwrap()?;
    assert!(!event.detail.contains("canary"), "{}", event.detail);
    let mut detail: Value = serde_json::from_str(&event.detail).unwrap();
    let fields = detail.as_object_mut().unwrap();
    assert_eq!(fields.remove("event_id").unwrap(), "c4ca4238a0b923820dcc509a6f75849b");
    assert_eq!(fields.remove("sequence").unwrap(), "0000000000004421584500000000017450439091");
    assert_eq!(fields.remove("time").unwrap(), 1_772_600_768_000_i64);
    Some((event.detail_type, detail))
}

fn ticket_detail(state: &str, status: u8) -> Value {
    json!({
        "ticket_id": TICKET, "custom_id": ACCOUNT, "type": "ALIBABA", "state": state, "status": status,
    })
}

fn expect(found: Option<(String, Value)>, detail_type: &str, detail: Value) {
    assert_eq!(found, Some((detail_type.to_owned(), detail)));
}

#[test]
fn a_ticket_that_the_vendor_has_is_created() {
    let cloud_id = json!({"cloud_id": {"S": "0005PYGCW"}});
    let open = || with(ticket_image("open"), &cloud_id);
    let detail = with(ticket_detail("open", 1), &json!({"cloud_id": "0005PYGCW"}));
    expect(event(Some(ticket_image("creating")), Some(open())), "TicketCreated", detail.clone());
    expect(event(Some(ticket_image("unknown")), Some(open())), "TicketCreated", detail.clone());
    expect(event(None, Some(open())), "TicketCreated", detail);
}

#[test]
fn an_intent_is_no_event() {
    assert_eq!(event(None, Some(ticket_image("creating"))), None);
}

#[test]
fn another_state_of_a_ticket_is_an_update() {
    for (old, new) in [("creating", "unknown"), ("open", "closing"), ("closing", "open")] {
        let found = event(Some(ticket_image(old)), Some(ticket_image(new)));
        expect(found, "TicketUpdated", ticket_detail(new, 1));
    }
    expect(event(None, Some(ticket_image("closing"))), "TicketUpdated", ticket_detail("closing", 1));
}

#[test]
fn another_status_at_the_vendor_is_an_update() {
    let image = |status: Value| Some(with(ticket_image("open"), &json!({ "vendor_status": status })));
    let detail = |status: Value| with(ticket_detail("open", 1), &json!({ "vendor_status": status }));
    let found = event(Some(ticket_image("open")), image(json!({"N": "3"})));
    expect(found, "TicketUpdated", detail(json!(3)));
    let found = event(image(json!({"S": "processing"})), image(json!({"S": "solved"})));
    expect(found, "TicketUpdated", detail(json!("solved")));
    assert_eq!(event(image(json!({"N": "3"})), image(json!({"N": "3"}))), None);
}

#[test]
fn the_event_of_a_closed_ticket_has_its_archives_count_and_digest() {
    let archive = json!({"message_count": {"N": "12"}, "digest": {"S": "ab".repeat(32)}});
    let detail = with(ticket_detail("closed", 0), &json!({"message_count": 12, "digest": "ab".repeat(32)}));
    for old in ["open", "closing"] {
        let found = event(Some(ticket_image(old)), Some(with(ticket_image("closed"), &archive)));
        expect(found, "TicketClosed", detail.clone());
    }
}

#[test]
fn a_closed_ticket_that_is_open_again_is_reopened() {
    let found = event(Some(ticket_image("closed")), Some(ticket_image("open")));
    expect(found, "TicketReopened", ticket_detail("open", 1));
}

#[test]
fn messages_found_by_a_recheck_are_one_update_of_the_closed_ticket() {
    let archive = |count: &str, digest: &str| {
        let archive = json!({"message_count": {"N": count}, "digest": {"S": digest.repeat(32)}});
        with(ticket_image("closed"), &archive)
    };
    let due = |image: Value| {
        let due = json!({"GSI3PK": {"S": "DUE"}, "GSI3SK": {"S": format!("1772600767089#{TICKET}")}});
        with(image, &due)
    };
    let detail = with(ticket_detail("closed", 0), &json!({"message_count": 13, "digest": "cd".repeat(32)}));
    expect(event(Some(due(archive("12", "ab"))), Some(archive("13", "cd"))), "TicketUpdated", detail);
    // Neither the lease of a recheck nor a recheck without a new message is an event.
    let lease = json!({"lease_token": {"S": "canary"}, "lease_until": {"N": "1772600797089"}});
    let under_lease = || due(with(archive("12", "ab"), &lease));
    assert_eq!(event(Some(due(archive("12", "ab"))), Some(under_lease())), None);
    assert_eq!(event(Some(under_lease()), Some(archive("12", "ab"))), None);
}

#[test]
fn a_removed_ticket_is_an_update() {
    for old in ["creating", "unknown"] {
        expect(event(Some(ticket_image(old)), None), "TicketUpdated", ticket_detail("removed", 1));
    }
}

#[test]
fn a_change_of_anything_else_of_a_ticket_is_no_event() {
    let later = with(ticket_image("closing"), &json!({"lease_until": {"N": "1772600798000"}}));
    assert_eq!(event(Some(ticket_image("closing")), Some(later)), None);
}

#[test]
fn a_new_message_of_support_or_of_the_console_is_a_reply_once() {
    let image = |attributes: Value| {
        let image = json!({
            "PK": {"S": format!("TICKET#{TICKET}")}, "SK": {"S": "MESSAGE#1772600767089#00002#m9"},
            "entity": {"S": "message"}, "custom_id": {"S": ACCOUNT}, "case_id": {"S": "0005PYGCW"},
            "message_id": {"S": "m9"}, "content": {"S": "canary"}, "replier_name": {"S": "canary"},
        });
        Some(with(image, &attributes))
    };
    let support = || image(json!({"type": {"N": "1"}}));
    let detail = json!({
        "ticket_id": TICKET, "custom_id": ACCOUNT, "cloud_id": "0005PYGCW", "message_type": 1, "message_id": "m9",
    });
    expect(event(None, support()), "TicketReplied", detail.clone());
    let console = image(json!({"type": {"N": "0"}, "from_console": {"BOOL": true}}));
    let from_console = with(detail, &json!({"message_type": 0, "from_console": true}));
    expect(event(None, console), "TicketReplied", from_console);
    // A newer text of it, its removal, and a message that was sent through Polydesk.
    assert_eq!(event(support(), support()), None);
    assert_eq!(event(support(), None), None);
    assert_eq!(event(None, image(json!({"type": {"N": "0"}}))), None);
    // A part of a long message.
    assert_eq!(event(None, image(json!({"entity": {"S": "message_part"}, "type": {"N": "1"}}))), None);
}

#[test]
fn another_state_of_a_reply_is_an_update_of_the_ticket() {
    let image = |state: &str| {
        Some(json!({
            "PK": {"S": format!("TICKET#{TICKET}")}, "SK": {"S": "REPLY#R1"}, "entity": {"S": "reply"},
            "id": {"S": "R1"}, "ticket_id": {"S": TICKET}, "custom_id": {"S": ACCOUNT},
            "content": {"S": "canary"}, "state": {"S": state},
            "create_time": {"N": "1772600767089"}, "lease_until": {"N": "1772600797089"},
        }))
    };
    let reply = |state: &str| json!({"id": "R1", "state": state});
    let detail = |state: &str| json!({"ticket_id": TICKET, "custom_id": ACCOUNT, "reply": reply(state)});
    assert_eq!(event(None, image("sending")), None);
    assert_eq!(event(image("sending"), image("sending")), None);
    expect(event(image("sending"), image("unknown")), "TicketUpdated", detail("unknown"));
    expect(event(image("unknown"), image("indeterminate")), "TicketUpdated", detail("indeterminate"));
    expect(event(image("sending"), None), "TicketUpdated", detail("removed"));
    // A state of a later version can't be told: its record becomes a dead letter.
    assert!(event_of(&Record::read(&record(image("sending"), image("later"))).unwrap()).is_err());
    let sent = image("sent").map(|image| with(image, &json!({"message_id": {"S": "m9"}})));
    let mut with_message = detail("sent");
    with_message["reply"]["message_id"] = json!("m9");
    with_message["message_type"] = json!(0);
    with_message["message_id"] = json!("m9");
    expect(event(image("unknown"), sent.clone()), "TicketReplied", with_message);
    let by = |name: &str, id: &str| json!({name: {"M": {"id": {"S": id}, "name": {"S": "canary"}}}});
    let sent = with(sent.unwrap(), &by("created_by", "sender"));
    assert_eq!(event(image("unknown"), Some(sent.clone())).unwrap().1["actor"], "sender");
    let resolved = with(sent, &by("resolved_by", "resolver"));
    assert_eq!(event(image("indeterminate"), Some(resolved)).unwrap().1["actor"], "resolver");
}

#[test]
fn the_end_of_a_refresh_is_an_event() {
    let image = |state: &str, vendors: Value| {
        Some(json!({
            "PK": {"S": "REFRESH#01JD2Y"}, "SK": {"S": "REFRESH"}, "entity": {"S": "refresh"},
            "id": {"S": "01JD2Y"}, "state": {"S": state}, "create_time": {"N": "1772600767089"},
            "vendors": vendors, "expires_at": {"N": "1780376767"},
        }))
    };
    let none = json!({"L": []});
    assert_eq!(event(None, image("pending", none.clone())), None);
    assert_eq!(event(image("pending", none.clone()), image("running", none.clone())), None);
    let failed = json!({"L": [{"M": {
        "type": {"S": "HUAWEI"}, "site": {"S": "china"}, "state": {"S": "failed"}, "added": {"N": "1"},
        "changed": {"N": "2"}, "removed": {"N": "3"}, "unchanged": {"N": "4"}, "failed": {"N": "1"},
        "error": {"M": {"code": {"S": "vendor_unavailable"}, "detail": {"S": "canary"}}},
    }}]});
    let detail = json!({
        "run_id": "01JD2Y",
        "state": "failed",
        "vendors": [{
            "type": "HUAWEI", "site": "china", "state": "failed", "added": 1, "changed": 2, "removed": 3,
            "error_code": "vendor_unavailable",
        }],
    });
    expect(event(image("running", none.clone()), image("failed", failed.clone())), "CatalogRefreshed", detail);
    assert_eq!(event(image("failed", failed.clone()), image("failed", failed.clone())), None);
    // The TTL removes a run after 90 days.
    assert_eq!(event(image("failed", failed), None), None);
    let complete = json!({"run_id": "01JD2Y", "state": "complete", "vendors": []});
    expect(event(image("running", none.clone()), image("complete", none)), "CatalogRefreshed", complete);
}

#[test]
fn other_items_are_no_events() {
    for entity in ["account", "cloud_id", "idempotency", "product", "a later one"] {
        let image = json!({"PK": {"S": "X#1"}, "SK": {"S": "X"}, "entity": {"S": entity}});
        assert_eq!(event(None, Some(image)), None, "{entity}");
    }
}

#[test]
fn a_record_that_cannot_be_read_gives_a_reason_without_its_content() {
    let unreadable = |record: &Value| match Record::read(record) {
        Ok(record) => event_of(&record).unwrap_err(),
        Err(unreadable) => unreadable,
    };
    let odd_state = record(None, Some(ticket_image("canary")));
    let no_entity = record(None, Some(json!({"PK": {"S": "TICKET#1"}, "SK": {"S": "TICKET"}})));
    let reply = json!({"entity": {"S": "reply"}, "id": {"S": "R1"}, "custom_id": {"S": ACCOUNT}});
    let elsewhere = with(reply, &json!({"PK": {"S": "canary"}, "SK": {"S": "REPLY#R1"}, "state": {"S": "sent"}}));
    let mut no_number = record(None, Some(ticket_image("open")));
    no_number["dynamodb"]["SequenceNumber"] = json!("canary");
    for bad in [odd_state, no_entity, record(None, Some(elsewhere)), no_number, json!("canary"), json!({})] {
        assert!(!unreadable(&bad).0.contains("canary"), "{bad}");
    }
}
