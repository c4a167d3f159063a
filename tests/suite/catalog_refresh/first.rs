//! The refresh that the registration of a catalog's first account starts.

use local::events::PutEventsFailure;
use serde_json::{Value, json};
use shared::{
    domain::{RunId, Vendor},
    workflow::refresh_start,
};
use simulators::{Fault, FaultRule};

use super::{assert_as_at_vendor, counts, size};
use crate::support::{Answer, ApiEvent, Logs, World, api, cases};

async fn run_of(world: &World, account: &str) -> Answer {
    world.call(ApiEvent::of("GET /catalog/refreshes/{id}").id(account)).await
}

async fn assert_started_none(world: &World, account: &str) {
    world.stack.events.wait_until_idle().await;
    run_of(world, account).await.expect_problem(404, "refresh_not_found");
}

/// Makes every refresh of the vendor run on.
fn hang(world: &World, vendor: &str) {
    world.simulated(vendor).fault(FaultRule::always(api(vendor).problem_types, Fault::Hang));
}

/// Registers an account at the vendor's other site.
async fn register_abroad(world: &World) -> String {
    let mut abroad = world.account_body("ALIBABA");
    abroad["region_id"] = json!("ap-southeast-1");
    abroad["allow_same_customer"] = json!(true);
    world.call(ApiEvent::of("POST /accounts").body(abroad)).await.expect(201).text("id")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_account_of_a_vendor_starts_a_refresh_of_it() {
    for vendor in cases(["ALIBABA", "HUAWEI", "TENCENT"]) {
        let world = World::start_with_first_refreshes().await;
        let account = world.register(vendor).await;
        world.stack.events.wait_until_idle().await;
        let run = run_of(&world, &account).await.expect(200).body;
        assert_eq!((&run["id"], &run["type"], &run["state"]), (&json!(account), &json!(vendor), &json!("complete")));
        assert_eq!(counts(&run, vendor), [size(&world, vendor), 0, 0, 0, 0]);
        assert_as_at_vendor(&world, vendor).await;
        let second = world.register(vendor).await;
        assert_started_none(&world, &second).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_is_that_of_a_vendor_and_a_site() {
    let world = World::start_with_first_refreshes().await;
    world.register("ALIBABA").await;
    world.stack.events.wait_until_idle().await;
    let abroad = register_abroad(&world).await;
    world.stack.events.wait_until_idle().await;
    let run = run_of(&world, &abroad).await.expect(200).body;
    let sites: Vec<_> = run["vendors"].as_array().unwrap().iter().map(|one| &one["site"]).collect();
    assert_eq!((sites, &run["state"]), (vec![&json!("china"), &json!("international")], &json!("complete")));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_second_refresh_starts_while_one_reads_the_catalog() {
    let world = World::start_with_first_refreshes().await;
    hang(&world, "ALIBABA");
    let first = world.register("ALIBABA").await;
    let second = world.register("ALIBABA").await;
    let state = run_of(&world, &first).await.expect(200).text("state");
    assert!(["pending", "running"].contains(&state.as_str()), "{state}");
    run_of(&world, &second).await.expect_problem(404, "refresh_not_found");
    // That run does not know the other site, and other vendors are no part of it.
    let abroad = register_abroad(&world).await;
    run_of(&world, &abroad).await.expect(200);
    let huawei = world.register("HUAWEI").await;
    run_of(&world, &huawei).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_a_caller_started_counts_too() {
    let world = World::start().await;
    world.register("ALIBABA").await;
    let world = world.with_first_refreshes();
    hang(&world, "ALIBABA");
    world.call(ApiEvent::of("POST /catalog/refresh")).await.expect(202);
    let second = world.register("ALIBABA").await;
    run_of(&world, &second).await.expect_problem(404, "refresh_not_found");
    // It began before Huawei had an account.
    let huawei = world.register("HUAWEI").await;
    run_of(&world, &huawei).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failed_refresh_the_next_account_starts_another() {
    let world = World::start_with_first_refreshes().await;
    let sim = world.simulated("HUAWEI");
    sim.fault(FaultRule::always(api("HUAWEI").problem_types, Fault::Status { code: 500 }));
    let first = world.register("HUAWEI").await;
    world.stack.events.wait_until_idle().await;
    assert_eq!(run_of(&world, &first).await.expect(200).text("state"), "failed");
    sim.no_faults();
    let second = world.register("HUAWEI").await;
    world.stack.events.wait_until_idle().await;
    assert_eq!(run_of(&world, &second).await.expect(200).text("state"), "complete");
    assert_as_at_vendor(&world, "HUAWEI").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_is_repeated_starts_one_refresh() {
    let world = World::start_with_first_refreshes().await;
    let register = || ApiEvent::of("POST /accounts").key("k1").body(world.account_body("TENCENT"));
    let first = world.call(register()).await.expect(201);
    world.stack.events.wait_until_idle().await;
    let again = world.call(register()).await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    // As after a crash before the answer was stored.
    world.forget_answers().await;
    world.clock.advance(crate::support::LEASE);
    assert_eq!(world.call(register()).await.expect(201).text("id"), first.text("id"));
    world.stack.events.wait_until_idle().await;
    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events();
    let kinds: Vec<_> = events.iter().map(|event| event["detail-type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["CatalogRefreshRequested", "CatalogRefreshed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_registered_where_its_refresh_can_not_be_started() {
    let logs = Logs::start();
    let world = World::start_with_first_refreshes().await;
    world.stack.events.fail(Some(PutEventsFailure::Entries));
    let account = world.register("HUAWEI").await;
    let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(&account)).await.expect(200).body;
    assert_eq!(shown["health"]["last_error"], Value::Null);
    assert!(logs.text().contains("The first refresh of a catalog could not be started."));
    assert_eq!(run_of(&world, &account).await.expect(200).text("state"), "pending");
    world.stack.events.fail(None);
    let run = world.refresh(json!({})).await;
    assert_eq!(counts(&run, "HUAWEI"), [size(&world, "HUAWEI"), 0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_refresh_reads_with_an_account_that_the_index_does_not_show_yet() {
    let world = World::start().await;
    let account = world.register("HUAWEI").await;
    world.remove_attribute(&format!("ACCOUNT#{account}"), "ACCOUNT", "GSI1PK").await;
    run_of(&world, &account).await.expect_problem(404, "refresh_not_found");
    let id = RunId::parse(account.as_str()).unwrap();
    refresh_start::start(&world.stack.app, id, Some(Vendor::Huawei)).await.unwrap();
    world.stack.events.wait_until_idle().await;
    let run = run_of(&world, &account).await.expect(200).body;
    assert_eq!(counts(&run, "HUAWEI"), [size(&world, "HUAWEI"), 0, 0, 0, 0]);
}
