//! Replies with the same text: counted against the messages at the vendor, and never guessed.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::Fault;

use super::{TEXT, expect_first, expect_replayed, fault, pending, reply, written};
use crate::support::{ApiEvent, LEASE, NO_SETTLE_TIME, World, api};

const MINUTE: Duration = Duration::from_mins(1);

fn states(pending: &Value) -> Vec<&str> {
    pending.as_array().unwrap().iter().map(|reply| reply["state"].as_str().unwrap()).collect()
}

/// Sends the text under both keys; the vendor takes the first `arrived` of them, and gives no answer.
async fn two_unknown(world: &World, vendor: &str, id: &str, keys: &[String; 2], arrived: usize) {
    for (number, key) in keys.iter().enumerate() {
        let cut = if number < arrived { Fault::CutAfter } else { Fault::CutBefore };
        fault(world, vendor, 1, cut);
        world.call(reply(id, key, TEXT)).await.expect(202);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_unknown_replies_one_arrived_and_both_are_indeterminate() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let keys = [format!("{vendor}-r1"), format!("{vendor}-r2")];
        two_unknown(&world, vendor, &id, &keys, 1).await;
        world.clock.advance(LEASE);
        for _ in 0..2 {
            for key in &keys {
                let refused = world.call(reply(&id, key, TEXT)).await.expect_problem(409, "reply_indeterminate");
                assert!(refused.text("detail").contains("Idempotency-Key"));
            }
            world.sync().await;
        }
        assert_eq!(states(&pending(&world, &id).await), ["indeterminate", "indeterminate"]);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
        // Under a new key the caller may send it again.
        expect_first(world.call(reply(&id, &format!("{vendor}-r3"), TEXT)).await, 201);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT, TEXT]);
        // One that names its message is shown until a newer copy has that.
        let shown = if api(vendor).reply_names_message { 3 } else { 2 };
        assert_eq!(states(&pending(&world, &id).await), ["indeterminate", "indeterminate", "sent"][..shown]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_indeterminate_only_after_the_settle_time_of_the_other() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let keys = [format!("{vendor}-r1"), format!("{vendor}-r2")];
        two_unknown(&world, vendor, &id, &keys, 1).await;
        for key in &keys {
            expect_replayed(world.call(reply(&id, key, TEXT)).await, 202);
        }
        world.sync().await;
        assert_eq!(states(&pending(&world, &id).await), ["unknown", "unknown"]);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_unknown_ones_that_both_arrived_are_both_sent() {
    for settle_time_ms in ["0", "600000"] {
        let (world, accounts) = World::ready_with(&[("SETTLE_TIME_MS", settle_time_ms)]).await;
        for (vendor, account) in accounts.both() {
            let (id, cloud_id) = world.create(vendor, account, "k1").await;
            let keys = [format!("{vendor}-r1"), format!("{vendor}-r2")];
            two_unknown(&world, vendor, &id, &keys, 2).await;
            for key in &keys {
                expect_replayed(world.call(reply(&id, key, TEXT)).await, 201);
            }
            assert_eq!(pending(&world, &id).await, Value::Null);
            assert_eq!(written(&world, vendor, &cloud_id), [TEXT, TEXT]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_unknown_ones_of_which_none_arrived_are_sent_once_each() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let keys = [format!("{vendor}-r1"), format!("{vendor}-r2")];
        two_unknown(&world, vendor, &id, &keys, 0).await;
        for key in &keys {
            // The one that was sent just now counts for the other too.
            world.clock.advance(LEASE);
            expect_first(world.call(reply(&id, key, TEXT)).await, 201);
        }
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT, TEXT]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_reply_is_distinguished_from_an_equal_one_that_was_sent() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        for (arrives, cut) in [(true, Fault::CutAfter), (false, Fault::CutBefore)] {
            let (id, cloud_id) = world.create(vendor, account, &format!("k{arrives}")).await;
            world.call(reply(&id, &format!("{vendor}-{arrives}-r1"), TEXT)).await.expect(201);
            fault(&world, vendor, 1, cut);
            let key = format!("{vendor}-{arrives}-r2");
            world.call(reply(&id, &key, TEXT)).await.expect(202);
            if !arrives {
                world.clock.advance(LEASE);
            }
            let again = world.call(reply(&id, &key, TEXT)).await.expect(201);
            assert_eq!(again.header("idempotency-replayed").is_some(), arrives);
            assert_eq!(written(&world, vendor, &cloud_id), [TEXT, TEXT]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_words_of_a_person_at_another_time_make_a_reply_indeterminate() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let hour_ago = world.now_ms() - 60 * 60 * 1000;
        world.simulated(vendor).customer_writes(&cloud_id, TEXT, hour_ago);
        fault(&world, vendor, 1, Fault::CutBefore);
        let key = format!("{vendor}-r1");
        let unknown = world.call(reply(&id, &key, TEXT)).await.expect(202);
        let refused = world.call(reply(&id, &key, TEXT)).await;
        refused.expect_problem(409, "reply_indeterminate");
        let pending = pending(&world, &id).await;
        assert_eq!((&pending[0]["id"], &pending[0]["state"]), (&unknown.body["id"], &json!("indeterminate")));
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_words_of_support_are_no_reply() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        fault(&world, vendor, 1, Fault::CutBefore);
        let key = format!("{vendor}-r1");
        world.call(reply(&id, &key, TEXT)).await.expect(202);
        world.simulated(vendor).support_says(&cloud_id, TEXT, world.now_ms());
        world.clock.advance(LEASE);
        expect_first(world.call(reply(&id, &key, TEXT)).await, 201);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_with_other_texts_do_not_count() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let keys = [format!("{vendor}-r1"), format!("{vendor}-r2")];
        fault(&world, vendor, 2, Fault::CutAfter);
        world.call(reply(&id, &keys[0], TEXT)).await.expect(202);
        world.call(reply(&id, &keys[1], "另一句")).await.expect(202);
        world.call(reply(&id, &format!("{vendor}-r3"), "又一句")).await.expect(201);
        expect_replayed(world.call(reply(&id, &keys[0], TEXT)).await, 201);
        assert_eq!(states(&pending(&world, &id).await), ["unknown"]);
        expect_replayed(world.call(reply(&id, &keys[1], "另一句")).await, 201);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT, "另一句", "又一句"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_stays_unknown_while_an_equal_one_may_not_be_shown_yet() {
    let (world, accounts) = World::ready().await;
    // Huawei answers without ids: one message may be the one's or the other's.
    let (id, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    fault(&world, "HUAWEI", 1, Fault::CutBefore);
    world.call(reply(&id, "r1", TEXT)).await.expect(202);
    world.clock.advance(3 * MINUTE);
    world.call(reply(&id, "r2", TEXT)).await.expect(201);
    // The first one's own settle time is over.
    world.clock.advance(14 * MINUTE);
    expect_replayed(world.call(reply(&id, "r1", TEXT)).await, 202);
    // The settle time after the other's begin is over. It may have taken effect at the end of its lease.
    world.clock.advance(2 * MINUTE + Duration::from_secs(15));
    expect_replayed(world.call(reply(&id, "r1", TEXT)).await, 202);
    // The settle time after the other's lease is over.
    world.clock.advance(MINUTE);
    expect_first(world.call(reply(&id, "r1", TEXT)).await, 201);
    assert_eq!(written(&world, "HUAWEI", &cloud_id), [TEXT, TEXT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_reply_of_other_words_delays_no_close() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        for (key, text) in [("r1", TEXT), ("r2", "另一句")] {
            world.call(reply(&id, &format!("{vendor}-{key}"), text)).await.expect(201);
        }
        let closed = world.call(ApiEvent::close(&id)).await.expect(200);
        assert_eq!(closed.text("state"), "closed");
    }
}
