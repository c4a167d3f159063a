//! Files as the API shows them, and downloads.

use std::time::Duration;

use serde_json::{Value, json};
use shared::digest::sha256_hex;
use simulators::{Fault, FaultRule};

use super::{closing, copies, log, of_size};
use crate::support::{ApiEvent, World, fetch};

/// The files of a ticket's messages, as the API shows them.
async fn shown(world: &World, ticket: &str) -> Vec<Value> {
    let page = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(ticket).query("limit=100")).await.expect(200);
    let files = page.items().iter().filter_map(|message| message["attachments"].as_array());
    files.flatten().cloned().collect()
}

fn file(ticket: &str, id: &str) -> ApiEvent {
    ApiEvent::of("GET /tickets/{id}/attachments/{attachment_id}").id(ticket).attachment_id(id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_shows_its_files_and_a_link_downloads_them() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let text = "第一行\n<script>alert(1)</script>";
        let ticket = closing(&world, vendor, account, "k1", vec![log(text)]).await;
        let before = shown(&world, &ticket).await.remove(0);
        let id = before["attachment_id"].as_str().unwrap().to_owned();
        assert_eq!((&before["state"], &before["name"]), (&json!("pending"), &json!("日志 1.log")), "{vendor}");
        world.call(file(&ticket, &id)).await.expect_problem(409, "attachment_pending");
        copies(&world, &ticket).await;
        let after = shown(&world, &ticket).await.remove(0);
        assert_eq!((&after["attachment_id"], &after["state"]), (&json!(id), &json!("stored")), "{vendor}");
        assert_eq!((&after["size"], &after["sha256"]), (&json!(text.len()), &json!(sha256_hex(text))), "{vendor}");
        let answer = world.call(file(&ticket, &id)).await.expect(302);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let link = answer.header("location").unwrap();
        let (head, body) = fetch(link).await;
        assert_eq!((head.status.as_u16(), body), (200, text.as_bytes().to_vec()), "{vendor}");
        let header = |name: &str| head.headers[name].to_str().unwrap().to_owned();
        assert!(header("content-disposition").starts_with("attachment"), "{}", header("content-disposition"));
        assert_eq!(header("content-type"), "application/octet-stream");
        // The link is for this file alone.
        let (refused, _) = fetch(&link.replace("/attachments/", "/attachments/x")).await;
        assert_eq!(refused.status.as_u16(), 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_copy_says_why() {
    let (world, accounts) = World::ready_with(&[("MAX_ATTACHMENT_MIB", "1")]).await;
    let (sim, account) = (world.simulated("HUAWEI"), &accounts.huawei);
    let large = closing(&world, "HUAWEI", account, "k1", vec![of_size("b", (1 << 20) + 1)]).await;
    copies(&world, &large).await;
    let shown_large = shown(&world, &large).await.remove(0);
    assert_eq!(shown_large["state"], "too_large");
    let id = shown_large["attachment_id"].as_str().unwrap();
    world.call(file(&large, id)).await.expect_problem(409, "attachment_too_large");

    sim.fault(FaultRule::always("DownloadAccessories", Fault::WrongLength { announced: 2_000 }));
    let ticket = closing(&world, "HUAWEI", account, "k2", vec![log("一")]).await;
    let id = copies(&world, &ticket).await.remove(0).attachment_id.to_string();
    world.call(file(&ticket, &id)).await.expect_problem(409, "attachment_pending");
    world.clock.advance(Duration::from_hours(25));
    world.copy_files().await;
    world.call(file(&ticket, &id)).await.expect_problem(409, "attachment_failed");
    world.call(file(&ticket, "unknown")).await.expect_problem(404, "attachment_not_found");
    world.call(file("01JD2Y5T9V7Z3M6Q8R4S0X1W2K", &id)).await.expect_problem(404, "ticket_not_found");
}
