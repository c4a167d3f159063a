//! A failure of one account: it is shown, it is not made worse, and the others are served.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{account, expect_archived, unknown};
use crate::support::{ApiEvent, REFUSED_KEYS_PAUSE, World, api, cases, demo_keys};

const BOTH: [(&str, &str); 2] = [("ALIBABA", "HUAWEI"), ("HUAWEI", "ALIBABA")];

/// An open ticket of the account that a person has closed at the vendor: work for a run.
async fn ended(world: &World, vendor: &str, account: &str, key: &str) -> (String, String) {
    let (id, cloud_id) = world.create(vendor, account, key).await;
    world.simulated(vendor).support_says(&cloud_id, "已修复", world.now_ms());
    world.simulated(vendor).close_in_console(&cloud_id);
    (id, cloud_id)
}

fn total_calls(world: &World, vendor: &str) -> u64 {
    world.simulated(vendor).counts().values().sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_can_not_be_read_stops_no_other() {
    for (bad, good) in cases(BOTH) {
        let (world, accounts) = World::ready().await;
        let accounts = json!({"ALIBABA": accounts.alibaba, "HUAWEI": accounts.huawei});
        let of = |vendor: &str| accounts[vendor].as_str().unwrap().to_owned();
        let rubbish = || AttributeValue::S("?".into());
        let due = unknown(&world, good, &of(good), "u1", Fault::CutAfter).await;
        let lost = unknown(&world, good, &of(good), "u2", Fault::CutAfter).await;
        world.overwrite(&format!("TICKET#{lost}"), "TICKET", "custom_id", AttributeValue::Bool(true)).await;
        let (open, _) = world.create(good, &of(good), "k1").await;
        world.overwrite(&format!("TICKET#{open}"), "TICKET", "create_time", rubbish()).await;
        unknown(&world, bad, &of(bad), "u1", Fault::CutAfter).await;
        world.overwrite(&format!("ACCOUNT#{}", of(bad)), "ACCOUNT", "type", rubbish()).await;
        let (id, cloud_id) = ended(&world, good, &of(good), "k2").await;
        world.sync().await;
        expect_archived(&world, good, &id, &cloud_id).await;
        assert_eq!(world.ticket(&due).await["state"], "open");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_keys_are_shown_at_the_account_and_stop_no_other() {
    for (bad, good) in cases(BOTH) {
        let (world, accounts) = World::ready().await;
        let accounts = json!({"ALIBABA": accounts.alibaba, "HUAWEI": accounts.huawei});
        let of = |vendor: &str| accounts[vendor].as_str().unwrap().to_owned();
        let waiting = ended(&world, bad, &of(bad), "k1").await;
        for number in 0..4 {
            unknown(&world, bad, &of(bad), &format!("u{number}"), Fault::CutBefore).await;
        }
        let (id, cloud_id) = ended(&world, good, &of(good), "k1").await;

        world.simulated(bad).remove_keys(demo_keys(bad).id);
        let before = total_calls(&world, bad);
        for _ in 0..3 {
            world.sync().await;
            // A key that is tried again and again gets locked.
            assert_eq!(total_calls(&world, bad) - before, 1, "{bad}: calls with refused keys");
        }
        expect_archived(&world, good, &id, &cloud_id).await;
        let shown = account(&world, &of(bad)).await;
        assert_eq!(shown["health"]["last_error"]["code"], "account_keys_refused", "{shown}");
        assert_eq!(account(&world, &of(good)).await["health"]["last_error"], Value::Null);
        assert_eq!(world.ticket(&waiting.0).await["state"], "open");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_end_the_error_of_an_account() {
    let (world, accounts) = World::ready().await;
    for (vendor, id) in accounts.both() {
        let (ticket, cloud_id) = ended(&world, vendor, id, "k1").await;
        let keys = demo_keys(vendor);
        world.simulated(vendor).remove_keys(keys.id);
        world.sync().await;
        world.simulated(vendor).add_keys(keys.account, "rotated-key", "rotated-secret");
        let rotate = ApiEvent::of("PUT /accounts/{id}/keys")
            .id(id)
            .body(json!({"secret_id": "rotated-key", "secret_key_secret": "rotated-secret"}));
        world.call(rotate).await.expect(200);
        assert_eq!(account(&world, id).await["health"]["last_error"], Value::Null);
        world.sync().await;
        expect_archived(&world, vendor, &ticket, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_work_again_end_the_error_of_an_account() {
    let (world, accounts) = World::ready().await;
    for (vendor, id) in accounts.both() {
        world.create(vendor, id, "k1").await;
        world.simulated(vendor).fault(FaultRule::always("*", api(vendor).keys_refused()));
        world.sync().await;
        assert_eq!(account(&world, id).await["health"]["last_error"]["code"], "account_keys_refused");
        world.simulated(vendor).no_faults();
        world.clock.advance(REFUSED_KEYS_PAUSE);
        world.sync().await;
        let health = account(&world, id).await["health"].clone();
        assert_eq!(health["last_error"], Value::Null, "{vendor}: {health}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttling_vendor_is_not_called_before_the_end_of_its_hint() {
    let (world, accounts) = World::ready().await;
    let throttled = ended(&world, "ALIBABA", &accounts.alibaba, "k1").await;
    let throttle = Fault::Throttle { retry_after_ms: Some(600_000) };
    world.simulated("ALIBABA").fault(FaultRule::always("*", throttle));
    world.sync().await;
    let wait_until = account(&world, &accounts.alibaba).await["wait_until"].as_i64().unwrap();
    assert!((wait_until - world.now_ms() - 600_000).abs() < 10_000);

    world.simulated("ALIBABA").no_faults();
    let calls = total_calls(&world, "ALIBABA");
    let other = ended(&world, "HUAWEI", &accounts.huawei, "k1").await;
    for _ in 0..2 {
        world.sync().await;
    }
    assert_eq!(total_calls(&world, "ALIBABA"), calls, "called before the end of the hint");
    assert_eq!(world.ticket(&throttled.0).await["state"], "open");
    expect_archived(&world, "HUAWEI", &other.0, &other.1).await;

    // Once it is over the work goes on.
    world.clock.advance(Duration::from_millis(600_000));
    world.sync().await;
    expect_archived(&world, "ALIBABA", &throttled.0, &throttled.1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_without_a_hint_ends_the_run_for_the_account_only() {
    let (world, accounts) = World::ready().await;
    let mut tickets = Vec::new();
    for (vendor, account) in accounts.both() {
        for number in 0..3 {
            tickets.push((vendor, ended(&world, vendor, account, &format!("k{number}")).await));
        }
    }
    let throttle = Fault::Throttle { retry_after_ms: None };
    world.simulated("HUAWEI").fault(FaultRule::always("*", throttle));
    let before = total_calls(&world, "HUAWEI");
    world.sync_within(Duration::from_secs(6)).await;
    let calls = total_calls(&world, "HUAWEI") - before;
    assert!((2..=12).contains(&calls), "{calls} calls of a throttling vendor in three seconds");
    world.simulated("HUAWEI").no_faults();
    world.sync().await;
    for (vendor, (id, cloud_id)) in cases(tickets) {
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_vendor_is_called_a_few_times_only_and_stops_no_other() {
    for (failing, other) in cases(BOTH) {
        let (world, accounts) = World::ready().await;
        let accounts = json!({"ALIBABA": accounts.alibaba, "HUAWEI": accounts.huawei});
        let of = |vendor: &str| accounts[vendor].as_str().unwrap().to_owned();
        for number in 0..12 {
            unknown(&world, failing, &of(failing), &format!("u{number}"), Fault::CutAfter).await;
        }
        let (id, cloud_id) = ended(&world, other, &of(other), "k1").await;
        world.simulated(failing).fault(FaultRule::always("*", Fault::CutBefore));
        let before = total_calls(&world, failing);
        world.sync().await;
        expect_archived(&world, other, &id, &cloud_id).await;
        // Three failures and what was under way beside them, and ten retries at the most.
        let tried = total_calls(&world, failing) - before;
        assert!((3..=17).contains(&tried), "{tried} calls of a failing vendor");
        world.simulated(failing).no_faults();
        world.sync().await;
        let open = format!("state=open&custom_id={}", of(failing));
        let open = world.call(ApiEvent::of("GET /tickets").query(&open)).await.expect(200);
        assert_eq!(open.items().len(), 12);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_hangs_takes_no_others_time() {
    for (hangs, other) in cases(BOTH) {
        let (world, accounts) = World::ready().await;
        let accounts = json!({"ALIBABA": accounts.alibaba, "HUAWEI": accounts.huawei});
        let of = |vendor: &str| accounts[vendor].as_str().unwrap().to_owned();
        ended(&world, hangs, &of(hangs), "k1").await;
        let (id, cloud_id) = ended(&world, other, &of(other), "k1").await;
        world.simulated(hangs).fault(FaultRule::always(api(hangs).list, Fault::Hang));
        let started = Instant::now();
        world.sync_within(Duration::from_secs(8)).await;
        assert!(started.elapsed() < Duration::from_secs(8));
        expect_archived(&world, other, &id, &cloud_id).await;
    }
}
