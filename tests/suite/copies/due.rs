//! When the sync copies a conversation, and how many calls that takes.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule};

use super::{copied, messages, readings, texts};
use crate::support::{ApiEvent, CACHED, LEASE, World, api, refuse};

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_conversation_is_read_again_at_growing_intervals() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.sync().await;
        let mut read = readings(&world, vendor);
        let mut expect_reading = async |minutes: u64, is_due: bool| {
            world.clock.advance(Duration::from_mins(minutes));
            world.sync().await;
            let now = readings(&world, vendor);
            assert_eq!(now > read, is_due, "{vendor} after {minutes} minutes");
            read = now;
        };
        expect_reading(4, false).await;
        expect_reading(2, true).await;
        // After two days of silence the longest interval is six hours.
        expect_reading(48 * 60, true).await;
        expect_reading(5 * 60 + 50, false).await;
        expect_reading(20, true).await;
        world.simulated(vendor).close_in_console(&cloud_id);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "closed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_copied_by_the_next_run_after_its_lease() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        world.sync().await;
        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(vendor).body(json!({"content": "谢谢 🙏"}));
        world.call(reply).await.expect(201);
        // Until then it is shown beside the messages.
        assert_eq!(copied(&world, &id).await["pending_replies"][0]["content"], "谢谢 🙏");
        world.clock.advance(LEASE);
        world.sync().await;
        let copy = copied(&world, &id).await;
        assert!(texts(&copy).contains(&"谢谢 🙏"), "{vendor}: {copy}");
        assert_eq!(copy.get("pending_replies"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_may_not_ask_for_new_messages_fail_nothing() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let huawei = world.simulated("HUAWEI");
    huawei.fault(FaultRule::always("ListNewInstantMessages", api("HUAWEI").no_permission()));
    world.sync().await;
    huawei.support_says(&cloud_id, "您好", world.now_ms());
    huawei.support_says(&cloud_id, "再次", world.now_ms());
    world.clock.advance(Duration::from_mins(6));
    world.sync().await;
    assert!(texts(&copied(&world, &id).await).ends_with(&["您好", "再次"]));
    let account = world.call(ApiEvent::of("GET /accounts/{id}").id(&accounts.huawei)).await.expect(200).body;
    assert_eq!(account["health"].get("last_error"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_told_of_is_copied_though_the_first_reading_fails() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let huawei = world.simulated("HUAWEI");
    for text in ["一", "二"] {
        huawei.support_says(&cloud_id, text, world.now_ms());
        world.sync().await;
    }
    huawei.support_says(&cloud_id, "三", world.now_ms());
    huawei.fault(FaultRule::times(api("HUAWEI").messages, 3, Fault::CutBefore));
    world.sync().await;
    assert!(texts(&copied(&world, &id).await).ends_with(&["一", "二"]));
    // It is tried again after five minutes, although the vendor does not tell of it again.
    world.clock.advance(Duration::from_mins(6));
    world.sync().await;
    assert!(texts(&copied(&world, &id).await).ends_with(&["一", "二", "三"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_while_a_reply_is_under_way_does_not_take_the_place_of_its_copy() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        world.sync().await;
        // The vendor shows a reply later than it takes it.
        world.simulated(vendor).fault(FaultRule::times(api(vendor).reply, 1, Fault::ListLag { ms: 20_000 }));
        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(vendor).body(json!({"content": "谢谢"}));
        world.call(reply).await.expect(201);
        world.clock.advance(CACHED);
        let fresh = world.call(messages(&id).query("refresh=true")).await.expect(200).body;
        assert_eq!(fresh["pending_replies"][0]["state"], "sent", "{vendor}");
        let read = readings(&world, vendor);
        world.clock.advance(LEASE);
        world.sync().await;
        assert!(readings(&world, vendor) > read, "{vendor}");
        assert_eq!(copied(&world, &id).await.get("pending_replies"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_that_the_vendor_no_longer_takes_is_left_out() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let huawei = world.simulated("HUAWEI");
    for text in ["一", "二", "三"] {
        if text == "三" {
            huawei.fault(FaultRule::times("ListNewInstantMessages", 1, refuse("OSM.01010001")));
        }
        huawei.support_says(&cloud_id, text, world.now_ms());
        world.sync().await;
    }
    assert_eq!(huawei.faults_left(), 0);
    assert!(texts(&copied(&world, &id).await).ends_with(&["一", "二", "三"]));
}
