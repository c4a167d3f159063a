//! Files that go out: put into the bucket by a link, checked, and sent to the vendor once.

mod checks;
mod failures;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use shared::{
    clock::SystemClock,
    digest::sha256_hex,
    domain::{CopyState, TicketId},
    vendors::http::{AnswerLimit, HttpSend, HttpSender},
};
use simulators::SimulatedFile;

use crate::support::{Answer, ApiEvent, World};

const NAME: &str = "日志 1.log";

/// The operation that takes the bytes.
fn operation(vendor: &str) -> &'static str {
    if vendor == "ALIBABA" { "PutObject" } else { "UploadJsonAccessories" }
}

fn announcement(name: &str, size: usize) -> ApiEvent {
    ApiEvent::of("POST /attachments").body(json!({"name": name, "size": size, "type": "text/plain"}))
}

/// Puts the bytes to the link with that content type, and gives the status.
async fn put(link: &str, content_type: &str, bytes: &[u8]) -> u16 {
    let request = Request::put(link).header("content-type", content_type);
    send(request.body(Bytes::copy_from_slice(bytes)).unwrap()).await
}

async fn send(request: Request<Bytes>) -> u16 {
    let sender = HttpSender::new(Arc::new(SystemClock));
    let limit = AnswerLimit { timeout: Duration::from_secs(10), max_bytes: 1 << 20 };
    sender.send(request, limit).await.unwrap().status().as_u16()
}

/// Puts the bytes with the checksum of the announcement.
async fn put_checked(target: &Answer, bytes: &[u8]) -> u16 {
    let headers = target.body["headers"].as_object().unwrap();
    let request = headers.iter().filter(|(name, _)| *name != "content-length");
    let request = request.fold(Request::put(target.text("upload_url")), |request, (name, value)| {
        request.header(name, value.as_str().unwrap())
    });
    send(request.body(Bytes::copy_from_slice(bytes)).unwrap()).await
}

/// Uploads a file, and gives its id.
async fn uploaded(world: &World, name: &str, bytes: &[u8]) -> String {
    let target = world.call(announcement(name, bytes.len())).await.expect(201);
    assert_eq!(put(&target.text("upload_url"), "text/plain", bytes).await, 200);
    target.text("id")
}

fn create(world: &World, vendor: &str, account: &str, key: &str, files: &[&str]) -> ApiEvent {
    let mut body = world.ticket_body(vendor, account);
    body["attachments"] = json!(files);
    ApiEvent::of("POST /tickets").key(&format!("{vendor}-{key}")).body(body)
}

fn reply(ticket: &str, key: &str, files: &[&str]) -> ApiEvent {
    let body = json!({"content": "请看附件", "attachments": files});
    ApiEvent::of("POST /tickets/{id}/messages").id(ticket).key(key).body(body)
}

/// How many files the vendor has whole.
fn at_vendor(world: &World, vendor: &str) -> usize {
    world.simulated(vendor).uploads().iter().filter(|upload| upload.content.is_some()).count()
}

fn names_and_bytes(files: &[SimulatedFile]) -> Vec<(String, Vec<u8>)> {
    files.iter().map(|file| (file.name.clone(), file.content.bytes().to_vec())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_takes_the_announced_bytes_alone() {
    let (world, _) = World::ready().await;
    let before_ms = world.now_ms();
    let target = world.call(announcement(NAME, 5)).await.expect(201);
    assert_eq!(target.body["headers"], json!({"content-length": "5", "content-type": "text/plain"}));
    let expires_ms = target.body["expire_time"].as_i64().unwrap();
    assert!((900_000..960_000).contains(&(expires_ms - before_ms)), "{expires_ms}");
    let link = target.text("upload_url");
    let path = format!("/uploads/{}/___1.log?", target.text("id"));
    assert!(link.contains(&path) && link.contains("X-Amz-Expires=900&"), "{link}");
    for (content_type, bytes) in [("text/plain", &b"1234"[..]), ("text/plain", b"123456"), ("text/html", b"12345")] {
        assert_eq!(put(&link, content_type, bytes).await, 403, "{content_type} {}", bytes.len());
    }
    // Nor another object.
    assert_eq!(put(&link.replace("/uploads/", "/attachments/"), "text/plain", b"12345").await, 403);
    assert_eq!(put(&link, "text/plain", b"12345").await, 200);
    let stored = world.stack.files.path().join("polydesk-files/uploads").join(target.text("id")).join("___1.log");
    assert_eq!(std::fs::read(stored).unwrap(), b"12345");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_there_after_a_restart() {
    let folder = std::env::temp_dir().join(format!("polydesk-uploads-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let db = folder.join("polydesk.db");
    let world = World::start_in(db.clone()).await;
    let accounts = world.register_accounts().await;
    let file = uploaded(&world, NAME, b"12345").await;
    world.stack.stop().await.unwrap();
    let world = World::start_in(db).await;
    world.call(create(&world, "HUAWEI", &accounts.huawei, "k1", &[&file])).await.expect(201);
    assert_eq!(at_vendor(&world, "HUAWEI"), 1);
    world.stack.stop().await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_with_a_checksum_takes_these_bytes_alone() {
    let (world, _) = World::ready().await;
    let body = json!({"name": NAME, "size": 5, "sha256": sha256_hex(b"12345")});
    let target = world.call(ApiEvent::of("POST /attachments").body(body)).await.expect(201);
    let checksum = "WZRHGrsBESr8wYFZ9sx0tPURuZgG2lmzyvWpwXPKz8U=";
    let wanted = json!({"content-length": "5", "content-type": "application/octet-stream",
        "x-amz-checksum-sha256": checksum});
    assert_eq!(target.body["headers"], wanted);
    assert_eq!(put_checked(&target, b"54321").await, 400);
    assert_eq!(put(&target.text("upload_url"), "application/octet-stream", b"12345").await, 403);
    assert_eq!(put_checked(&target, b"12345").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_and_a_reply_have_their_files_at_the_vendor() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let large: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[1]).collect();
        let log = uploaded(&world, NAME, "第一行\n".as_bytes()).await;
        let ticket = world.call(create(&world, vendor, account, "k1", &[&log])).await.expect(201);
        let made = world.simulated(vendor).ticket(&ticket.text("cloud_id"));
        let wanted = vec![(NAME.to_owned(), "第一行\n".as_bytes().to_vec())];
        assert_eq!(names_and_bytes(&made.files), wanted, "{vendor}");

        let [one, two] = [uploaded(&world, "a.bin", &large).await, uploaded(&world, "b.json", b"{}").await];
        let key = format!("{vendor}-r1");
        let answer = world.call(reply(&ticket.text("id"), &key, &[&one, &two])).await.expect(201);
        assert_eq!(answer.body["state"], "sent");
        let messages = world.simulated(vendor).ticket(&ticket.text("cloud_id")).messages;
        let files = names_and_bytes(&messages.last().unwrap().files);
        assert!(files == [("a.bin".to_owned(), large), ("b.json".into(), b"{}".to_vec())], "{vendor}");
        // The same key calls no vendor, and other files are another request.
        let calls = world.vendor_calls();
        let again = world.call(reply(&ticket.text("id"), &key, &[&one, &two])).await.expect(201);
        assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &answer.body));
        for files in [&[&*two, &*one][..], &[&one], &[]] {
            let other = world.call(reply(&ticket.text("id"), &key, files)).await;
            other.expect_problem(422, "idempotency_key_reused");
        }
        assert_eq!((world.vendor_calls(), at_vendor(&world, vendor)), (calls, 3), "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_replays_its_answer_after_its_files_have_expired() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let log = uploaded(&world, NAME, b"1").await;
        let first = world.call(create(&world, vendor, account, "k1", &[&log])).await.expect(201);
        world.clock.advance(Duration::from_hours(25));
        let again = world.call(create(&world, vendor, account, "k1", &[&log])).await.expect(201);
        assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body), "{vendor}");
        let expired = world.call(create(&world, vendor, account, "k2", &[&log])).await;
        expired.expect_problem(400, "upload_not_found").expect_field("/attachments/0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_has_the_files_that_were_sent() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let bytes = "第一行\n第二行\n".as_bytes();
        let (ticket, _) = world.create(vendor, account, "k1").await;
        let log = uploaded(&world, NAME, bytes).await;
        world.call(reply(&ticket, &format!("{vendor}-r1"), &[&log])).await.expect(201);
        world.call(ApiEvent::close(&ticket)).await.expect(202);
        world.copy_files().await;
        world.clock.advance(Duration::from_mins(2));
        world.sync().await;
        let closed = world.ticket(&ticket).await;
        assert_eq!((&closed["state"], &closed["attachments_missing"]), (&json!("closed"), &Value::Null), "{vendor}");
        let copies = world.stack.app.store.attachments(&TicketId::parse(&*ticket).unwrap()).await.unwrap();
        let [copy] = copies.as_slice() else { panic!("{vendor}: {copies:?}") };
        assert_eq!((copy.name.as_str(), copy.state), (NAME, CopyState::Stored), "{vendor}");
        assert_eq!(copy.sha256.as_deref(), Some(sha256_hex(bytes).as_str()), "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_withdrawn_once_its_files_are_copied() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let file = uploaded(&world, NAME, b"12345").await;
    world.call(reply(&ticket, "r1", &[&file])).await.expect(201);
    world.conversation(&ticket).await;
    let page = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&ticket)).await.expect(200);
    let message = page.items().iter().find(|message| message["content"] == "请看附件").unwrap();
    let id = message["message_id"].as_str().unwrap();
    let withdraw = || ApiEvent::of("DELETE /tickets/{id}/messages/{message_id}").id(&ticket).message_id(id).key("w1");
    world.call(withdraw()).await.expect_problem(409, "attachment_pending");
    assert_eq!(world.simulated("HUAWEI").count("RevokeMessage"), 0);
    world.copy_files().await;
    world.call(withdraw()).await.expect(200);
}
