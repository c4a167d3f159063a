//! A vendor that fails: the others' work stands, its own catalog is as it was.

use serde_json::{Value, json};
use simulators::{CatalogChange, Fault, FaultRule};

use super::{a_product, assert_as_at_vendor, counts, entries_in_table, list, of, size};
use crate::support::{ApiEvent, World, api, cases, demo_keys, second_keys};

fn rename(world: &World, vendor: &str) {
    world.simulated(vendor).change(CatalogChange::RenameProduct {
        id: a_product(world, vendor).id,
        name: "新名称".into(),
        name_en: None,
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn one_vendors_failure_leaves_its_catalog_and_the_others_work() {
    for fault in [Fault::Status { code: 500 }, Fault::Html, Fault::Rubbish, Fault::CutBefore] {
        for (failing, working) in [("ALIBABA", "HUAWEI"), ("HUAWEI", "ALIBABA")] {
            let (world, _) = World::ready().await;
            rename(&world, failing);
            rename(&world, working);
            let before = list(&world, "product", failing).await;
            let sim = world.simulated(failing);
            sim.fault(FaultRule::always(api(failing).problem_types, fault.clone()));
            let run = world.refresh(json!({})).await;
            assert_eq!(run["state"], "failed");
            assert_eq!(counts(&run, failing), [0, 0, 0, 0, 1], "{fault:?}");
            assert_eq!(of(&run, failing)["state"], "failed");
            let code = if fault == Fault::Rubbish { "vendor_bad_answer" } else { "vendor_unavailable" };
            assert_eq!(of(&run, failing)["error"]["code"], code, "{run}");
            assert!(!of(&run, failing)["error"]["detail"].as_str().unwrap().is_empty());
            assert_eq!(list(&world, "product", failing).await, before);

            assert_eq!(of(&run, working)["state"], "complete");
            assert_eq!(counts(&run, working), [0, 1, 0, size(&world, working) - 1, 0]);
            assert_as_at_vendor(&world, working).await;

            sim.no_faults();
            let run = world.refresh(json!({})).await;
            assert_eq!(run["state"], "complete", "{run}");
            assert_eq!(counts(&run, failing), [0, 1, 0, size(&world, failing) - 1, 0]);
            assert_as_at_vendor(&world, failing).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_that_was_read_in_part_is_not_written() {
    for vendor in cases(["ALIBABA", "HUAWEI"]) {
        let world = World::start().await;
        let account = world.register(vendor).await;
        let products = u32::try_from(world.catalog(vendor).products().count()).unwrap();
        let sim = world.simulated(vendor);
        // All but the last product's problem types are read.
        sim.fault(FaultRule {
            skip: products - 1,
            ..FaultRule::always(api(vendor).problem_types, Fault::Status { code: 503 })
        });
        let run = world.refresh(json!({})).await;
        assert_eq!(of(&run, vendor)["error"]["code"], "vendor_unavailable", "{run}");
        assert!(world.vendor_calls()[api(vendor).problem_types] >= products.into());
        assert_eq!(entries_in_table(&world).await, Vec::<String>::new());

        let event = ApiEvent::of("POST /tickets").key("k1").body(world.ticket_body(vendor, &account));
        world.call(event).await.expect_problem(409, "catalog_not_refreshed");
        assert!(sim.tickets().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_refresh_leaves_tickets_possible_with_the_catalog_before() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let fault = FaultRule::always(api(vendor).problem_types, Fault::Status { code: 500 });
        world.simulated(vendor).fault(fault);
        let run = world.refresh(json!({"type": vendor})).await;
        assert_eq!(run["state"], "failed");
        world.create(vendor, account, "k1").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_call_is_repeated() {
    for vendor in cases(["ALIBABA", "HUAWEI"]) {
        let world = World::start().await;
        world.register(vendor).await;
        let throttle = Fault::Throttle { retry_after_ms: Some(20) };
        world
            .simulated(vendor)
            .fault(FaultRule { skip: 1, ..FaultRule::times(api(vendor).problem_types, 1, throttle) });
        let run = world.refresh(json!({})).await;
        assert_eq!(run["state"], "complete", "{run}");
        assert_eq!(world.simulated(vendor).faults_left(), 0);
        assert_eq!(counts(&run, vendor), [size(&world, vendor), 0, 0, 0, 0]);
        assert_as_at_vendor(&world, vendor).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_keys_are_shown_at_the_account_and_the_next_account_is_used() {
    for vendor in cases(["ALIBABA", "HUAWEI", "TENCENT"]) {
        let world = World::start().await;
        let first = world.register(vendor).await;
        let second = world.register_second(vendor).await;
        world.simulated(vendor).remove_keys(demo_keys(vendor).id);

        let run = world.refresh(json!({})).await;
        assert_eq!(run["state"], "complete", "{run}");
        assert_as_at_vendor(&world, vendor).await;
        let health = async |account: &str| {
            let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(account)).await;
            shown.expect(200).body["health"].clone()
        };
        let bad = health(&first).await;
        assert_eq!(bad["last_error"]["code"], "account_keys_refused");
        assert!(bad["last_check"].as_i64().unwrap() >= run["create_time"].as_i64().unwrap());
        let good = health(&second).await;
        assert_eq!(good["last_error"], Value::Null);
        assert!(good["last_check"].as_i64().unwrap() >= run["create_time"].as_i64().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_without_a_working_account_says_why() {
    let world = World::start().await;
    world.register("ALIBABA").await;
    world.register("TENCENT").await;
    world.simulated("ALIBABA").remove_keys(demo_keys("ALIBABA").id);
    let run = world.refresh(json!({})).await;
    assert_eq!(run["state"], "failed");
    assert_eq!(of(&run, "ALIBABA")["error"]["code"], "account_keys_refused");
    assert_eq!(of(&run, "TENCENT")["state"], "complete");
    let calls = world.simulated("ALIBABA").calls();
    let refused = calls.iter().filter(|call| call.outcome.starts_with("InvalidAccessKeyId"));
    assert_eq!(refused.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_is_down_says_nothing_about_the_keys() {
    let world = World::start().await;
    for (vendor, operation) in
        cases([("ALIBABA", "ListProducts"), ("HUAWEI", "ListRegions"), ("TENCENT", "DescribeProducts")])
    {
        let account = world.register(vendor).await;
        let shown = async || world.call(ApiEvent::of("GET /accounts/{id}").id(&account)).await.expect(200).body;
        let before = shown().await;
        world.simulated(vendor).fault(FaultRule::always(operation, Fault::Html));
        let run = world.refresh(json!({"type": vendor})).await;
        assert_eq!(of(&run, vendor)["error"]["code"], "vendor_unavailable", "{run}");
        assert_eq!(shown().await, before);
    }
}

/// The operation that lists products.
pub fn products_operation(vendor: &str) -> &'static str {
    match vendor {
        "ALIBABA" => "ListProducts",
        "HUAWEI" => "ListCaseCategories",
        _ => "DescribeProducts",
    }
}

async fn health(world: &World, account: &str) -> Value {
    let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(account)).await;
    shown.expect(200).body["health"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_of_products_does_not_empty_the_catalog() {
    let world = World::start().await;
    for vendor in cases(["ALIBABA", "HUAWEI", "TENCENT"]) {
        world.register(vendor).await;
        // An empty catalog is nothing odd before there was one.
        world.refresh(json!({"type": vendor})).await;
        let before = entries_in_table(&world).await;
        for product in world.catalog(vendor).products() {
            let gone = CatalogChange::RemoveProduct(product.id.clone());
            world.simulated(vendor).change(gone);
        }
        let run = world.refresh(json!({"type": vendor})).await;
        assert_eq!(run["state"], "failed");
        assert_eq!(counts(&run, vendor), [0, 0, 0, 0, 1]);
        assert_eq!(of(&run, vendor)["error"]["code"], "vendor_catalog_empty", "{run}");
        assert_eq!(entries_in_table(&world).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_account_is_used_when_reading_through_the_first_fails() {
    for vendor in cases(["ALIBABA", "HUAWEI", "TENCENT"]) {
        let world = World::start().await;
        world.register(vendor).await;
        world.register_second(vendor).await;
        let sim = world.simulated(vendor);
        // Each call is tried three times.
        let down = Fault::Status { code: 500 };
        sim.fault(FaultRule::times(products_operation(vendor), 3, down));
        let run = world.refresh(json!({})).await;
        assert_eq!(run["state"], "complete", "{run}");
        assert_eq!(sim.faults_left(), 0);
        assert_as_at_vendor(&world, vendor).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_account_is_used_when_the_first_hangs() {
    let world = World::start().await;
    world.register("HUAWEI").await;
    world.register_second("HUAWEI").await;
    let sim = world.simulated("HUAWEI");
    sim.fault(FaultRule::times(products_operation("HUAWEI"), 3, Fault::Hang));
    let run = world.refresh(json!({})).await;
    assert_eq!(run["state"], "complete", "{run}");
    assert_eq!(sim.faults_left(), 0);
    assert_as_at_vendor(&world, "HUAWEI").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_were_not_read_through_are_checked_too() {
    for vendor in cases(["ALIBABA", "HUAWEI", "TENCENT"]) {
        let world = World::start().await;
        let first = world.register(vendor).await;
        let second = world.register_second(vendor).await;
        world.simulated(vendor).remove_keys(second_keys(vendor).id);
        let run = world.refresh(json!({})).await;
        assert_eq!(run["state"], "complete", "{run}");
        let began = run["create_time"].as_i64().unwrap();
        let good = health(&world, &first).await;
        assert_eq!(good["last_error"], Value::Null);
        assert!(good["last_check"].as_i64().unwrap() >= began);
        let bad = health(&world, &second).await;
        assert_eq!(bad["last_error"]["code"], "account_keys_refused", "{vendor}");
        assert!(bad["last_check"].as_i64().unwrap() >= began);
    }
}
