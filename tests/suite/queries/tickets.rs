//! Lists of tickets, and one ticket.

use serde_json::Value;
use simulators::{Fault, FaultRule};

use super::{assert_cursor_refused, assert_refuses_bad_pages, assert_sealed};
use crate::support::{Accounts, ApiEvent, World};

const TICKETS: &str = "GET /tickets";

/// Tickets in several states: of Alibaba one closed, two open and one unknown, of Huawei one closed and two open. The
/// whole list, newest first.
async fn scatter() -> (World, Accounts, Vec<Value>) {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (first, _) = world.create(vendor, account, "k1").await;
        let close = ApiEvent::close(&first);
        world.call(close).await.expect(200);
        world.create(vendor, account, "k2").await;
        world.create(vendor, account, "k3").await;
    }
    world.simulated("ALIBABA").fault(FaultRule::always("CreateTicket", Fault::CutBefore));
    let body = world.ticket_body("ALIBABA", &accounts.alibaba);
    let unknown = world.call(ApiEvent::of("POST /tickets").key("k9").body(body)).await.expect(202);
    assert_eq!(unknown.text("state"), "unknown");
    let whole = list(&world, "").await;
    assert_eq!(whole.len(), 7);
    (world, accounts, whole)
}

async fn list(world: &World, filters: &str) -> Vec<Value> {
    world.all(|| ApiEvent::of(TICKETS), filters, 100).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_listed_newest_first_as_they_are_shown_alone() {
    let (world, _, whole) = scatter().await;
    let place = |ticket: &Value| (ticket["create_time"].as_i64().unwrap(), ticket["id"].as_str().unwrap().to_owned());
    let mut places: Vec<_> = whole.iter().map(place).collect();
    places.reverse();
    assert!(places.is_sorted());
    for ticket in &whole {
        let id = ticket["id"].as_str().unwrap();
        let shown = world.call(ApiEvent::of("GET /tickets/{id}").id(id)).await.expect(200);
        // A list has no descriptions: with the longest texts a page would be too large.
        let mut listed = shown.body;
        assert!(listed.as_object_mut().unwrap().remove("description").is_some());
        assert_eq!(&listed, ticket);
    }
    let by_default = world.call(ApiEvent::of(TICKETS)).await.expect(200);
    assert_eq!((by_default.items(), &by_default.body["next_cursor"]), (whole.as_slice(), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_leave_just_what_matches_in_pages_of_any_size() {
    let (world, accounts, whole) = scatter().await;
    let middle = whole[3]["create_time"].as_i64().unwrap();
    let is = |name: &'static str, value: &'static str| move |ticket: &Value| ticket[name].as_str() == Some(value);
    let status = |number: i64| move |ticket: &Value| ticket["status"] == number;
    let time = |ticket: &Value| ticket["create_time"].as_i64().unwrap();
    let (of_alibaba, of_huawei) = (accounts.alibaba.clone(), accounts.huawei.clone());
    let alibaba = |ticket: &Value| ticket["custom_id"] == of_alibaba.as_str();
    let huawei = |ticket: &Value| ticket["custom_id"] == of_huawei.as_str();
    type Rule<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let cases: Vec<(String, usize, Rule)> = vec![
        (String::new(), 7, Box::new(|_| true)),
        (format!("&custom_id={}", accounts.alibaba), 4, Box::new(alibaba)),
        ("&type=HUAWEI".into(), 3, Box::new(is("type", "HUAWEI"))),
        ("&type=TENCENT".into(), 0, Box::new(|_| false)),
        ("&status=0".into(), 2, Box::new(status(0))),
        ("&status=1".into(), 5, Box::new(status(1))),
        ("&state=open".into(), 4, Box::new(is("state", "open"))),
        ("&state=unknown".into(), 1, Box::new(is("state", "unknown"))),
        ("&state=closed&status=1".into(), 0, Box::new(|_| false)),
        (
            format!("&custom_id={}&status=0", accounts.huawei),
            1,
            Box::new(move |ticket| huawei(ticket) && ticket["status"] == 0),
        ),
        (format!("&custom_id={}&type=ALIBABA", accounts.huawei), 0, Box::new(|_| false)),
        ("&custom_id=01JD2Y5T9V7Z3M6Q8R4S0X1W2K".into(), 0, Box::new(|_| false)),
        (format!("&from={middle}"), usize::MAX, Box::new(move |ticket| time(ticket) >= middle)),
        (format!("&to={middle}"), usize::MAX, Box::new(move |ticket| time(ticket) < middle)),
        (format!("&from={middle}&to={middle}"), 0, Box::new(|_| false)),
    ];
    for (filters, count, matches) in cases {
        let wanted: Vec<_> = whole.iter().filter(|ticket| matches(ticket)).cloned().collect();
        assert!(count == usize::MAX || wanted.len() == count, "{filters}: {} match", wanted.len());
        for limit in [1, 2, 3, 100] {
            let listed = world.all(|| ApiEvent::of(TICKETS), &filters, limit).await;
            assert_eq!(listed, wanted, "{filters} in pages of {limit}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_holds_for_its_filters_only() {
    let (world, accounts, _) = scatter().await;
    let page = world.call(ApiEvent::of(TICKETS).query("status=1&limit=2")).await.expect(200);
    let cursor = page.text("next_cursor");
    for filters in [
        "limit=2",
        "status=0",
        "status=1&type=HUAWEI",
        "status=1&state=open",
        "status=1&from=0",
        "status=1&to=9999999999999",
        "status=1&updated_since=0",
        &format!("status=1&custom_id={}", accounts.huawei),
    ] {
        let refused = world.call(ApiEvent::of(TICKETS).query(&format!("{filters}&cursor={cursor}"))).await;
        assert_cursor_refused(refused);
    }
    let messages = ApiEvent::of("GET /tickets/{id}/messages").id(page.items()[0]["id"].as_str().unwrap());
    assert_cursor_refused(world.call(messages.query(&format!("cursor={cursor}"))).await);
    assert_sealed(&world, || ApiEvent::of(TICKETS), "status=1", &cursor).await;
    let rest = world.call(ApiEvent::of(TICKETS).query(&format!("limit=100&cursor={cursor}&status=1"))).await;
    assert_eq!(rest.expect(200).items().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_filters_and_pages_are_refused() {
    let world = World::start().await;
    assert_refuses_bad_pages(&world, || ApiEvent::of(TICKETS)).await;
    for (query, field) in [
        ("custom_id=a%2Fb", "custom_id"),
        ("custom_id=", "custom_id"),
        ("type=AWS", "type"),
        ("status=2", "status"),
        ("status=open", "status"),
        ("state=Open", "state"),
        ("from=-1", "from"),
        ("from=2026-01-15", "from"),
        ("to=10000000000000", "to"),
        ("updated_since=yesterday", "updated_since"),
        ("colour=blue", "colour"),
    ] {
        let refused = world.call(ApiEvent::of(TICKETS).query(query)).await;
        refused.expect_problem(400, "invalid_fields").expect_field(field);
    }
    let refused = world.call(ApiEvent::of(TICKETS).query("type=AWS&status=9&limit=0")).await;
    assert_eq!(refused.expect_problem(400, "invalid_fields").pointers(), ["type", "status", "limit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_ticket_is_not_found() {
    let (world, _) = World::ready().await;
    let calls = world.vendor_calls();
    for route in ["GET /tickets/{id}", "GET /tickets/{id}/messages"] {
        let event = ApiEvent::of(route).id("01JD2Y5T9V7Z3M6Q8R4S0X1W2K");
        world.call(event).await.expect_problem(404, "ticket_not_found");
    }
    let event = ApiEvent::of("GET /tickets/{id}").id("01JD2Y5T9V7Z3M6Q8R4S0X1W2K").query("limit=1");
    world.call(event).await.expect_problem(400, "invalid_fields").expect_field("limit");
    assert_eq!(world.vendor_calls(), calls);
}
