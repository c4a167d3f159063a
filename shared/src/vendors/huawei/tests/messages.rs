//! One conversation from two lists, call by call.

use std::time::Duration;

use serde_json::{Value, json};

use super::{china, client, detail};
use crate::{
    error::Retry,
    vendors::{
        TicketVendor,
        testing::{ScriptedSender, Step, cloud_id, ok},
    },
};

fn rows(range: std::ops::Range<i64>, ids: bool) -> Vec<Value> {
    range
        .map(|n| {
            let mut row = json!({"type": n % 2, "replier": "u", "content": format!("c{n}"),
                "create_time": (1_714_534_252_000 + n / 3 * 1000).to_string()});
            if ids {
                row["message_id"] = json!(format!("m{n}"));
            }
            row
        })
        .collect()
}

fn uncounted(messages: Vec<Value>) -> Step {
    ok(json!({ "message_list": messages }).to_string())
}

fn page(count: i64, messages: Vec<Value>) -> Step {
    ok(json!({"count": count, "message_list": messages}).to_string())
}

#[tokio::test]
async fn a_complete_detail_needs_no_pages() {
    let script = ScriptedSender::new([detail(rows(0..5, true)), page(5, rows(0..1, false))]);
    let messages = client(&script).list_messages(&china(), &cloud_id("TT1")).await.unwrap();
    let ids: Vec<&str> = messages.iter().map(|m| m.message_id.as_str()).collect();
    assert_eq!(ids, ["m0", "m1", "m2", "m3", "m4"]);
    assert_eq!(
        script.targets(),
        [
            "GET /v2/servicerequest/cases/TT1?trim_osm_rich_text_label=false",
            "GET /v2/servicerequest/cases/TT1/messages?limit=1&offset=0&trim_osm_rich_text_label=false",
        ]
    );
    assert_eq!(script.limit(0).timeout, Duration::from_secs(20));
    assert_eq!(script.limit(1).max_bytes, 128 << 20);
}

#[tokio::test]
async fn a_cut_detail_is_completed_from_the_pages() {
    let script = || {
        ScriptedSender::new([
            detail(rows(0..120, true)),
            page(250, rows(0..1, false)),
            page(250, rows(0..100, false)),
            page(250, rows(100..200, false)),
            page(250, rows(200..250, false)),
            detail(rows(0..120, true)),
        ])
    };
    let first = client(&script()).list_messages(&china(), &cloud_id("TT1")).await.unwrap();
    let contents: Vec<String> = first.iter().map(|m| m.content.clone()).collect();
    let expected: Vec<String> = (0..250).map(|n| format!("c{n}")).collect();
    assert_eq!(contents, expected);
    assert!(first[..120].iter().all(|m| m.message_id.starts_with('m')));
    assert!(first[120..].iter().all(|m| m.message_id.starts_with("h-")));
    assert_eq!(client(&script()).list_messages(&china(), &cloud_id("TT1")).await.unwrap(), first);
}

#[tokio::test]
async fn a_message_has_the_same_id_in_every_reading() {
    // GIVEN a reply that comes in after the first detail, or while the pages are read
    for meanwhile in [
        vec![page(2, rows(0..1, false)), page(2, rows(0..2, false))],
        vec![uncounted(rows(0..1, false)), uncounted(rows(0..2, false)), uncounted(Vec::new())],
        vec![uncounted(rows(0..1, false)), uncounted(rows(0..1, false)), uncounted(Vec::new())],
    ] {
        let mut steps = vec![detail(rows(0..1, true))];
        steps.extend(meanwhile);
        steps.extend([detail(rows(0..2, true))]);
        // WHEN it is read again, all in one piece
        steps.extend([detail(rows(0..2, true)), page(2, rows(0..1, false))]);
        let script = ScriptedSender::new(steps);
        let client = client(&script);
        let first = client.list_messages(&china(), &cloud_id("TT1")).await.unwrap();
        let second = client.list_messages(&china(), &cloud_id("TT1")).await.unwrap();
        // THEN the ids are the same
        assert_eq!(first, second);
        let ids: Vec<&str> = first.iter().map(|m| m.message_id.as_str()).collect();
        assert_eq!(ids, ["m0", "m1"]);
    }
}

#[tokio::test]
async fn without_a_count_the_pages_end_at_an_empty_one() {
    // The server has smaller pages than the request asks for.
    let script = ScriptedSender::new([
        detail(rows(0..10, true)),
        uncounted(rows(0..1, false)),
        uncounted(rows(0..50, false)),
        uncounted(rows(50..70, false)),
        uncounted(Vec::new()),
        detail(rows(0..10, true)),
    ]);
    let messages = client(&script).list_messages(&china(), &cloud_id("TT1")).await.unwrap();
    assert_eq!(messages.len(), 70);
    assert!(script.targets()[4].contains("offset=70"));
}

#[tokio::test]
async fn messages_that_are_known_to_be_missing_are_an_error() {
    for (name, pages) in [
        (
            "the offset is ignored",
            vec![page(900, rows(0..1, false)), page(900, rows(0..100, false)), page(900, rows(0..100, false))],
        ),
        (
            "the offset is ignored, without a count",
            vec![uncounted(rows(0..1, false)), uncounted(rows(0..50, false)), uncounted(rows(0..50, false))],
        ),
        (
            "the pages end early",
            vec![page(900, rows(0..1, false)), page(900, rows(0..100, false)), page(900, Vec::new())],
        ),
        (
            // Newest first: the new message moves one from the first page to the second.
            "a message comes in between the pages",
            vec![
                page(150, rows(149..150, false)),
                page(150, rows(50..150, false).into_iter().rev().collect()),
                page(151, rows(0..51, false).into_iter().rev().collect()),
                detail(rows(0..10, true)),
            ],
        ),
        (
            "the pages count fewer",
            vec![page(900, rows(0..1, false)), page(100, rows(0..100, false)), detail(rows(0..10, true))],
        ),
    ] {
        let mut steps = vec![detail(rows(0..10, true))];
        steps.extend(pages);
        let script = ScriptedSender::new(steps);
        let error = client(&script).list_messages(&china(), &cloud_id("TT1")).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), ("vendor_bad_answer", Retry::Yes { after: None }), "{name}");
    }
}

#[tokio::test]
async fn more_messages_than_can_be_paged_are_an_error() {
    let mut steps = vec![detail(Vec::new()), page(70_000, rows(0..1, false))];
    steps.extend((0..656).map(|n| page(70_000, rows(n * 100..n * 100 + 100, false))));
    let script = ScriptedSender::new(steps);
    let error = client(&script).list_messages(&china(), &cloud_id("TT1")).await.unwrap_err();
    assert_eq!((error.code(), script.calls()), ("vendor_bad_answer", 658));
}
