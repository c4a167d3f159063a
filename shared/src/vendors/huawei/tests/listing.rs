//! The pages of the ticket list, by offset.

use serde_json::json;

use super::{china, client};
use crate::vendors::{
    TicketPage, TicketVendor,
    testing::{ScriptedSender, Step, ok},
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
async fn a_page_follows_the_rows_of_the_one_before() {
    for (position, total, rows, next) in [
        (0, Some(130), 0..100, Some(100)),
        (100, Some(130), 100..120, Some(120)),
        (120, Some(130), 120..130, None),
        (0, Some(101), 0..50, Some(50)),
        // A full page is not the last one, even at the total.
        (0, Some(100), 0..100, Some(100)),
        (100, Some(100), 0..0, None),
        // Without a total only an empty page is the end.
        (0, None, 0..30, Some(30)),
        (30, None, 0..0, None),
    ] {
        let script = ScriptedSender::new([cases(total, rows.clone())]);
        let page = client(&script).list_tickets(&china(), 0, position).await.unwrap();
        assert_eq!((ids(&page), page.next), (named(rows), next), "{position} {total:?}");
        assert_eq!(script.targets(), [format!("GET /v2/servicerequest/cases?limit=100&offset={position}")]);
    }
    let script = ScriptedSender::new([cases(Some(130), 0..0)]);
    let error = client(&script).list_tickets(&china(), 0, 120).await.unwrap_err();
    assert_eq!(error.code(), "vendor_bad_answer");
}

#[tokio::test]
async fn tickets_that_are_too_old_are_left_out_but_counted() {
    let script = ScriptedSender::new([cases(Some(300), 0..100)]);
    let page = client(&script).list_tickets(&china(), i64::MAX, 0).await.unwrap();
    assert_eq!((page.tickets.len(), page.next), (0, Some(100)));
}

#[tokio::test]
async fn a_list_beyond_the_largest_offset_is_incomplete() {
    // The largest offset itself may still be used.
    let script = ScriptedSender::new([cases(Some(70_000), 0..1)]);
    let page = client(&script).list_tickets(&china(), 0, 65_535).await.unwrap();
    assert_eq!((page.tickets.len(), page.next), (1, Some(65_536)));
    assert_eq!(script.targets(), ["GET /v2/servicerequest/cases?limit=100&offset=65535"]);

    let script = ScriptedSender::new([]);
    let error = client(&script).list_tickets(&china(), 0, 65_536).await.unwrap_err();
    assert_eq!((error.code(), script.calls()), ("vendor_bad_answer", 0));
}
