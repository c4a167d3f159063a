//! The search for a ticket by its marker.

use super::client::{china, client, sent};
use crate::{
    error::{ErrorKind, Retry},
    vendors::{
        TicketVendor,
        testing::{MARKER, NOW_MS, ScriptedSender, Step, cloud_id, fixture, found_ids, marked_id, ok, status},
    },
};

fn list(ids: std::ops::Range<usize>, total: usize) -> Step {
    let rows: Vec<String> = ids.map(|id| format!(r#"{{"TicketId":"T{id}","Status":{{"Value":"1"}}}}"#)).collect();
    ok(format!(r#"{{"Success":true,"TotalCount":{total},"Data":[{}]}}"#, rows.join(",")))
}

fn ticket(description: &str) -> Step {
    let description = serde_json::to_string(description).unwrap();
    ok(format!(r#"{{"Success":true,"Data":{{"TicketId":"T","Description":{description}}}}}"#))
}

#[tokio::test]
async fn the_search_reads_every_page_and_checks_every_hit() {
    let missing = status(400, fixture("alibaba/error-param.illegal"));
    let mut steps = vec![list(0..100, 102)];
    steps.extend((0..100).map(|_| ticket("another")));
    steps.push(list(100..102, 102));
    steps.push(missing);
    steps.push(ticket(&format!("text\n\n{MARKER}")));
    let script = ScriptedSender::new(steps);
    let search = client(&script).find_tickets(&china(), &marked_id(), NOW_MS).await.unwrap();
    assert_eq!(found_ids(&search), [cloud_id("T101")]);
    assert_eq!(search.unreadable, [cloud_id("T100")]);
    let (action, query, form) = sent(&script, 101);
    assert_eq!((action.as_str(), query["PageNumber"].as_str()), ("ListTickets", "2"));
    assert_eq!(form["Keyword"], "01JD2Y5T9V7Z3M6Q8R4S0X1W2K");
    assert_eq!(form["StartDate"], NOW_MS.to_string());
}

#[tokio::test]
async fn the_search_fails_and_does_not_miss_a_ticket() {
    for broken in [Step::NoAnswer, ok(r#"{"Success":true}"#), ok("")] {
        let script = ScriptedSender::new(
            [list(0..100, 101)].into_iter().chain((0..100).map(|_| ticket("another"))).chain([broken]),
        );
        client(&script).find_tickets(&china(), &marked_id(), NOW_MS).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_hit_that_cannot_be_read_fails_the_search() {
    for (step, kind) in [
        (status(403, fixture("alibaba/error-Forbidden.RAM")), ErrorKind::PermissionDenied),
        (status(401, fixture("alibaba/error-illegal.auth")), ErrorKind::PermissionDenied),
        (status(404, fixture("alibaba/error-InvalidAction.NotFound")), ErrorKind::Unsupported),
    ] {
        let script = ScriptedSender::new([list(0..1, 1), step]);
        let error = client(&script).find_tickets(&china(), &marked_id(), NOW_MS).await.unwrap_err();
        assert_eq!(error.kind(), kind);
    }
}

#[tokio::test]
async fn every_ticket_with_the_id_in_title_or_text_is_found() {
    let in_title = ok(format!(r#"{{"Success":true,"Data":{{"Title":"x ({MARKER})","Description":"cut"}}}}"#));
    let inside = ticket(&format!("<p>it said <b>{MARKER}</b>.</p>please help"));
    let script = ScriptedSender::new([list(0..3, 3), in_title, ticket("ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X"), inside]);
    let search = client(&script).find_tickets(&china(), &marked_id(), NOW_MS).await.unwrap();
    assert_eq!(found_ids(&search), ["T0", "T2"].map(cloud_id));
}

#[tokio::test]
async fn a_list_that_does_not_reach_its_end_fails_the_search() {
    for (name, steps) in [
        ("the same page again", vec![list(0..1, 2), ticket("another"), list(0..1, 2)]),
        ("an empty page before the total", vec![list(0..1, 102), ticket("another"), list(0..0, 102)]),
        ("no page before the total", vec![list(0..0, 5)]),
    ] {
        let error = client(&ScriptedSender::new(steps)).find_tickets(&china(), &marked_id(), NOW_MS).await.unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{name}");
        assert_eq!(error.retry(), Retry::Yes { after: None }, "{name}");
    }
    // Without a total the list ends at an empty page.
    let without_total = |ids: &str| ok(format!(r#"{{"Success":true,"Data":[{ids}]}}"#));
    let script = ScriptedSender::new([
        without_total(r#"{"TicketId":"T0"}"#),
        ticket("another"),
        without_total(r#"{"TicketId":"T1"}"#),
        ticket(&format!("text\n\n{MARKER}")),
        without_total(""),
    ]);
    let search = client(&script).find_tickets(&china(), &marked_id(), NOW_MS).await.unwrap();
    assert_eq!(found_ids(&search), [cloud_id("T1")]);
}
