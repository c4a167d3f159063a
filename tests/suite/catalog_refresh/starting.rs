//! What starts a refresh: HTTP, the schedule, events that come twice.

use serde_json::{Value, json};
use shared::domain::RunId;
use simulators::{Fault, FaultRule};

use super::{assert_as_at_vendor, counts, of, size};
use crate::support::{ApiEvent, World, cases};

fn refresh(body: Value) -> ApiEvent {
    ApiEvent::of("POST /catalog/refresh").body(body)
}

fn run(id: &str) -> ApiEvent {
    ApiEvent::of("GET /catalog/refreshes/{id}").id(id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_is_accepted_before_any_vendor_answers() {
    let world = World::start().await;
    world.register("ALIBABA").await;
    world.simulated("ALIBABA").fault(FaultRule::always("ListProducts", Fault::Hang));
    let accepted = world.call(refresh(json!({}))).await.expect(202);
    let id = accepted.text("id");
    assert_eq!(accepted.header("location"), Some(format!("/catalog/refreshes/{id}").as_str()));
    assert_eq!(accepted.text("state"), "pending");
    assert_eq!(accepted.body["vendors"], json!([]));
    let shown = world.call(run(&id)).await.expect(200);
    assert!(["pending", "running"].contains(&shown.text("state").as_str()), "{shown}");
    assert_eq!(shown.body["end_time"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_without_a_body_is_one_of_all_vendors() {
    let world = World::start().await;
    world.register("TENCENT").await;
    let accepted = world.call(ApiEvent::of("POST /catalog/refresh")).await.expect(202);
    world.stack.events.wait_until_idle().await;
    let done = world.call(run(&accepted.text("id"))).await.expect(200);
    assert_eq!(done.text("state"), "complete");
    assert_eq!(counts(&done.body, "TENCENT"), [size(&world, "TENCENT"), 0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_vendor_can_be_refreshed_alone() {
    let world = World::start().await;
    world.register("ALIBABA").await;
    world.register("HUAWEI").await;
    let calls = world.simulated("ALIBABA").calls();
    let done = world.refresh(json!({"type": "HUAWEI"})).await;
    assert_eq!((&done["type"], &done["state"]), (&json!("HUAWEI"), &json!("complete")));
    assert_eq!(done["vendors"].as_array().unwrap().len(), 1);
    assert_as_at_vendor(&world, "HUAWEI").await;
    assert_eq!(world.simulated("ALIBABA").calls(), calls);
    let listed = world.call(ApiEvent::of("GET /catalog/products").query("type=ALIBABA")).await;
    assert_eq!(listed.expect(200).body, json!({"items": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_without_accounts_is_complete_and_empty() {
    let world = World::start().await;
    let done = world.refresh(json!({})).await;
    assert_eq!((&done["state"], &done["vendors"]), (&json!("complete"), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_starts_nothing() {
    let world = World::start().await;
    for (body, field) in [
        (json!({"type": "AWS"}), "/type"),
        (json!({"type": "huawei"}), "/type"),
        (json!({"type": 1}), "/type"),
        (json!({"vendor": "HUAWEI"}), "/vendor"),
    ] {
        let refused = world.call(refresh(body)).await;
        refused.expect_problem(400, "invalid_fields").expect_field(field);
    }
    assert!(world.table().await.is_empty());
    assert!(world.stack.events.events().is_empty());
    let unknown = world.call(run("01JD2Y5T9V7Z3M6Q8R4S0X1W2K")).await;
    unknown.expect_problem(404, "refresh_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_starts_one_run() {
    let world = World::start().await;
    world.register("TENCENT").await;
    let body = json!({"type": "TENCENT"});
    let first = world.call(refresh(body.clone()).key("k1")).await.expect(202);
    world.stack.events.wait_until_idle().await;
    let again = world.call(refresh(body).key("k1")).await.expect(202);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.body, first.body);
    let other = world.call(refresh(json!({})).key("k1")).await;
    other.expect_problem(422, "idempotency_key_reused");
    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events();
    let kinds: Vec<_> = events.iter().map(|event| event["detail-type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["CatalogRefreshRequested", "CatalogRefreshed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_refreshes_every_vendor() {
    let world = World::start().await;
    for vendor in cases(["ALIBABA", "HUAWEI", "TENCENT"]) {
        world.register(vendor).await;
    }
    world.stack.events.fire_schedule("RefreshScheduleRule").unwrap();
    world.stack.events.wait_until_idle().await;
    assert_eq!(world.stack.events.failed_deliveries(), []);
    for vendor in cases(["ALIBABA", "HUAWEI", "TENCENT"]) {
        assert_as_at_vendor(&world, vendor).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_again_after_the_run_does_nothing() {
    let world = World::start().await;
    world.register("HUAWEI").await;
    let done = world.refresh(json!({})).await;
    let id = RunId::parse(done["id"].as_str().unwrap()).unwrap();
    let (table, calls) = (world.table().await, world.vendor_calls());
    world.stack.app.events.request_refresh(&id).await.unwrap();
    world.stack.events.wait_until_idle().await;
    assert_eq!(world.table().await, table);
    assert_eq!(world.vendor_calls(), calls);
    assert_eq!(world.stack.events.failed_deliveries(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_twice_at_once_does_no_harm() {
    let world = World::start().await;
    world.register("HUAWEI").await;
    let accepted = world.call(refresh(json!({}))).await.expect(202);
    let id = RunId::parse(accepted.text("id")).unwrap();
    world.stack.app.events.request_refresh(&id).await.unwrap();
    world.stack.events.wait_until_idle().await;
    let done = world.call(run(id.as_str())).await.expect(200);
    assert_eq!(of(&done.body, "HUAWEI")["state"], "complete");
    assert_as_at_vendor(&world, "HUAWEI").await;
    let next = world.refresh(json!({})).await;
    assert_eq!(counts(&next, "HUAWEI"), [0, 0, 0, size(&world, "HUAWEI"), 0]);
}
