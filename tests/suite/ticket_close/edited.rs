//! Messages that are edited or deleted at the vendor between two readings: the archive keeps every text.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{contents, messages, support_says};
use crate::support::{ApiEvent, NO_SETTLE_TIME, World, api};

/// A ticket whose conversation is archived and that is not closed yet; its id here and there, and the place of
/// support's first message.
async fn half_closed(world: &World, vendor: &str, account: &str) -> (String, String, usize) {
    let (id, cloud_id) = world.create(vendor, account, "k1").await;
    let place = world.vendor_conversation(vendor, &cloud_id).len();
    for text in ["请重启", "请提供日志", "已解决"] {
        support_says(world, vendor, &cloud_id, text);
    }
    world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 3, Fault::CutBefore));
    world.call(ApiEvent::close(&id)).await.expect(202);
    world.simulated(vendor).no_faults();
    (id, cloud_id, place)
}

async fn archive(world: &World, id: &str) -> Vec<Value> {
    world.all(|| messages(id), "", 100).await
}

async fn verification(world: &World, id: &str) -> Value {
    let event = ApiEvent::of("GET /tickets/{id}/verification").id(id);
    world.call(event).await.expect(200).body
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_text_is_shown_and_the_older_ones_are_kept() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id, place) = half_closed(&world, vendor, account).await;
        let (first_ms, simulated) = (world.now_ms(), world.simulated(vendor));
        simulated.edit_message(&cloud_id, place, "请不要重启");
        simulated.fault(FaultRule::times(api(vendor).close, 3, Fault::CutBefore));
        world.call(ApiEvent::close(&id)).await.expect(202);
        simulated.no_faults();
        simulated.edit_message(&cloud_id, place, "请先备份");
        let closed = world.call(ApiEvent::close(&id)).await.expect(200).body;
        let archive = archive(&world, &id).await;
        assert_eq!(contents(&archive), world.vendor_conversation(vendor, &cloud_id));
        let revisions = archive[place]["revisions"].as_array().unwrap();
        let texts: Vec<_> = revisions.iter().map(|revision| revision["content"].as_str().unwrap()).collect();
        assert_eq!(texts, ["请重启", "请不要重启"], "{vendor}");
        assert!(revisions.iter().all(|revision| revision["replaced_time"].as_i64().unwrap() >= first_ms));
        assert!(archive.iter().enumerate().all(|(at, message)| at == place || message["revisions"].is_null()));
        assert_eq!(closed["message_count"], archive.len());
        assert_eq!(verification(&world, &id).await["verified"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_vendor_no_longer_shows_is_kept() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id, place) = half_closed(&world, vendor, account).await;
        let before = world.vendor_conversation(vendor, &cloud_id);
        world.simulated(vendor).delete_message(&cloud_id, place + 1);
        world.call(ApiEvent::close(&id)).await.expect(200);
        assert_eq!(contents(&archive(&world, &id).await), before);
        let verified = verification(&world, &id).await;
        assert_eq!((&verified["verified"], &verified["shown_count"]), (&json!(true), &json!(before.len() - 1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_after_the_close_is_kept_with_a_new_digest() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id, place) = half_closed(&world, vendor, account).await;
        let closed = world.call(ApiEvent::close(&id)).await.expect(200).body;
        world.simulated(vendor).edit_message(&cloud_id, place, "请不要重启");
        world.sync().await;
        let archive = archive(&world, &id).await;
        assert_eq!(
            (&archive[place]["content"], &archive[place]["revisions"][0]["content"]),
            (&json!("请不要重启"), &json!("请重启"))
        );
        let ticket = world.ticket(&id).await;
        assert_eq!(ticket["message_count"], closed["message_count"]);
        assert_ne!(ticket["digest"], closed["digest"]);
        assert_eq!(verification(&world, &id).await["verified"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_with_fewer_messages_than_the_vendor_showed_is_not_verified() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _, _) = half_closed(&world, vendor, account).await;
        let closed = world.call(ApiEvent::close(&id)).await.expect(200).body;
        assert_eq!(closed["shown_count"], closed["message_count"]);
        let more = AttributeValue::N((closed["message_count"].as_u64().unwrap() + 1).to_string());
        world.overwrite(&format!("TICKET#{id}"), "TICKET", "shown_count", more).await;
        assert_eq!(verification(&world, &id).await["verified"], false);
    }
}
