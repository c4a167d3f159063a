//! Replies without a definite answer: searched at the vendor, and sent again only when they certainly did not arrive.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule};

use super::{TEXT, expect_first, expect_replayed, fault, pending, reply, written};
use crate::support::{ApiEvent, LEASE, NO_SETTLE_TIME, SETTLE_TIME, World, api};

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_cut_after_it_was_taken_is_found_by_the_same_key() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        fault(&world, vendor, 1, Fault::CutAfter);
        let key = format!("{vendor}-r1");
        let unknown = expect_first(world.call(reply(&id, &key, TEXT)).await, 202);
        assert_eq!((unknown.text("state"), unknown.text("content")), ("unknown".into(), TEXT.into()));
        assert_eq!(unknown.header("location"), Some(format!("/tickets/{id}/messages").as_str()));
        assert_eq!(pending(&world, &id).await, json!([unknown.body]));

        let found = expect_replayed(world.call(reply(&id, &key, TEXT)).await, 201);
        assert_eq!((found.text("id"), found.text("state")), (unknown.text("id"), "sent".into()));
        let messages = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&id)).await.expect(200);
        assert_eq!(messages.items().last().unwrap()["message_id"], found.body["message_id"]);
        assert_eq!(messages.body["pending_replies"], json!(null));
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
        // From now on it is answered without the vendor.
        let calls = world.vendor_calls();
        assert_eq!(expect_replayed(world.call(reply(&id, &key, TEXT)).await, 201).body, found.body);
        assert_eq!(world.vendor_calls(), calls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_cut_before_it_was_taken_stays_unknown_until_the_settle_time() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        fault(&world, vendor, 1, Fault::CutBefore);
        let key = format!("{vendor}-r1");
        let unknown = world.call(reply(&id, &key, TEXT)).await.expect(202);
        for _ in 0..2 {
            let again = expect_replayed(world.call(reply(&id, &key, TEXT)).await, 202);
            assert_eq!(again.body, unknown.body);
            world.sync().await;
        }
        assert_eq!(pending(&world, &id).await[0]["state"], "unknown");
        assert_eq!(written(&world, vendor, &cloud_id), [""; 0]);
        let other = world.call(reply(&id, &key, "另一句")).await;
        other.expect_problem(422, "idempotency_key_reused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_settle_time_the_same_key_sends_it_once() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let key = format!("{vendor}-r1");
        fault(&world, vendor, 1, Fault::CutBefore);
        let unknown = world.call(reply(&id, &key, TEXT)).await.expect(202);
        // While the call may still be under way, the outcome is unknown.
        world.call(reply(&id, &key, TEXT)).await.expect(202);
        world.clock.advance(LEASE);
        let sent = expect_first(world.call(reply(&id, &key, TEXT)).await, 201);
        assert_ne!(sent.text("id"), unknown.text("id"));
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
        assert_eq!(pending(&world, &id).await, json!(null));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sync_reconciles_replies_without_their_caller() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let (arrived, lost) = (format!("{vendor}-r1"), format!("{vendor}-r2"));
        fault(&world, vendor, 1, Fault::CutAfter);
        world.call(reply(&id, &arrived, TEXT)).await.expect(202);
        fault(&world, vendor, 1, Fault::CutBefore);
        world.call(reply(&id, &lost, "丢失的话")).await.expect(202);
        assert_eq!(pending(&world, &id).await.as_array().unwrap().len(), 2);
        world.sync().await;
        assert_eq!(pending(&world, &id).await[0]["content"], "丢失的话");
        world.clock.advance(LEASE);
        world.sync().await;
        assert_eq!(pending(&world, &id).await, json!(null));
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
        expect_replayed(world.call(reply(&id, &arrived, TEXT)).await, 201);
        // The lost one's key is free, even for another text.
        expect_first(world.call(reply(&id, &lost, "又一句")).await, 201);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT, "又一句"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_read_leaves_the_reply_unknown() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let key = format!("{vendor}-r1");
        fault(&world, vendor, 1, Fault::CutBefore);
        let unknown = world.call(reply(&id, &key, TEXT)).await.expect(202);
        world.clock.advance(LEASE);
        for failure in [Fault::Status { code: 503 }, api(vendor).keys_refused(), Fault::CutBefore, Fault::WrongShape] {
            let shape = failure.clone();
            world.simulated(vendor).fault(FaultRule::always(api(vendor).messages, failure));
            let again = expect_replayed(world.call(reply(&id, &key, TEXT)).await, 202);
            assert_eq!(again.body, unknown.body, "{shape:?}");
            world.simulated(vendor).no_faults();
        }
        expect_first(world.call(reply(&id, &key, TEXT)).await, 201);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_ticket_that_the_vendor_no_longer_has_ends_as_indeterminate() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let key = format!("{vendor}-r1");
        fault(&world, vendor, 1, Fault::CutBefore);
        world.call(reply(&id, &key, TEXT)).await.expect(202);
        world.simulated(vendor).delete_ticket(&cloud_id);
        // While the vendor's views may lag, it may be there all the same.
        expect_replayed(world.call(reply(&id, &key, TEXT)).await, 202);
        world.clock.advance(SETTLE_TIME);
        world.call(reply(&id, &key, TEXT)).await.expect_problem(409, "reply_indeterminate");
        let calls = world.simulated(vendor).count(api(vendor).messages);
        world.call(reply(&id, &key, TEXT)).await.expect_problem(409, "reply_indeterminate");
        assert_eq!(world.simulated(vendor).count(api(vendor).messages), calls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_a_vendor_that_hangs_ends_before_the_deadline() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    fault(&world, "HUAWEI", 1, Fault::AcceptThenHang);
    world.call_within(reply(&id, "r1", TEXT), Duration::from_secs(5)).await.expect(202);
    expect_replayed(world.call(reply(&id, "r1", TEXT)).await, 201);
    assert_eq!(written(&world, "HUAWEI", &cloud_id), [TEXT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_can_not_be_used_is_no_answer() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        for (number, rubbish) in [Fault::Html, Fault::Rubbish, Fault::Status { code: 500 }].into_iter().enumerate() {
            let (key, text) = (format!("{vendor}-{number}"), format!("第 {number} 句"));
            let rule = FaultRule::times(api(vendor).reply, 1, rubbish).after_the_work();
            world.simulated(vendor).fault(rule);
            world.call(reply(&id, &key, &text)).await.expect(202);
            expect_replayed(world.call(reply(&id, &key, &text)).await, 201);
        }
        assert_eq!(written(&world, vendor, &cloud_id), ["第 0 句", "第 1 句", "第 2 句"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_reply_is_reconciled_while_its_ticket_is_closing_and_after() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let (arrived, lost) = (format!("{vendor}-r1"), format!("{vendor}-r2"));
        fault(&world, vendor, 1, Fault::CutAfter);
        world.call(reply(&id, &arrived, TEXT)).await.expect(202);
        fault(&world, vendor, 1, Fault::CutBefore);
        world.call(reply(&id, &lost, "丢失的话")).await.expect(202);
        // Not before what may be under way had its time.
        world.call(ApiEvent::close(&id)).await.expect(202);
        let found = expect_replayed(world.call(reply(&id, &arrived, TEXT)).await, 201);
        assert_eq!(found.text("state"), "sent");
        world.clock.advance(LEASE);
        world.call(ApiEvent::close(&id)).await.expect(200);
        // The lost one is reconciled too, and is not sent to a closed ticket.
        let lost = world.call(reply(&id, &lost, "丢失的话")).await;
        lost.expect_problem(409, "ticket_not_open");
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
        assert_eq!(pending(&world, &id).await, json!(null));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_reply_is_answered_again_after_its_account_was_removed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let key = format!("{vendor}-r1");
        let first = world.call(reply(&id, &key, TEXT)).await.expect(201);
        world.call(ApiEvent::close(&id)).await.expect(200);
        world.remove(account).await;
        assert_eq!(expect_replayed(world.call(reply(&id, &key, TEXT)).await, 201).body, first.body);
        // Another message under the key, or another key, finds no account.
        for (key, text) in [(&key, "another"), (&format!("{vendor}-r2"), TEXT)] {
            world.call(reply(&id, key, text)).await.expect_problem(409, "account_not_found");
        }
    }
}
