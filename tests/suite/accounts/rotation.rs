//! `PUT /accounts/{id}/keys` takes keys of the account's customer only, and only a proof counts.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule};

use super::{VENDORS, add_keys, identity, identity_failures, rotation};
use crate::support::{
    Answer, ApiEvent, LEASE, NO_SETTLE_TIME, SETTLE_TIME, World, api, cases, demo_keys, second_keys, without,
};

async fn rotate_to_second(world: &World, vendor: &str, account: &str) -> Answer {
    let keys = second_keys(vendor);
    world.call(rotation(account, keys.id, keys.secret)).await
}

/// Creates a ticket whose answer is lost, and gives its id.
async fn unknown(world: &World, vendor: &str, account: &str) -> String {
    world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutAfter));
    world.call(world.create_event(vendor, account, "k1")).await.expect(202).text("id")
}

/// The story: a create is under way at the first customer, and somebody rotates the keys to a second customer's.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_to_a_second_customer_while_a_create_is_unknown_sends_that_customer_nothing() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let id = unknown(&world, vendor, account).await;
        let refused = rotate_to_second(&world, vendor, account).await;
        refused.expect_problem(422, "account_keys_of_another_customer");
        // The settle time ends, the sync looks for the ticket, and the caller sends the same request again.
        world.clock.advance(LEASE);
        world.clock.advance(SETTLE_TIME);
        world.sync().await;
        let again = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        assert_eq!((again.text("id"), again.header("idempotency-replayed")), (id, Some("true")));
        let tickets = world.simulated(vendor).tickets();
        let owners: Vec<_> = tickets.iter().map(|ticket| ticket.account.as_str()).collect();
        assert_eq!(owners, [demo_keys(vendor).account], "the text went to another customer, or twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_another_customer_are_refused_and_the_old_ones_stay_at_work() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let before = world.table().await;
        let refused = rotate_to_second(&world, vendor, account).await;
        let refused = refused.expect_problem(422, "account_keys_of_another_customer");
        assert!(!refused.body.to_string().contains(second_keys(vendor).secret));
        assert_eq!(world.table().await, before);
        world.call(ApiEvent::close(&id)).await.expect(200);
        assert_ne!(world.ticket(&id).await["vendor_status"], "deleted");
        rotate_to_second(&world, vendor, account).await.expect(422);
    }
    let tencent = world.register("TENCENT").await;
    let refused = rotate_to_second(&world, "TENCENT", &tencent).await;
    refused.expect_problem(422, "account_keys_of_another_customer");
}

/// The items without the accounts' paces, which a throttled call changes.
async fn table_without_paces(world: &World) -> Vec<String> {
    without(world.table().await, &["calls_per_minute", "version"])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_that_can_not_be_read_proves_nothing() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        add_keys(&world, vendor, "second-key", "second-secret");
        let mut account = String::new();
        for (fault, status) in identity_failures(vendor) {
            let case = format!("{fault:?}");
            account = world.register(vendor).await;
            let before = table_without_paces(&world).await;
            world.simulated(vendor).fault(FaultRule::always(identity(vendor), fault));
            let event = rotation(&account, "second-key", "second-secret");
            let answer = world.call_within(event, Duration::from_secs(6)).await;
            assert_eq!(answer.status, status, "{case}: {answer}");
            world.simulated(vendor).no_faults();
            assert_eq!(table_without_paces(&world).await, before, "{case}");
        }
        // The old keys are at work: the new ones are known to nobody any more.
        world.simulated(vendor).remove_keys("second-key");
        assert_eq!(world.refresh(json!({"type": vendor})).await["state"], "complete");
        add_keys(&world, vendor, "second-key", "second-secret");
        world.call(rotation(&account, "second-key", "second-secret")).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_accounts_present_keys_say_whose_it_is() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let account = world.register(vendor).await;
        world.forget_customer(&account).await;
        // The present keys can't be asked now.
        let before = world.table().await;
        let rule = FaultRule { skip: 1, ..FaultRule::always(identity(vendor), Fault::Status { code: 503 }) };
        world.simulated(vendor).fault(if vendor == "TENCENT" { FaultRule { skip: 2, ..rule } } else { rule });
        rotate_to_second(&world, vendor, &account).await.expect(502);
        assert_eq!(world.table().await, before);
        world.simulated(vendor).no_faults();
        let refused = rotate_to_second(&world, vendor, &account).await;
        refused.expect_problem(422, "account_keys_of_another_customer");
        add_keys(&world, vendor, "second-key", "second-secret");
        let rotated = world.call(rotation(&account, "second-key", "second-secret")).await.expect(200);
        assert_eq!(rotated.text("customer_id"), demo_keys(vendor).account);
    }
}

/// The vendor refuses the present keys: a ticket that the new keys can read is the proof.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_account_with_dead_keys_is_proved_by_its_tickets() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        world.create(vendor, account, "k1").await;
        world.forget_customer(account).await;
        add_keys(&world, vendor, "second-key", "second-secret");
        world.simulated(vendor).remove_keys(demo_keys(vendor).id);
        let refused = rotate_to_second(&world, vendor, account).await;
        refused.expect_problem(422, "account_keys_of_another_customer");
        let rule = FaultRule::always(api(vendor).status, Fault::Status { code: 503 });
        world.simulated(vendor).fault(rule);
        world.call(rotation(account, "second-key", "second-secret")).await.expect(502);
        world.simulated(vendor).no_faults();
        let rotated = world.call(rotation(account, "second-key", "second-secret")).await.expect(200);
        assert_eq!(rotated.text("customer_id"), demo_keys(vendor).account);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_account_with_dead_keys_and_an_unknown_create_proves_nothing() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        unknown(&world, vendor, account).await;
        world.forget_customer(account).await;
        world.simulated(vendor).remove_keys(demo_keys(vendor).id);
        let refused = rotate_to_second(&world, vendor, account).await;
        refused.expect_problem(422, "account_keys_of_another_customer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_account_with_dead_keys_and_no_ticket_takes_any_keys() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let account = world.register(vendor).await;
        world.forget_customer(&account).await;
        world.simulated(vendor).remove_keys(demo_keys(vendor).id);
        let rotated = rotate_to_second(&world, vendor, &account).await.expect(200);
        assert_eq!(rotated.text("customer_id"), second_keys(vendor).account);
    }
}
