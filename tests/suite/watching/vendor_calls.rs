//! Metrics of the calls to vendors.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{of_function, values, written};
use crate::support::{World, api, until};

const THROTTLE: Fault = Fault::Throttle { retry_after_ms: None };

fn of(vendor: &'static str) -> [(&'static str, &'static str); 2] {
    [("Vendor", vendor), ("Operation", "create_ticket")]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_throttled_attempts_and_a_success_are_one_call() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 2, THROTTLE));
        world.metrics.take();
        let ticket = world.call(world.create_event(vendor, account, "k1")).await.expect(201).text("id");
        // The first ticket of a problem type reads its form.
        let documents = of_function(&world.metrics, "create-ticket").into_iter();
        let documents: Vec<_> = documents.filter(|document| document["Operation"] == "create_ticket").collect();
        let [document] = documents.as_slice() else { panic!("one document is expected: {documents:?}") };
        for (name, value) in [("VendorCalls", 1), ("VendorRetries", 2), ("VendorThrottles", 2)] {
            assert_eq!(document[name], value, "{name}");
        }
        assert_eq!(document["VendorLatency"].as_array().unwrap().len(), 3);
        assert!(document.get("VendorErrors").is_none(), "{document}");
        // Ids stand beside the metrics and never among the dimensions.
        let directives = document["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        let sets: Vec<&Value> = directives.iter().map(|directive| &directive["Dimensions"]).collect();
        assert_eq!(sets, [&json!([["Vendor", "Operation"]])]);
        assert_eq!((&document["Vendor"], &document["Operation"]), (&json!(vendor), &json!("create_ticket")));
        assert_eq!((&document["ticket.id"], &document["account.id"]), (&json!(ticket), &json!(account)));
        assert!(document["request_id"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_counted_by_class() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        for (key, fault, status, class, throttles) in [
            ("k1", THROTTLE, 429, "vendor_throttled", true),
            ("k2", Fault::CutBefore, 202, "vendor_outcome_unknown", false),
        ] {
            let sim = world.simulated(vendor);
            sim.fault(FaultRule::always(api(vendor).create, fault));
            let points = written(&world, async {
                let event = world.create_event(vendor, account, key);
                world.call_within(event, Duration::from_secs(9)).await.expect(status);
            })
            .await;
            sim.no_faults();
            let [by_vendor, by_operation] = of(vendor);
            assert_eq!(values(&points, "VendorErrors", &[by_vendor, by_operation, ("Class", class)]), [1]);
            assert_eq!(values(&points, "VendorCalls", &of(vendor)), [1]);
            let throttled = values(&points, "VendorThrottles", &of(vendor));
            assert_eq!(throttled.iter().any(|calls| *calls >= 3), throttles, "{vendor}: {throttled:?}");
            assert_eq!(throttled.is_empty(), !throttles, "{vendor}");
            assert_eq!(values(&points, "Defects", &[]), [] as [u64; 0]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_that_is_cut_off_has_written_the_metrics_of_its_calls() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        sim.fault(FaultRule::always(api(vendor).create, Fault::Hang));
        let before = sim.count(api(vendor).create);
        world.metrics.take();
        let called = until("the create at the vendor", || sim.count(api(vendor).create) > before);
        tokio::select! {
            answer = world.call(world.create_event(vendor, account, "k1")) => panic!("answered: {answer}"),
            () = called => {}
        }
        assert_eq!(values(&world.metrics.points(), "VendorCalls", &of(vendor)), [1], "{vendor}");
    }
}
