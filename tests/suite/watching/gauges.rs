//! The gauges of the sync: tickets by state, their ages, accounts with bad keys.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{
    domain::{AccountHealth, AccountId, HealthError},
    problem_code::ProblemCode,
};
use simulators::{Fault, FaultRule};

use super::{of_function, values, written};
use crate::support::{ApiEvent, LEASE, Point, World, api, demo_keys};

const STATES: [&str; 4] = ["TicketsCreating", "TicketsUnknown", "TicketsOpen", "TicketsClosing"];

const MINUTE: Duration = Duration::from_mins(1);

/// The values of a sparse metric that is 0.
const NONE: [u64; 0] = [];

fn states(points: &[Point]) -> [Vec<u64>; 4] {
    STATES.map(|name| values(points, name, &[]))
}

/// An age that was set to so many minutes, and measured within the minutes after.
#[track_caller]
fn assert_minutes(values: &[u64], minutes: u64) {
    let [age] = values else { panic!("{values:?}") };
    assert!((minutes * 60..minutes * 60 + 600).contains(age), "{age} s");
}

async fn lost_create(world: &World, vendor: &str, account: &str, key: &str, cut: Fault) -> String {
    world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, cut));
    world.call(world.create_event(vendor, account, key)).await.expect(202).text("id")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_work_logs_zeros() {
    let (world, _) = World::ready().await;
    world.metrics.take();
    world.sync().await;
    let documents = of_function(&world.metrics, "sync-tickets");
    let [document] = documents.as_slice() else { panic!("{documents:?}") };
    for name in
        STATES.iter().chain(&["OldestUnknownAge", "OldestClosingAge", "AccountsWithBadKeys", "KeysRefused", "Defects"])
    {
        assert_eq!(document[*name], 0, "{name}");
    }
    assert_eq!((&document["SyncFailedSteps"], &document["SyncLeftSteps"]), (&json!(0), &json!(0)));
    // For the log only: CloudWatch charges a metric for each hour with a value.
    let metrics: Vec<&Value> = document["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap().iter().collect();
    let names: Vec<&str> = metrics.iter().map(|metric| metric["Name"].as_str().unwrap()).collect();
    assert!(names.contains(&"SyncLag") && !STATES.iter().any(|state| names.contains(state)), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_counted_by_state_and_the_oldest_is_named() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        let (open, _) = world.create(vendor, account, "open").await;
        let (closing, _) = world.create(vendor, account, "closing").await;
        // GIVEN a close that fails for 50 minutes
        let close = api(vendor).close;
        sim.fault(FaultRule::always(close, Fault::CutBefore));
        world.call(ApiEvent::close(&closing)).await.expect(202);
        world.clock.advance(19 * MINUTE);
        // AND two creates without an answer that are not found, one of them older
        let old = lost_create(&world, vendor, account, "old", Fault::CutAfter).await;
        world.clock.advance(LEASE + 30 * MINUTE);
        lost_create(&world, vendor, account, "young", Fault::CutAfter).await;
        sim.fault(FaultRule::always(api(vendor).list, Fault::Status { code: 500 }));

        world.metrics.take();
        world.sync().await;
        let documents = of_function(&world.metrics, "sync-tickets");
        let document = documents.iter().find(|one| one.get("OldestUnknownAge").is_some()).unwrap();
        assert_eq!(STATES.map(|name| document[name].as_u64().unwrap()), [0, 2, 1, 1], "{vendor}");
        assert_minutes(&[document["OldestUnknownAge"].as_u64().unwrap()], 30);
        assert_minutes(&[document["OldestClosingAge"].as_u64().unwrap()], 50);
        assert_eq!(document["oldest_unknown"], json!(old));
        assert_eq!(document["oldest_closing"], json!(closing));
        assert!(document["SyncFailedSteps"].as_u64().unwrap() > 0);

        // WHEN the vendor works again THEN a run reconciles them, and the next one shows it
        sim.no_faults();
        world.clock.advance(LEASE);
        world.sync().await;
        let points = written(&world, world.sync()).await;
        assert_eq!(states(&points), [vec![], vec![], vec![3], vec![]], "{vendor}");
        assert_eq!(values(&points, "OldestUnknownAge", &[]), NONE);
        assert_eq!(values(&points, "OldestClosingAge", &[]), NONE);
        world.call(ApiEvent::close(&open)).await.expect(200);
        let rest = ApiEvent::of("GET /tickets").query(&format!("custom_id={account}&status=1"));
        for ticket in world.call(rest).await.expect(200).items() {
            let id = ticket["id"].as_str().unwrap();
            let close = ApiEvent::close(id);
            let points = written(&world, async { world.call(close).await.expect(200) }).await;
            assert_eq!(values(&points, "TicketsClosed", &[]), [1]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_is_still_under_way_has_no_age() {
    let (world, accounts) = World::ready().await;
    lost_create(&world, "HUAWEI", &accounts.huawei, "k1", Fault::CutBefore).await;
    let points = written(&world, world.sync()).await;
    // The lease is not over: the call that gave no answer may still be on its way.
    assert_eq!(states(&points), [vec![], vec![1], vec![], vec![]]);
    assert_eq!(values(&points, "OldestUnknownAge", &[]), NONE);
    world.clock.advance(LEASE + 5 * MINUTE);
    assert_minutes(&values(&written(&world, world.sync()).await, "OldestUnknownAge", &[]), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_without_an_outcome_have_an_age_too() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, _) = world.create(vendor, account, "k1").await;
        let reply_operation = api(vendor).reply;
        world.simulated(vendor).fault(FaultRule::times(reply_operation, 1, Fault::CutBefore));
        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&ticket).key("r1");
        let reply = world.call(reply.body(json!({"content": "还在吗"}))).await.expect(202).text("id");
        world.clock.advance(LEASE + 8 * MINUTE);
        world.metrics.take();
        world.sync().await;
        let documents = of_function(&world.metrics, "sync-tickets");
        let document = documents.iter().find(|one| one.get("OldestUnknownAge").is_some()).unwrap();
        assert_minutes(&[document["OldestUnknownAge"].as_u64().unwrap()], 8);
        assert_eq!(document["oldest_unknown"], json!(reply));
        // It is not there after the settle time: it was not sent, and is of no age any more.
        world.clock.advance(9 * MINUTE);
        world.sync().await;
        let points = written(&world, world.sync()).await;
        assert_eq!(values(&points, "OldestUnknownAge", &[]), NONE, "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_with_bad_keys_are_counted_and_named() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        world.create(vendor, account, "k1").await;
        let keys = demo_keys(vendor);
        world.simulated(vendor).remove_keys(keys.id);
        // A caller meets the refused keys first, then a run of the sync, which the next one counts.
        let points = written(&world, async {
            world.call(world.create_event(vendor, account, "k2")).await.expect_problem(422, "account_keys_refused")
        })
        .await;
        assert_eq!(values(&points, "KeysRefused", &[]), [1]);
        let points = written(&world, world.sync()).await;
        assert_eq!(values(&points, "KeysRefused", &[]), [1]);
        assert_eq!(values(&points, "AccountsWithBadKeys", &[]), NONE);
        world.metrics.take();
        world.sync().await;
        let documents = of_function(&world.metrics, "sync-tickets");
        let document = documents.iter().find(|one| one.get("AccountsWithBadKeys").is_some()).unwrap();
        assert_eq!(
            (&document["AccountsWithBadKeys"], &document["accounts_with_bad_keys"]),
            (&json!(1), &json!([account]))
        );

        world.simulated(vendor).add_keys(keys.account, keys.id, keys.secret);
        let body = json!({"secret_id": keys.id, "secret_key_secret": keys.secret});
        world.call(ApiEvent::of("PUT /accounts/{id}/keys").id(account).body(body)).await.expect(200);
        let points = written(&world, world.sync()).await;
        assert_eq!(values(&points, "AccountsWithBadKeys", &[]), NONE);
        assert_eq!(values(&points, "KeysRefused", &[]), NONE);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_counts_as_bad_keys() {
    let (world, accounts) = World::ready().await;
    let last_error = Some(HealthError { code: ProblemCode::VendorPermissionDenied, detail: "no".into() });
    let health = AccountHealth { last_check: Some(1), last_error };
    let id = AccountId::parse(accounts.huawei.as_str()).unwrap();
    world.stack.app.store.set_account_health(&id, &health, "W1").await.unwrap();
    assert_eq!(values(&written(&world, world.sync()).await, "AccountsWithBadKeys", &[]), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lag_counts_from_the_scheduled_time() {
    let world = World::start().await;
    let mut event: Value = serde_json::from_str(include_str!("../../events/sync-tickets-schedule.json")).unwrap();
    for (time, expected) in [("2026-03-04T05:06:07Z", 1_772_600_767), ("not a time", 0)] {
        event["time"] = json!(time);
        let now_s = u64::try_from(world.now_ms() / 1000).unwrap();
        let points = written(&world, async {
            let deadline = std::time::Instant::now() + std::time::Duration::from_secs(55);
            world.stack.invoke("sync-tickets", event.clone(), deadline).await.unwrap();
        })
        .await;
        let lag = values(&points, "SyncLag", &[]);
        let least = if expected == 0 { 0 } else { now_s - expected };
        assert!(lag.len() == 1 && (least..least + 600).contains(&lag[0]), "{lag:?} {least}");
    }
}
