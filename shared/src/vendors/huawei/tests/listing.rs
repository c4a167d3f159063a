//! A page of tickets, whatever the size of the vendor's own pages.

use serde_json::json;

use super::{china, client};
use crate::vendors::{
    TicketPage, TicketVendor,
    testing::{Script, Step, ok},
};

/// A page of ListCases.
fn cases(total: Option<u32>, ids: std::ops::Range<u32>) -> Step {
    let rows: Vec<_> = ids
        .map(|id| json!({"incident_id": format!("TT{id}"), "status": 1, "create_time": "2024-05-01T03:30:52Z"}))
        .collect();
    ok(json!({"total_count": total, "incident_info_list": rows}).to_string())
}

fn ids(page: &TicketPage) -> Vec<String> {
    page.tickets.iter().map(|ticket| ticket.cloud_id.to_string()).collect()
}

fn named(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|id| format!("TT{id}")).collect()
}

#[tokio::test]
async fn a_page_is_a_hundred_rows_in_as_many_calls_as_that_takes() {
    let script = Script::new([cases(Some(130), 100..120), cases(Some(130), 120..130)]);
    let page = client(&script).list_tickets(&china(), 0, 1).await.unwrap();
    assert_eq!((ids(&page), page.next), (named(100..130), None));
    assert_eq!(
        script.targets(),
        [
            "GET /v2/servicerequest/cases?limit=100&offset=100",
            "GET /v2/servicerequest/cases?limit=100&offset=120",
        ]
    );

    let script = Script::new([cases(Some(101), 0..50), cases(Some(101), 50..100)]);
    let page = client(&script).list_tickets(&china(), 0, 0).await.unwrap();
    assert_eq!((ids(&page), page.next), (named(0..100), Some(1)));

    // Without a total only an empty page is the end.
    let script = Script::new([cases(None, 0..30), cases(None, 0..0)]);
    let page = client(&script).list_tickets(&china(), 0, 0).await.unwrap();
    assert_eq!((ids(&page), page.next), (named(0..30), None));
}

#[tokio::test]
async fn tickets_that_are_too_old_are_left_out_but_counted() {
    let script = Script::new([cases(Some(300), 0..100)]);
    let page = client(&script).list_tickets(&china(), i64::MAX, 0).await.unwrap();
    assert_eq!((page.tickets.len(), page.next), (0, Some(1)));
}

#[tokio::test]
async fn a_list_beyond_the_largest_offset_is_incomplete() {
    let script = Script::new([cases(Some(70_000), 0..100)]);
    let page = client(&script).list_tickets(&china(), 0, 655).await.unwrap();
    assert_eq!((page.tickets.len(), page.next), (100, Some(656)));
    assert_eq!(script.targets(), ["GET /v2/servicerequest/cases?limit=100&offset=65500"]);

    let script = Script::new([]);
    let error = client(&script).list_tickets(&china(), 0, 656).await.unwrap_err();
    assert_eq!((error.code(), script.calls()), ("vendor_bad_answer", 0));

    // The offset itself may still be used.
    let script = Script::new([cases(None, 0..35), cases(None, 0..1), cases(None, 0..0)]);
    let error = client(&script).list_tickets(&china(), 0, 655).await.unwrap_err();
    assert_eq!((error.code(), script.calls()), ("vendor_bad_answer", 2));
}
