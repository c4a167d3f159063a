//! A ticket's messages: from the copy of the conversation, which is the archive once the ticket is closed.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{assert_cursor_refused, assert_refuses_bad_pages, assert_sealed};
use crate::support::{ApiEvent, CACHED, World, api, demo_keys};

fn messages(ticket: &str) -> ApiEvent {
    ApiEvent::of("GET /tickets/{id}/messages").id(ticket)
}

/// All messages, without the links of their files: Alibaba signs them anew for every answer.
async fn read(world: &World, ticket: &str, limit: usize) -> Vec<Value> {
    world.clock.advance(CACHED);
    let mut messages = world.all(|| messages(ticket), "&refresh=true", limit).await;
    let files = messages.iter_mut().filter_map(|message| message["attachments"].as_array_mut());
    for file in files.flatten() {
        file["url"] = Value::Null;
    }
    messages
}

fn contents(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["content"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_reply_of_support_is_seen_by_a_refresh() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, cloud_id) = world.create(vendor, account, "k1").await;
        let before = read(&world, &ticket, 100).await;
        let at_ms = world.stack.app.clock.now_ms();
        world.simulated(vendor).support_says(&cloud_id, "您好，请提供日志 📎", at_ms);
        let after = read(&world, &ticket, 100).await;
        assert_eq!(after[..before.len()], before);
        assert_eq!(after.len(), before.len() + 1);
        let reply = &after[before.len()];
        assert_eq!(reply["content"], "您好，请提供日志 📎");
        assert_eq!((&reply["type"], &reply["case_id"]), (&json!(1), &json!(cloud_id)));
        assert!(reply["replier_name"].is_string());
        // Huawei gives whole seconds.
        assert_eq!(reply["create_time"].as_i64().unwrap() / 1000, at_ms / 1000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_conversation_is_read_in_pages_and_the_archive_gives_the_same() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, cloud_id) = world.create(vendor, account, "k1").await;
        // Three of each second.
        world.simulated(vendor).add_messages(&cloud_id, 11);
        let whole = read(&world, &ticket, 100).await;
        assert!(whole.len() >= 11);
        assert!(whole.is_sorted_by_key(|message| message["create_time"].as_i64().unwrap()));
        for limit in [1, 2, 3, 5, whole.len()] {
            assert_eq!(read(&world, &ticket, limit).await, whole, "pages of {limit}");
        }
        // A list that was begun before the close goes on after it.
        let first = world.call(messages(&ticket).query("limit=4")).await.expect(200);
        let cursor = first.text("next_cursor");
        world.call(ApiEvent::close(&ticket)).await.expect(200);
        let calls = world.vendor_calls();
        let rest = world.call(messages(&ticket).query(&format!("limit=100&cursor={cursor}"))).await.expect(200);
        let walked: Vec<_> = first.items().iter().chain(rest.items()).cloned().collect();
        assert_eq!(contents(&walked), contents(&whole), "{vendor}");
        let ids = |messages: &[Value]| -> Vec<Value> { messages.iter().map(|one| one["id"].clone()).collect() };
        assert_eq!(ids(&walked), ids(&whole), "{vendor}");
        for limit in [1, 3, 100] {
            let archived = read(&world, &ticket, limit).await;
            assert_eq!(ids(&archived), ids(&whole), "{vendor} in pages of {limit}");
        }
        assert_eq!(world.vendor_calls(), calls, "an archive needs no vendor");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_vendor_may_not_have_has_no_messages_yet() {
    let (world, accounts) = World::ready().await;
    world.simulated("ALIBABA").fault(FaultRule::always("CreateTicket", Fault::CutBefore));
    let body = world.ticket_body("ALIBABA", &accounts.alibaba);
    let unknown = world.call(ApiEvent::of("POST /tickets").key("k1").body(body)).await.expect(202);
    let calls = world.vendor_calls();
    let refused = world.call(messages(&unknown.text("id"))).await;
    refused.expect_problem(409, "ticket_not_open");
    assert_eq!(world.vendor_calls(), calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_fails_is_named() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, _) = world.create(vendor, account, "k1").await;
        let operation = api(vendor).messages;
        world.simulated(vendor).fault(FaultRule::always(operation, Fault::Status { code: 500 }));
        let failed = world.call(messages(&ticket)).await;
        let failed = failed.expect_problem(502, "vendor_unavailable");
        assert_eq!(failed.body["vendor"]["type"], vendor);
        world.simulated(vendor).no_faults();
        world.simulated(vendor).remove_keys(demo_keys(vendor).id);
        let refused = world.call(messages(&ticket)).await;
        refused.expect_problem(422, "account_keys_refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_holds_for_its_ticket_only() {
    let (world, accounts) = World::ready().await;
    let (first, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let (second, _) = world.create("HUAWEI", &accounts.huawei, "k2").await;
    world.simulated("HUAWEI").add_messages(&cloud_id, 5);
    let page = world.call(messages(&first).query("limit=2")).await.expect(200);
    let cursor = page.text("next_cursor");
    assert_cursor_refused(world.call(messages(&second).query(&format!("cursor={cursor}"))).await);
    assert_cursor_refused(world.call(ApiEvent::of("GET /tickets").query(&format!("cursor={cursor}"))).await);
    assert_sealed(&world, || messages(&first), "limit=2", &cursor).await;
    assert_refuses_bad_pages(&world, || messages(&first)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_conversation_is_refreshed_once_in_ten_seconds() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, cloud_id) = world.create(vendor, account, "k1").await;
        let readings = || world.simulated(vendor).count(api(vendor).messages);
        let before = readings();
        // The first time there is no copy yet.
        let first = world.call(messages(&ticket)).await.expect(200);
        let as_of = first.body["as_of"].as_i64().unwrap();
        assert!(as_of <= world.now_ms());
        world.simulated(vendor).support_says(&cloud_id, "您好", world.now_ms());
        for query in ["refresh=true", "", "refresh=false"] {
            assert_eq!(world.call(messages(&ticket).query(query)).await.expect(200).body, first.body);
        }
        assert_eq!(readings() - before, 1, "{vendor}");
        world.clock.advance(CACHED);
        assert_eq!(world.call(messages(&ticket)).await.expect(200).body, first.body);
        let fresh = world.call(messages(&ticket).query("refresh=true")).await.expect(200);
        assert_eq!(fresh.items().len(), first.items().len() + 1);
        assert!(fresh.body["as_of"].as_i64().unwrap() >= as_of + 10_000);
        assert_eq!(readings() - before, 2, "{vendor}");
    }
}
