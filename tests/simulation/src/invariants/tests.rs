//! Each checker gets a final state that violates its invariant, and reports it.

mod files;
mod withdrawals;

use serde_json::json;
use simulators::{MessageAuthor, SimulatedMessage, SimulatedTicket};

use super::*;
use crate::{
    clock::EPOCH_MS,
    history::{CreateRequest, Deletion, RecordedAnswer, Reopening},
};

fn at_vendor(id: &str, description: &str, messages: &[&str]) -> (&'static str, SimulatedTicket) {
    let message = |(id, content): (u64, &&str)| SimulatedMessage {
        id,
        at_ms: 1_000,
        from: MessageAuthor::Support,
        name: String::new(),
        content: (*content).to_owned(),
        sent: None,
        first: false,
        visible_at_ms: 0,
        earlier: Vec::new(),
        deleted: false,
        copy_of: None,
        defect: None,
        files: Vec::new(),
    };
    let ticket = json!({
        "id": id, "account": "A1", "created_at_ms": 0, "visible_at_ms": 0, "status": 6, "title": "",
        "description": description, "product": null, "problem_type": "", "region": null, "severity": null,
        "email": null, "closed_at_ms": 2_000, "urged_at_ms": null, "deleted": false,
        "messages": (1..).zip(messages).map(message).collect::<Vec<_>>(),
    });
    ("alibaba", serde_json::from_value(ticket).unwrap())
}

fn create(status: u16, ticket: &str) -> CreateRequest {
    let answers = vec![RecordedAnswer { status, ticket: Some(ticket.to_owned()), code: None }];
    CreateRequest { key: "key-1".to_owned(), body: json!({}), files: Vec::new(), answers }
}

/// One ticket that was created, answered and archived correctly.
fn correct() -> Facts {
    let mut facts = Facts { creates: vec![create(201, "T1")], ..Facts::default() };
    facts.at_vendors.push(at_vendor("C1", "<key-1> text\n\nref T1", &["one", "two"]));
    archive(&mut facts, &["one", "two"]);
    facts
}

/// Makes an archive of messages with these texts, and commits it.
fn archive(facts: &mut Facts, texts: &[&str]) {
    facts.items.retain(|(_, sk), _| !sk.starts_with("MESSAGE#"));
    for (place, content) in (0..).zip(texts) {
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
    let contents = digest.finish();
    let (count, digest) = (contents.message_count, contents.digest);
    let ticket = json!({
        "id": "T1", "state": "closed", "cloud_id": "C1", "custom_id": "A1", "close_time": 3_000,
        "message_count": count, "digest": digest,
    });
    facts.tickets.insert("T1".to_owned(), ticket);
}

fn violated(facts: &Facts) -> Vec<Invariant> {
    let mut violated: Vec<_> = check(facts).into_iter().map(|violation| violation.invariant).collect();
    violated.dedup();
    violated
}

#[test]
fn a_correct_final_state_has_no_violation() {
    assert_eq!(check(&correct()), []);
}

#[test]
fn a_second_ticket_under_one_key_is_reported() {
    let mut facts = correct();
    facts.at_vendors.push(at_vendor("C2", "<key-1> text", &[]));
    assert_eq!(violated(&facts), [Invariant::OncePerKey]);
    facts.lag_exceeds_settle_time = true;
    assert_eq!(check(&facts), []);
}

#[test]
fn a_wrong_answer_is_reported() {
    let mut facts = correct();
    facts.tickets.clear();
    facts.items.clear();
    assert!(violated(&facts).contains(&Invariant::AnswersHold));
    let mut facts = correct();
    facts.final_reads.push(("T1".to_owned(), 404, String::new()));
    assert_eq!(violated(&facts), [Invariant::ReadsAreTrue]);
}

#[test]
fn an_unfinished_ticket_is_reported() {
    let mut facts = correct();
    facts.tickets.get_mut("T1").unwrap()["state"] = json!("closing");
    assert!(violated(&facts).contains(&Invariant::NothingStuck));
}

#[test]
fn a_gap_a_duplicate_and_a_wrong_digest_are_reported() {
    for change in [0, 1, 2] {
        let mut facts = correct();
        match change {
            0 => drop(facts.items.remove(&("TICKET#T1".to_owned(), "MESSAGE#1".to_owned()))),
            1 => {
                let duplicate = facts.items[&("TICKET#T1".to_owned(), "MESSAGE#1".to_owned())].clone();
                facts.items.insert(("TICKET#T1".to_owned(), "MESSAGE#2".to_owned()), duplicate);
            }
            _ => facts.tickets.get_mut("T1").unwrap()["digest"] = json!("0"),
        }
        assert_eq!(violated(&facts), [Invariant::ArchiveIsComplete], "change {change}");
    }
}

#[test]
fn a_deleted_message_is_not_mistaken_for_a_copy_of_it() {
    let mut facts = correct();
    let messages = &mut facts.at_vendors[0].1.messages;
    messages[1].content = messages[0].content.clone();
    assert!(!violated(&facts).is_empty());
    // Deleted before it was read: the archive has the copy alone.
    archive(&mut facts, &["one"]);
    assert!(!violated(&facts).is_empty());
    facts.at_vendors[0].1.messages[0].deleted = true;
    assert_eq!(violated(&facts), []);
    // Read before it was deleted: the archive has both.
    archive(&mut facts, &["one", "one"]);
    assert_eq!(violated(&facts), []);
    archive(&mut facts, &["one", "one", "one"]);
    assert!(!violated(&facts).is_empty());
}

#[test]
fn a_close_that_left_shown_messages_to_the_recheck_is_reported() {
    let closed = |count: u64| {
        let detail = json!({"ticket_id": "T1", "message_count": count});
        let mut facts = Facts { events: vec![json!({"detail-type": "TicketClosed", "detail": detail})], ..correct() };
        facts.at_vendors[0].1.messages[1].visible_at_ms = 1_000;
        facts
    };
    let complete = |facts: &Facts| archives::archive_is_complete_at_close(facts).is_empty();
    assert!(complete(&closed(2)) && !complete(&closed(1)));
    // The vendor showed the second message only after the close.
    let mut lagging = closed(1);
    lagging.at_vendors[0].1.messages[1].visible_at_ms = 2_001;
    assert!(complete(&lagging));
}

#[test]
fn messages_after_a_reopening_may_be_missing_only_shortly_before_the_commit() {
    let mut facts = correct();
    facts.reopenings.push(Reopening { cloud_id: "C1".to_owned(), closed_ms: 2_000, at_ms: 2_400 });
    let there = &mut facts.at_vendors[0].1;
    there.messages.push(SimulatedMessage { id: 3, at_ms: 2_500, ..there.messages[0].clone() });
    there.closed_at_ms = Some(2_600);
    assert_eq!(check(&facts), []);
    facts.tickets.get_mut("T1").unwrap()["close_time"] = json!(100_000);
    assert_eq!(violated(&facts), [Invariant::ArchiveIsComplete]);
}

#[test]
fn a_ticket_that_ended_at_the_vendor_and_is_open_here_is_reported() {
    let mut facts = correct();
    facts.tickets.get_mut("T1").unwrap()["state"] = json!("open");
    assert_eq!(violated(&facts), [Invariant::ClosedMeansEnded]);
}

#[test]
fn runs_that_begin_together_end_with_the_last_of_them() {
    let mut facts = correct();
    (facts.one_failing_ticket, facts.failing) = (true, Some("C9".to_owned()));
    facts.at_vendors[0].1.closed_at_ms = Some(EPOCH_MS);
    let mut is_late = |close_ms: i64, runs: &[(u64, u64)]| {
        facts.sync_runs = runs.to_vec();
        facts.tickets.get_mut("T1").unwrap()["close_time"] = json!(EPOCH_MS + close_ms);
        violated(&facts).contains(&Invariant::FailingTicketDelaysNoOther)
    };
    assert!(!is_late(150, &[(10, 20), (100, 170)]));
    assert!(is_late(180, &[(10, 20), (100, 170)]));
    assert!(!is_late(180, &[(10, 20), (100, 170), (100, 190)]));
    assert!(is_late(200, &[(10, 20), (100, 170), (100, 190)]));
}

#[test]
fn a_missing_event_an_extra_event_and_a_wrong_order_are_reported() {
    let change = |number: u64, state: &str| {
        let item = |state: &str| json!({"PK": {"S": "TICKET#T1"}, "entity": {"S": "ticket"}, "state": {"S": state}});
        json!({
            "eventID": format!("event-{number}"),
            "dynamodb": {"SequenceNumber": number.to_string(), "OldImage": item("unknown"), "NewImage": item(state)},
        })
    };
    let event = |number: u64, kind: &str, state: &str| {
        let id = format!("event-{number}");
        let sequence = format!("{number:04}");
        let detail = json!({"event_id": id, "sequence": sequence, "ticket_id": "T1", "state": state});
        json!({"detail-type": kind, "detail": detail})
    };
    let changes = vec![change(1, "open"), change(2, "closed")];
    let both = [event(1, "TicketCreated", "open"), event(2, "TicketClosed", "closed")];
    let with = |events: &[serde_json::Value]| Facts { changes: changes.clone(), events: events.to_vec(), ..correct() };
    assert_eq!(check(&with(&both)), []);
    assert_eq!(check(&with(&[both[0].clone(), both[0].clone(), both[1].clone()])), [], "at least once");
    assert_eq!(violated(&with(&both[..1])), [Invariant::ChangesArePublished]);
    assert_eq!(violated(&with(&[both[1].clone(), both[0].clone()])), [Invariant::ChangesArePublished]);
    assert_eq!(
        violated(&with(&[both[0].clone(), both[1].clone(), event(3, "TicketUpdated", "open")])),
        [Invariant::ChangesArePublished]
    );
}

#[test]
fn a_ticket_that_one_set_of_statistics_counts_otherwise_is_reported() {
    let mut facts = Facts { has_statistics: true, ..correct() };
    let ticket = facts.tickets.get_mut("T1").unwrap();
    (ticket["type"], ticket["create_time"]) = (json!("ALIBABA"), json!(1_000));
    // Bucket 88: from 2^(87/8) ms to below 2^11 ms.
    let counts = json!({"opened": 1, "resolution_88": 1});
    let key = |set: &str| (format!("STATISTICS#{set}#ALIBABA"), "1970-01-01#A1".to_owned());
    facts.items.insert(key("0"), counts.clone());
    assert_eq!(violated(&facts), [Invariant::StatisticsAreOfTickets], "one set has nothing");
    facts.items.insert(key("1"), counts);
    assert_eq!(check(&facts), []);
    for (name, number) in [("opened", 2), ("resolution_87", 1), ("resolution_88", 0)] {
        let mut wrong = Facts { items: facts.items.clone(), tickets: facts.tickets.clone(), ..correct() };
        wrong.has_statistics = true;
        wrong.items.get_mut(&key("1")).unwrap()[name] = json!(number);
        assert_eq!(violated(&wrong), [Invariant::StatisticsAreOfTickets], "{name}");
    }
}

#[test]
fn a_message_that_was_shown_and_is_lost_with_its_ticket_is_reported() {
    let mut facts = correct();
    facts.at_vendors[0].1.deleted = true;
    let shown = facts.at_vendors[0].1.messages.clone();
    archive(&mut facts, &["two"]);
    assert_eq!(check(&facts), [], "what it did not show for long enough may be missing");
    facts.deletions = vec![Deletion { cloud_id: "C1".to_owned(), shown: shown[1..].to_vec() }];
    assert_eq!(check(&facts), []);
    facts.deletions = vec![Deletion { cloud_id: "C1".to_owned(), shown }];
    assert_eq!(violated(&facts), [Invariant::ShownIsKept]);
}

#[test]
fn a_key_in_a_log_line_is_reported() {
    let facts = Facts { logs: format!("called with {}secret", crate::initial_state::CANARY), ..correct() };
    assert_eq!(violated(&facts), [Invariant::NoSecretLeaks]);
}
