//! Files and the archive: a close waits for them, its digest covers them, and verification compares them.

use std::{fs, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use shared::domain::{AttachmentCopy, CopyState};
use simulators::{Fault, FaultRule, SimulatedFile};

use super::{closing, copies, download, log};
use crate::support::{ApiEvent, World};

/// Longer than the settle time.
const SETTLED: Duration = Duration::from_mins(17);

async fn verification(world: &World, ticket: &str) -> Value {
    world.call(ApiEvent::of("GET /tickets/{id}/verification").id(ticket)).await.expect(200).body
}

fn path(world: &World, copy: &AttachmentCopy) -> PathBuf {
    world.stack.files.path().join("polydesk-files").join(copy.object_key.as_ref().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_waits_for_files_and_its_digest_covers_them() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let ticket = closing(&world, vendor, account, "k1", vec![log("一"), log("二")]).await;
        let shown = world.ticket(&ticket).await;
        assert_eq!(shown["close_error"]["code"], "attachments_pending", "{vendor}: {shown}");
        let files = copies(&world, &ticket).await;
        world.clock.advance(Duration::from_mins(2));
        world.sync().await;
        let closed = world.ticket(&ticket).await;
        assert_eq!((&closed["state"], &closed["attachments_missing"]), (&json!("closed"), &Value::Null), "{vendor}");
        let verified = verification(&world, &ticket).await;
        assert_eq!((&verified["verified"], &verified["changed_attachments"]), (&json!(true), &Value::Null), "{vendor}");

        // WHEN a file in the bucket is another one, or gone, THEN it is named
        fs::write(path(&world, &files[0]), "三三").unwrap();
        let changed = verification(&world, &ticket).await;
        assert_eq!(changed["verified"], false, "{vendor}");
        assert_eq!(changed["changed_attachments"], json!([files[0].attachment_id]), "{vendor}");
        fs::remove_file(path(&world, &files[1])).unwrap();
        let missing = verification(&world, &ticket).await;
        assert_eq!(missing["changed_attachments"].as_array().unwrap().len(), 2, "{vendor}: {missing}");

        // WHEN the item of a file says something else THEN the digest is another one
        let key = format!("ATTACHMENT#{}#{}", files[0].message.message_id, files[0].attachment_id);
        let other = aws_sdk_dynamodb::types::AttributeValue::S("0".repeat(64));
        world.overwrite(&format!("TICKET#{ticket}"), &key, "sha256", other).await;
        let other = verification(&world, &ticket).await;
        assert_ne!(other["stored_digest"], other["digest"], "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_ends_without_a_file_that_does_not_come_and_takes_it_later() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        sim.fault(FaultRule::always(download(vendor), Fault::WrongLength { announced: 2_000 }));
        let ticket = closing(&world, vendor, account, "k1", vec![log("一"), log("二")]).await;
        copies(&world, &ticket).await;
        world.clock.advance(Duration::from_mins(2));
        world.sync().await;
        assert_eq!(world.ticket(&ticket).await["state"], "closing", "{vendor}");
        world.clock.advance(SETTLED);
        world.sync().await;
        let closed = world.ticket(&ticket).await;
        assert_eq!((&closed["state"], &closed["attachments_missing"]), (&json!("closed"), &json!(2)), "{vendor}");
        assert_eq!(verification(&world, &ticket).await["verified"], true, "{vendor}");
        // The recheck finds nothing new.
        world.clock.advance(SETTLED);
        world.sync().await;
        assert_eq!(world.ticket(&ticket).await["digest"], closed["digest"], "{vendor}");

        sim.no_faults();
        copies(&world, &ticket).await;
        world.clock.advance(Duration::from_mins(2));
        world.sync().await;
        let whole = world.ticket(&ticket).await;
        assert_eq!(whole["attachments_missing"], Value::Null, "{vendor}: {whole}");
        assert_ne!(whole["digest"], closed["digest"], "{vendor}");
        assert_eq!(verification(&world, &ticket).await["verified"], true, "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_conversation_with_many_files_is_archived_with_all_of_them() {
    let (world, accounts) = World::ready().await;
    let (vendor, account) = ("HUAWEI", accounts.huawei.as_str());
    let (ticket, cloud_id) = world.create(vendor, account, "k1").await;
    let sim = world.simulated(vendor);
    for n in 0..20 {
        sim.add_messages(&cloud_id, 124);
        let files = (0..10).map(|place| SimulatedFile::text(&format!("{n}-{place}.log"), &format!("日志 {n} {place}")));
        sim.support_answers(&cloud_id, &format!("请看附件 {n}"), world.now_ms(), files.collect());
    }
    world.call(ApiEvent::close(&ticket)).await.expect(202);
    let files = copies(&world, &ticket).await;
    assert_eq!(files.len(), 200);
    assert!(files.iter().all(|file| file.state == CopyState::Stored));
    world.clock.advance(Duration::from_mins(2));
    world.sync().await;
    let closed = world.ticket(&ticket).await;
    assert_eq!((&closed["state"], &closed["attachments_missing"]), (&json!("closed"), &Value::Null));
    assert!(closed["message_count"].as_u64().unwrap() >= 2500, "{closed}");
    assert_eq!(verification(&world, &ticket).await["verified"], true);
}
