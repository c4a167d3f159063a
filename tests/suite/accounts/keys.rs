//! `PUT /accounts/{id}/keys`, and processes that still hold old keys.

use serde_json::json;
use shared::{
    app::{App, Dependencies},
    config::Config,
    domain::{AccountId, AccountKeys},
};

use super::{VENDORS, add_keys, refusals, rotation};
use crate::support::{ApiEvent, World, cases, demo_keys};

/// How many of the vendor's calls were refused for their keys.
fn refused(world: &World, vendor: &str) -> usize {
    let codes = refusals(vendor);
    let calls = world.simulated(vendor).calls();
    calls.iter().filter(|call| codes.contains(&call.outcome.as_str())).count()
}

/// Replaces the account's keys as another process would.
async fn replace_elsewhere(world: &World, account: &str, id: &str, secret: &str) {
    let environment = &world.stack.environment;
    let config = Config::from_lookup(|name| environment.get(name).cloned()).unwrap();
    let keys = AccountKeys { secret_id: id.into(), secret_key_secret: secret.into() };
    let account = AccountId::parse(account).unwrap();
    let other = App::new(config, Dependencies::system());
    other.secrets.replace(&account, &keys).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_new_keys_leave_the_old_ones_at_work() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let account = world.register(vendor).await;
        let before = world.table().await;
        let good_id = demo_keys(vendor).id;
        for ((id, secret), code) in [(good_id, "wrong"), ("no-such-key", "wrong")].into_iter().zip(refusals(vendor)) {
            let answer = world.call(rotation(&account, id, secret)).await;
            let answer = answer.expect_problem(422, "account_keys_refused");
            assert_eq!(answer.body["vendor"]["code"], code);
        }
        assert_eq!(world.table().await, before);
        let run = world.refresh(json!({"type": vendor})).await;
        assert_eq!(run["state"], "complete", "{run}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn good_new_keys_work_at_once() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let account = world.register(vendor).await;
        world.refresh(json!({"type": vendor})).await;
        add_keys(&world, vendor, "second-key", "second-canary");
        let rotated = world.call(rotation(&account, "second-key", "second-canary")).await.expect(200);
        assert_eq!(rotated.text("id"), account);
        assert!(!rotated.body.to_string().contains("second-"));
        world.simulated(vendor).remove_keys(demo_keys(vendor).id);
        let before = refused(&world, vendor);
        let run = world.refresh(json!({"type": vendor})).await;
        assert_eq!(run["state"], "complete", "{run}");
        assert_eq!(refused(&world, vendor), before);
        for item in world.whole_table().await {
            assert!(!item.contains("second-"), "{item}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_ends_the_error_of_an_account() {
    let world = World::start().await;
    let account = world.register("HUAWEI").await;
    let health = async || {
        let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(&account)).await;
        shown.expect(200).body["health"].clone()
    };
    world.simulated("HUAWEI").remove_keys(demo_keys("HUAWEI").id);
    world.refresh(json!({})).await;
    assert_eq!(health().await["last_error"]["code"], "account_keys_refused");
    add_keys(&world, "HUAWEI", "second-key", "second-secret");
    world.call(rotation(&account, "second-key", "second-secret")).await.expect(200);
    assert_eq!(health().await["last_error"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_with_old_keys_reads_the_new_ones_when_the_vendor_refuses_the_old() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        // This process has the demo keys in memory now; another one replaces them and they end.
        let first = world.create(vendor, account, &format!("{vendor}-1")).await;
        add_keys(&world, vendor, "second-key", "second-secret");
        replace_elsewhere(&world, account, "second-key", "second-secret").await;
        world.simulated(vendor).remove_keys(demo_keys(vendor).id);

        let before = refused(&world, vendor);
        let second = world.create(vendor, account, &format!("{vendor}-2")).await;
        assert_ne!(first, second);
        assert_eq!(world.simulated(vendor).tickets().len(), 2);
        // It knows after one refusal.
        world.create(vendor, account, &format!("{vendor}-3")).await;
        assert_eq!(refused(&world, vendor), before + 1, "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_keys_are_tried_once_by_each_request_and_never_in_a_loop() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        world.simulated(vendor).remove_keys(demo_keys(vendor).id);
        let before = refused(&world, vendor);
        for number in 1..=2 {
            let event = ApiEvent::of("POST /tickets")
                .key(&format!("{vendor}-{number}"))
                .body(world.ticket_body(vendor, account));
            let answer = world.call(event).await.expect_problem(422, "account_keys_refused");
            assert_eq!(answer.body["vendor"]["type"], vendor);
            assert_eq!(refused(&world, vendor), before + number, "{vendor}");
        }
        assert!(world.simulated(vendor).tickets().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn huawei_does_not_lock_a_key_whose_secret_was_renewed() {
    let (world, accounts) = World::ready().await;
    // The same key id gets a new secret: each use of the old one is a bad signature, and the sixth locks the key.
    add_keys(&world, "HUAWEI", demo_keys("HUAWEI").id, "renewed-secret");
    replace_elsewhere(&world, &accounts.huawei, demo_keys("HUAWEI").id, "renewed-secret").await;
    let run = world.refresh(json!({"type": "HUAWEI"})).await;
    assert_eq!(run["state"], "complete", "{run}");
    world.create("HUAWEI", &accounts.huawei, "k1").await;
    assert_eq!(refused(&world, "HUAWEI"), 1);
}
