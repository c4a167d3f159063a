//! Each checker is fed with a history in which its promise is broken, and says so.

use serde_json::json;
use simulators::{Message, Side, Ticket as AtVendor};

use super::*;
use crate::history::{Answered, Create, Reopening};

fn at_vendor(id: &str, description: &str, messages: &[&str]) -> (&'static str, AtVendor) {
    let message = |(id, content): (u64, &&str)| Message {
        id,
        at_ms: 1_000,
        from: Side::Support,
        name: String::new(),
        content: (*content).to_owned(),
        first: false,
        visible_at_ms: 0,
    };
    let ticket = json!({
        "id": id, "account": "A1", "created_at_ms": 0, "visible_at_ms": 0, "status": 6, "title": "",
        "description": description, "product": null, "problem_type": "", "region": null, "severity": null,
        "email": null, "closed_at_ms": 2_000, "urged_at_ms": null, "deleted": false,
        "messages": (1..).zip(messages).map(message).collect::<Vec<_>>(),
    });
    ("alibaba", serde_json::from_value(ticket).unwrap())
}

fn create(status: u16, ticket: &str) -> Create {
    let answers = vec![Answered { status, ticket: Some(ticket.to_owned()) }];
    Create { key: "key-1".to_owned(), body: json!({}), answers }
}

/// One ticket that was created, answered and archived as it should be.
fn good() -> Facts {
    let mut facts = Facts { creates: vec![create(201, "T1")], ..Facts::default() };
    facts.at_vendors.push(at_vendor("C1", "<key-1> text\n\nref T1", &["one", "two"]));
    for (place, content) in (0..).zip(["one", "two"]) {
        let (pk, sk) = ("TICKET#T1".to_owned(), format!("MESSAGE#{place}"));
        let message = json!({
            "id": "M", "case_id": "C1", "message_id": content, "type": 1, "content": content, "create_time": 1_000,
        });
        facts.items.insert((pk, sk), message);
    }
    let mut digest = shared::domain::ArchiveDigest::default();
    for message in facts.archive("T1") {
        digest.add(&serde_json::from_value(message.clone()).unwrap());
    }
    let (count, digest) = digest.finish();
    let ticket = json!({
        "id": "T1", "state": "closed", "cloud_id": "C1", "custom_id": "A1", "close_time": 3_000,
        "message_count": count, "digest": digest,
    });
    facts.tickets.insert("T1".to_owned(), ticket);
    facts
}

fn promises(facts: &Facts) -> Vec<&'static str> {
    let mut promises: Vec<_> = check(facts).into_iter().map(|broken| broken.promise).collect();
    promises.dedup();
    promises
}

#[test]
fn a_good_history_breaks_nothing() {
    assert_eq!(check(&good()), []);
}

#[test]
fn a_second_ticket_under_one_key_is_seen() {
    let mut facts = good();
    facts.at_vendors.push(at_vendor("C2", "<key-1> text", &[]));
    assert_eq!(promises(&facts), ["I1"]);
    facts.lags_beyond = true;
    assert_eq!(check(&facts), []);
}

#[test]
fn an_answer_that_does_not_hold_is_seen() {
    let mut facts = good();
    facts.tickets.clear();
    facts.items.clear();
    assert!(promises(&facts).contains(&"I2"));
    let mut facts = good();
    facts.looks.push(("T1".to_owned(), 404, String::new()));
    assert_eq!(promises(&facts), ["I2"]);
}

#[test]
fn what_is_stuck_is_seen() {
    let mut facts = good();
    facts.tickets.get_mut("T1").unwrap()["state"] = json!("closing");
    assert!(promises(&facts).contains(&"I3"));
}

#[test]
fn a_gap_a_double_and_a_wrong_digest_are_seen() {
    for change in [0, 1, 2] {
        let mut facts = good();
        match change {
            0 => drop(facts.items.remove(&("TICKET#T1".to_owned(), "MESSAGE#1".to_owned()))),
            1 => {
                let double = facts.items[&("TICKET#T1".to_owned(), "MESSAGE#1".to_owned())].clone();
                facts.items.insert(("TICKET#T1".to_owned(), "MESSAGE#2".to_owned()), double);
            }
            _ => facts.tickets.get_mut("T1").unwrap()["digest"] = json!("0"),
        }
        assert_eq!(promises(&facts), ["I4"], "change {change}");
    }
}

#[test]
fn a_close_that_left_something_to_the_second_look_is_seen() {
    let closed = |count: u64| {
        let detail = json!({"ticket_id": "T1", "message_count": count});
        let mut facts =
            Facts { events: vec![json!({"detail-type": "TicketClosed", "detail": detail})], ..good() };
        facts.at_vendors[0].1.messages[1].visible_at_ms = 1_000;
        facts
    };
    let whole = |facts: &Facts| archives::archives_are_whole_at_the_close(facts).is_empty();
    assert!(whole(&closed(2)) && !whole(&closed(1)));
    // Unless it was shown only later.
    let mut late = closed(1);
    late.at_vendors[0].1.messages[1].visible_at_ms = 2_001;
    assert!(whole(&late));
}

#[test]
fn what_came_after_a_reopening_may_be_missing_only_shortly_before_the_commit() {
    let mut facts = good();
    facts.reopenings.push(Reopening { cloud_id: "C1".to_owned(), closed_ms: 2_000, at_ms: 2_400 });
    let there = &mut facts.at_vendors[0].1;
    there.messages.push(Message { id: 3, at_ms: 2_500, ..there.messages[0].clone() });
    there.closed_at_ms = Some(2_600);
    assert_eq!(check(&facts), []);
    facts.tickets.get_mut("T1").unwrap()["close_time"] = json!(100_000);
    assert_eq!(promises(&facts), ["I4"]);
}

#[test]
fn a_ticket_that_ended_elsewhere_and_is_open_here_is_seen() {
    let mut facts = good();
    facts.tickets.get_mut("T1").unwrap()["state"] = json!("open");
    assert_eq!(promises(&facts), ["I5"]);
}

#[test]
fn a_change_without_its_event_an_event_without_a_change_and_a_wrong_order_are_seen() {
    let change = |number: u64, state: &str| {
        let item =
            |state: &str| json!({"PK": {"S": "TICKET#T1"}, "entity": {"S": "ticket"}, "state": {"S": state}});
        json!({
            "eventID": format!("event-{number}"),
            "dynamodb": {"SequenceNumber": number.to_string(), "OldImage": item("unknown"), "NewImage": item(state)},
        })
    };
    let event = |number: u64, kind: &str, state: &str| {
        let id = format!("event-{number}");
        json!({"detail-type": kind, "detail": {"event_id": id, "sequence": format!("{number:04}"), "ticket_id": "T1", "state": state}})
    };
    let changes = vec![change(1, "open"), change(2, "closed")];
    let both = [event(1, "TicketCreated", "open"), event(2, "TicketClosed", "closed")];
    let with =
        |events: &[serde_json::Value]| Facts { changes: changes.clone(), events: events.to_vec(), ..good() };
    assert_eq!(check(&with(&both)), []);
    assert_eq!(check(&with(&[both[0].clone(), both[0].clone(), both[1].clone()])), [], "at least once");
    assert_eq!(promises(&with(&both[..1])), ["I6"]);
    assert_eq!(promises(&with(&[both[1].clone(), both[0].clone()])), ["I6"]);
    assert_eq!(
        promises(&with(&[both[0].clone(), both[1].clone(), event(3, "TicketUpdated", "open")])),
        ["I6"]
    );
}

#[test]
fn a_key_in_a_log_line_is_seen() {
    let facts = Facts { logs: format!("called with {}secret", crate::base::CANARY), ..good() };
    assert_eq!(promises(&facts), ["I7"]);
}
