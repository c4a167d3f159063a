//! What is refused before a vendor is called: bad announcements, unknown files, and those that the vendor does not
//! take.

use serde_json::json;
use simulators::{Fault, FaultRule};

use super::{announcement, at_vendor, create, put, reply, uploaded};
use crate::support::{ApiEvent, World, cases};

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_announcement_names_its_fields() {
    let world = World::start_with(&[("MAX_ATTACHMENT_MIB", "1")]).await;
    for (body, pointers) in cases([
        (json!({}), &["/name", "/size"][..]),
        (json!({"name": " ", "size": 0}), &["/name", "/size"]),
        (json!({"name": "a\nb", "size": "5"}), &["/name", "/size"]),
        (json!({"name": "a/b", "size": 1.5}), &["/name", "/size"]),
        (json!({"name": "..\\b", "size": -1}), &["/name", "/size"]),
        (json!({"name": "x".repeat(256), "size": 1, "type": "png"}), &["/name", "/type"]),
        (json!({"name": "a", "size": 1, "type": "text/plain; charset=utf-8"}), &["/type"]),
        (json!({"name": "a", "size": 1, "type": "text/plain\r\nx-evil: 1"}), &["/type"]),
        (json!({"name": "a", "size": 1, "sha256": "0"}), &["/sha256"]),
        (json!({"name": "a", "size": 1, "sha256": "A".repeat(64)}), &["/sha256"]),
        (json!({"name": "a", "size": 1, "folder": "b"}), &["/folder"]),
    ]) {
        let answer = world.call(ApiEvent::of("POST /attachments").body(body)).await;
        assert_eq!(answer.expect_problem(400, "invalid_fields").pointers(), pointers);
    }
    let large = world.call(announcement("a", (1 << 20) + 1)).await;
    large.expect_problem(400, "file_too_large").expect_field("/size");
    for size in [json!(1 << 20), json!(5.0)] {
        let body = json!({"name": "字".repeat(255), "size": size, "type": null});
        let target = world.call(ApiEvent::of("POST /attachments").body(body)).await.expect(201);
        assert_eq!(target.body["headers"]["content-type"], "application/octet-stream");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_there_calls_no_vendor() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, _) = world.create(vendor, account, "k1").await;
        let there = uploaded(&world, "a.log", b"1").await;
        let target = world.call(announcement("b.log", 5)).await.expect(201);
        let (waiting, link) = (target.text("id"), target.text("upload_url"));
        let calls = world.vendor_calls();
        for (files, code, pointers) in [
            (&[&*there, "01JD2Y5T9V7Z3M6Q8R4S0X1W2K"][..], "upload_not_found", &["/attachments/1"][..]),
            (&[&waiting], "upload_not_complete", &["/attachments/0"]),
            (&["none", &there, &waiting], "upload_not_found", &["/attachments/0", "/attachments/2"]),
            (&[&there, &there, "a b"], "invalid_fields", &["/attachments/1", "/attachments/2"]),
        ] {
            let refused = world.call(create(&world, vendor, account, "k2", files)).await;
            assert_eq!(refused.expect_problem(400, code).pointers(), pointers, "{vendor}");
            let refused = world.call(reply(&ticket, &format!("{vendor}-r1"), files)).await;
            assert_eq!(refused.expect_problem(400, code).pointers(), pointers, "{vendor}");
        }
        for attachments in [json!("a"), json!([1]), json!(vec!["a"; 11])] {
            let body = json!({"content": "见附件", "attachments": attachments});
            let event = ApiEvent::of("POST /tickets/{id}/messages").id(&ticket).key("x").body(body);
            world.call(event).await.expect_problem(400, "invalid_fields");
        }
        assert_eq!((world.vendor_calls(), world.simulated(vendor).tickets().len()), (calls, 1), "{vendor}");
        // The key of a refused request is free, and the file can come later.
        assert_eq!(put(&link, "text/plain", b"12345").await, 200);
        world.call(create(&world, vendor, account, "k2", &[&there, &waiting])).await.expect(201);
        assert_eq!(at_vendor(&world, vendor), 2, "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_does_not_take_is_refused_before_it_is_called() {
    let (world, accounts) = World::ready().await;
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(uploaded(&world, &format!("{number}.log"), b"1").await);
    }
    let files: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut calls = world.vendor_calls();
    for (vendor, account) in accounts.both() {
        let most = if vendor == "ALIBABA" { 3 } else { 5 };
        let many = world.call(create(&world, vendor, account, "k1", &files[..=most])).await;
        many.expect_problem(400, "too_many_files").expect_field("/attachments");
        assert_eq!(world.vendor_calls(), calls, "{vendor}");
        world.call(create(&world, vendor, account, "k1", &files[..most])).await.expect(201);
        calls = world.vendor_calls();
    }
    // Huawei's own limit, without a call; nothing is known of Alibaba's.
    let large = uploaded(&world, "core.log", &vec![7; (8 << 20) + 1]).await;
    let refused = world.call(create(&world, "HUAWEI", &accounts.huawei, "k2", &[files[0], &large])).await;
    refused.expect_problem(400, "file_too_large").expect_field("/attachments/1");
    assert_eq!(world.vendor_calls(), calls);
    world.call(create(&world, "ALIBABA", &accounts.alibaba, "k2", &[files[0], &large])).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_the_account_are_those_of_the_last_refresh() {
    let (world, accounts) = World::ready().await;
    let account = &accounts.huawei;
    let huawei = &world.stack.simulators.vendors.huawei;
    let mut settings = huawei.settings();
    settings.accessories.count = 2;
    settings.accessories.megabytes = 1;
    settings.accessories.types = "log,txt".into();
    huawei.set_settings(settings);
    let run = world.refresh(json!({"type": "HUAWEI"})).await;
    assert_eq!(run["state"], "complete", "{run}");
    let [a, b] = [uploaded(&world, "a.LOG", b"1").await, uploaded(&world, "b.txt", b"2").await];
    let [exe, large] =
        [uploaded(&world, "c.exe", b"3").await, uploaded(&world, "d.log", &vec![7; (1 << 20) + 1]).await];
    let calls = world.vendor_calls();
    for (files, code, pointer) in [
        (&[&*a, &*b, &*exe][..], "too_many_files", "/attachments"),
        (&[&a, &exe], "file_refused", "/attachments/1"),
        (&[&large], "file_too_large", "/attachments/0"),
    ] {
        let refused = world.call(create(&world, "HUAWEI", account, "k1", files)).await;
        refused.expect_problem(400, code).expect_field(pointer);
    }
    assert_eq!(world.vendor_calls(), calls);
    let ticket = world.call(create(&world, "HUAWEI", account, "k1", &[&a, &b])).await.expect(201);
    // WHEN the vendor does not tell its limits THEN the catalog is complete all the same
    let refused = Fault::Refuse { code: "APIGW.0302".into(), message: "no right".into() };
    world.simulated("HUAWEI").fault(FaultRule::always("ShowAccessoryLimits", refused));
    assert_eq!(world.refresh(json!({"type": "HUAWEI"})).await["state"], "complete");
    let many = reply(&ticket.text("id"), "r1", &[&a, &b, &large]);
    // What the vendor itself refuses is then refused there.
    world.call(many).await.expect_problem(400, "file_refused").expect_field("/attachments/2");
}

#[tokio::test(flavor = "multi_thread")]
async fn tencent_takes_no_files() {
    let world = World::start().await;
    let account = world.register("TENCENT").await;
    let file = uploaded(&world, "a.log", b"1").await;
    let body = json!({
        "custom_id": account, "product_id": "1", "product_business_id": "1", "name": "n", "description": "d",
        "attachments": [file],
    });
    let refused = world.call(ApiEvent::of("POST /tickets").key("k1").body(body)).await;
    refused.expect_problem(422, "capability_not_supported");
}
