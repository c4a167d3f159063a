//! The search for a ticket by its marker.

use serde_json::{Value, json};

use super::{china, client, detail, file};
use crate::{
    error::{ErrorKind, Retry},
    vendors::{
        TicketVendor,
        testing::{MARKER, ScriptedSender, Step, cloud_id, found_ids, marked_id, ok},
    },
};

#[tokio::test]
async fn the_search_checks_the_list_or_the_detail_and_reads_on() {
    let row = |n: usize, text: &str| json!({"incident_id": format!("TT{n}"), "status": 1, "simple_description": text});
    let mut first: Vec<Value> = (0..99).map(|id| row(id, "x")).collect();
    first.push(row(99, &format!("text\n\n{MARKER}")));
    let mut steps = vec![ok(json!({"total_count": 101, "incident_info_list": first}).to_string())];
    let detail = |text: &str| ok(json!({"incident_detail_info": {"simple_description": text}}).to_string());
    steps.extend((0..99).map(|_| detail("x")));
    steps.push(ok(json!({"total_count": 101, "incident_info_list": [row(100, "cut off")]}).to_string()));
    steps.push(detail(&format!("<p>text</p><p>{MARKER}</p>")));
    let script = ScriptedSender::new(steps);
    let search = client(&script).find_tickets(&china(), &marked_id(), i64::MAX).await.unwrap();
    assert_eq!(found_ids(&search), [cloud_id("TT99"), cloud_id("TT100")]);
    assert_eq!(
        script.targets()[100],
        "GET /v2/servicerequest/cases?app_key=01JD2Y5T9V7Z3M6Q8R4S0X1W2K&limit=100&offset=100"
    );
}

/// A page of ListCases with one ticket, whose text is `text`.
fn one_case(text: &str) -> Step {
    let row = json!({"incident_id": "TT1", "status": 1, "simple_description": text});
    ok(json!({"total_count": 1, "incident_info_list": [row]}).to_string())
}

#[tokio::test]
async fn a_hit_that_cannot_be_read_fails_the_search() {
    for (name, kind) in
        [("error-OSM.01010002", ErrorKind::PermissionDenied), ("error-OSM.01010001", ErrorKind::InvalidInput)]
    {
        let script = ScriptedSender::new([one_case("cut off"), file(name)]);
        let error = client(&script).find_tickets(&china(), &marked_id(), 0).await.unwrap_err();
        assert_eq!(error.kind(), kind);
    }
}

#[tokio::test]
async fn a_hit_that_the_vendor_does_not_show_is_unreadable() {
    for step in [file("error-OSM.01010015"), detail(Vec::new())] {
        let script = ScriptedSender::new([one_case("cut off"), step]);
        let search = client(&script).find_tickets(&china(), &marked_id(), 0).await.unwrap();
        assert_eq!((found_ids(&search), search.unreadable), (vec![], vec![cloud_id("TT1")]));
    }
}

#[tokio::test]
async fn the_id_is_found_anywhere_in_the_row() {
    for text in [format!("it said\n{MARKER}\nplease help"), format!("<p>{}</p>…", MARKER.to_lowercase())] {
        let script = ScriptedSender::new([one_case(&text)]);
        let search = client(&script).find_tickets(&china(), &marked_id(), 0).await.unwrap();
        assert_eq!(found_ids(&search), [cloud_id("TT1")]);
    }
}

#[tokio::test]
async fn a_list_that_does_not_reach_its_end_fails_the_search() {
    let cases = |total: Option<u32>, ids: std::ops::Range<u32>| {
        let rows: Vec<Value> = ids
            .map(|id| json!({"incident_id": format!("TT{id}"), "simple_description": format!("x\n\n{MARKER}")}))
            .collect();
        ok(json!({"total_count": total, "incident_info_list": rows}).to_string())
    };
    for (name, steps) in [
        ("the same page again", vec![cases(Some(2), 0..1), cases(Some(2), 0..1)]),
        ("an empty page before the total", vec![cases(Some(3), 0..1), cases(Some(3), 0..0)]),
    ] {
        let error = client(&ScriptedSender::new(steps)).find_tickets(&china(), &marked_id(), 0).await.unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{name}");
        assert_eq!(error.retry(), Retry::Yes { after: None }, "{name}");
    }
    // Without a total the list ends at an empty page.
    let script = ScriptedSender::new([cases(None, 0..1), cases(None, 1..3), cases(None, 0..0)]);
    let search = client(&script).find_tickets(&china(), &marked_id(), 0).await.unwrap();
    assert_eq!(found_ids(&search), ["TT0", "TT1", "TT2"].map(cloud_id));
}
