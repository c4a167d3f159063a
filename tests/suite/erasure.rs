//! Erasing closed tickets: no text of theirs is left anywhere, and nothing brings one back.

mod crashes;
mod holds;
mod retention;
mod versions;

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use shared::domain::{Day, ERASURE_SETTLE_MS, TicketId};
use simulators::SimulatedFile;

use crate::support::{ApiEvent, CACHED, Logs, World};

/// In every text of a ticket that a test erases.
pub const CANARY: &str = "金丝雀";
/// Longer than an erasure takes.
pub const SETTLE: Duration = Duration::from_millis(ERASURE_SETTLE_MS.unsigned_abs() + 60_000);

/// A closed ticket of which every text has the canary; gives its id and that of its vendor.
pub async fn closed(world: &World, vendor: &str, account: &str, key: &str) -> (String, String) {
    let mut body = world.ticket_body(vendor, account);
    body["name"] = json!(format!("标题 {CANARY}"));
    body["description"] = json!(format!("描述 {CANARY}"));
    body["email"] = json!("canary@example.com");
    let ticket = ApiEvent::of("POST /tickets").key(&format!("{vendor}-{key}")).body(body);
    let ticket = world.call(ticket).await.expect(201);
    let (id, cloud_id) = (ticket.text("id"), ticket.text("cloud_id"));
    let sim = world.simulated(vendor);
    let place = world.vendor_conversation(vendor, &cloud_id).len();
    sim.support_says(&cloud_id, &format!("答复 {CANARY}"), world.now_ms());
    sim.support_says(&cloud_id, &format!("{CANARY}{}", "您好".repeat(60_000)), world.now_ms());
    let file = SimulatedFile::text(&format!("日志 {CANARY}.log"), &format!("内容 {CANARY}"));
    sim.support_answers(&cloud_id, &format!("请看附件 {CANARY}"), world.now_ms(), vec![file]);
    let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(&format!("{vendor}-{key}-reply"));
    world.call(reply.body(json!({"content": format!("回复 {CANARY}")}))).await.expect(201);
    world.clock.advance(CACHED);
    let fresh = ApiEvent::of("GET /tickets/{id}/messages").id(&id).query("refresh=true");
    world.call(fresh).await.expect(200);
    world.copy_files().await;
    // One message has another text now, so that its former one is kept as a revision.
    sim.edit_message(&cloud_id, place, &format!("修改后的答复 {CANARY}"));
    let closing = || ApiEvent::close(&id).key(&format!("{vendor}-{key}-close"));
    world.call(closing()).await.expect(200);
    let rating = json!({"solved": true, "score": 5, "comment": format!("评价 {CANARY}")});
    let rating = ApiEvent::of("POST /tickets/{id}/rating").id(&id).key(&format!("{vendor}-{key}-rating")).body(rating);
    world.call(rating).await.expect(200);
    (id, cloud_id)
}

/// Asks for the erasure; gives the ticket.
pub async fn erase(world: &World, id: &str) -> Value {
    world.call(ApiEvent::of("DELETE /tickets/{id}").id(id).body(json!({"reason": "REQ-17"}))).await.expect(200).body
}

/// Where the canary is in the table and in the bucket.
pub async fn found(world: &World) -> Vec<String> {
    let mut places: Vec<String> = world.whole_table().await.into_iter().filter(|item| has_canary(item)).collect();
    files_with_canary(&world.stack.files.path().join("polydesk-files"), &mut places);
    places
}

fn has_canary(text: &str) -> bool {
    text.contains(CANARY) || text.contains("canary@")
}

fn files_with_canary(folder: &Path, places: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_with_canary(&path, places);
        } else if has_canary(&String::from_utf8_lossy(&std::fs::read(&path).unwrap())) {
            places.push(path.display().to_string());
        }
    }
}

impl World {
    /// The time, if it is one of the last seconds.
    #[track_caller]
    pub fn around_now(&self, time: &Value) -> i64 {
        let time = time.as_i64().unwrap();
        assert!((self.now_ms() - 60_000..=self.now_ms()).contains(&time), "{time}");
        time
    }
}

/// The keys of the items in the ticket's partition, sorted.
pub async fn items(world: &World, id: &str) -> Vec<String> {
    let items = world.table().await.into_iter().map(|item| serde_json::from_str::<Value>(&item).unwrap());
    let of_ticket = items.filter(|item| item["PK"] == format!("TICKET#{id}"));
    let mut keys: Vec<_> =
        of_ticket.map(|item| item["SK"].as_str().unwrap().split('#').next().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_ticket_has_no_text_left_and_keeps_its_facts() {
    let logs = Logs::start();
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = closed(&world, vendor, account, "k1").await;
        world.write_transcript(&id).await;
        // An answer with the whole ticket, its rating included.
        world.call(ApiEvent::close(&id).key(&format!("{vendor}-k1-again"))).await.expect(200);
        let before = world.ticket(&id).await;
        let places = found(&world).await;
        let transcripts = places.iter().filter(|place| place.contains("transcripts/")).count();
        assert!(places.len() > 8 && transcripts == 3, "{vendor}: {places:?}");
        let ticket = erase(&world, &id).await;
        let erased_ms = world.around_now(&ticket["erased"]["time"]);
        let by = "arn:aws:sts::123456789012:assumed-role/agent/agent";
        let erased = json!({"time": erased_ms, "by": by, "reason": "REQ-17", "state": "pending"});
        assert_eq!(ticket["erased"], erased, "{vendor}");
        // The table part is done in the request.
        assert_eq!(items(&world, &id).await, ["ANSWER", "ANSWER", "REPLY", "TICKET"], "{vendor}");
        world.copy_files().await;
        assert_eq!(found(&world).await, Vec::<String>::new(), "{vendor}");
        // Its facts are those of before.
        let mut expected = before.clone();
        for name in ["description", "email", "rating"] {
            expected.as_object_mut().unwrap().remove(name).unwrap();
        }
        expected["name"] = json!("");
        expected["update_time"] = json!(erased_ms);
        expected["erased"] = erased;
        assert_eq!(world.ticket(&id).await, expected, "{vendor}");
        assert_eq!((&expected["cloud_id"], &expected["state"]), (&json!(cloud_id), &json!("closed")));
        assert!(expected["message_count"].as_u64() >= Some(4) && expected["digest"].is_string(), "{expected}");
        // And it is done once nothing can come late.
        world.clock.advance(SETTLE);
        world.copy_files().await;
        assert_eq!(world.ticket(&id).await["erased"]["state"], "done", "{vendor}");
        let item = world.table().await.into_iter().find(|item| item.contains(&format!("\"TICKET#{id}\""))).unwrap();
        assert!(!item.contains("DUE"), "{item}");
        // The logs name the ticket, and have no text of it.
        assert!(logs.text().contains(&id) && !has_canary(&logs.text()), "{vendor}: {}", logs.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_is_gone_for_readers() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = closed(&world, vendor, account, "k1").await;
        let page = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&id)).await.expect(200);
        let file = page.items().iter().find_map(|message| message["attachments"][0]["attachment_id"].as_str()).unwrap();
        erase(&world, &id).await;
        for route in ["GET /tickets/{id}/messages", "GET /tickets/{id}/verification"] {
            let gone = world.call(ApiEvent::of(route).id(&id)).await.expect(410);
            assert_eq!(gone.body["code"], "ticket_erased", "{route}");
        }
        // A bad request is named as such, whatever the ticket's state.
        let bad = ApiEvent::of("GET /tickets/{id}/messages").id(&id).query("cursor=");
        world.call(bad).await.expect_problem(400, "invalid_cursor").expect_field("cursor");
        let file = ApiEvent::of("GET /tickets/{id}/attachments/{attachment_id}").id(&id).attachment_id(file);
        assert_eq!(world.call(file).await.expect(410).body["code"], "ticket_erased");
        // The keys of before give what the ticket is now.
        let close = ApiEvent::close(&id).key(&format!("{vendor}-k1-close"));
        let replayed = world.call(close).await.expect(200).body;
        assert_eq!((&replayed["id"], &replayed["name"]), (&json!(id), &json!("")), "{vendor}");
        let listed = world.call(ApiEvent::of("GET /tickets").query("status=0")).await.expect(200);
        let listed = listed.items().iter().find(|ticket| ticket["id"] == *id).unwrap();
        assert_eq!((&listed["name"], &listed["erased"]["reason"]), (&json!(""), &json!("REQ-17")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_again_changes_nothing_and_an_open_ticket_is_not_erased() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (open, _) = world.create(vendor, account, "open").await;
        let before = world.table().await;
        let refused = world.call(ApiEvent::of("DELETE /tickets/{id}").id(&open)).await.expect(409);
        assert_eq!(refused.body["code"], "ticket_not_closed");
        assert_eq!(world.table().await, before, "{vendor}");

        let (id, _) = closed(&world, vendor, account, "k1").await;
        let first = erase(&world, &id).await;
        let table = world.table().await;
        world.clock.advance(Duration::from_secs(5));
        assert_eq!(world.call(ApiEvent::of("DELETE /tickets/{id}").id(&id)).await.expect(200).body, first);
        assert_eq!(world.table().await, table, "{vendor}");
    }
    let none = world.call(ApiEvent::of("DELETE /tickets/{id}").id("none")).await.expect(404);
    assert_eq!(none.body["code"], "ticket_not_found");
    for reason in [json!("two\nlines"), json!("x".repeat(201)), json!(7)] {
        let bad = ApiEvent::of("DELETE /tickets/{id}").id("none").body(json!({"reason": reason}));
        assert_eq!(world.call(bad).await.expect(400).body["code"], "invalid_fields");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_brings_an_erased_ticket_back() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        // GIVEN a closed ticket whose recheck is due, and one more message at the vendor
        let (id, cloud_id) = closed(&world, vendor, account, "k1").await;
        let count = world.ticket(&id).await["message_count"].clone();
        erase(&world, &id).await;
        world.simulated(vendor).support_says(&cloud_id, &format!("补充 {CANARY}"), world.now_ms());
        // WHEN syncs, copies of files and a rebuild of the statistics run for a day
        for _ in 0..24 {
            world.clock.advance(Duration::from_hours(1));
            world.sync().await;
            world.copy_files().await;
        }
        world.count_statistics().await;
        world.rebuild_statistics().await;
        // THEN nothing is back
        assert_eq!(found(&world).await, Vec::<String>::new(), "{vendor}");
        assert_eq!(world.ticket(&id).await["message_count"], count);
        let day = Day::of(world.now_ms());
        let query = format!("from={}&to={day}", Day::of(world.now_ms() - 48 * 3_600_000));
        let statistics = world.call(ApiEvent::of("GET /statistics").query(&query)).await.expect(200).body;
        assert!(statistics.to_string().contains("\"closed\":1"), "{statistics}");
        let stored = world.stack.app.store.ticket(&TicketId::parse(&*id).unwrap()).await.unwrap().unwrap();
        assert_eq!(stored.attachments_missing, None);
    }
}
