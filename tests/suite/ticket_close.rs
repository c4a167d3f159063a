//! Closing a ticket: the whole conversation is archived, whatever happens on the way.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::{domain::TicketId, store::CloseReason};
use simulators::{Fault, FaultRule, huawei};

use crate::support::{Event, LEASE, World, api, refuse, turn, until};

fn close(id: &str) -> Event {
    Event::of("POST /tickets/{id}/close").id(id)
}

fn messages(id: &str) -> Event {
    Event::of("GET /tickets/{id}/messages").id(id)
}

fn contents(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["content"].as_str().unwrap()).collect()
}

/// The conversation as the vendor has it, oldest first.
fn at_vendor(world: &World, vendor: &str, cloud_id: &str) -> Vec<String> {
    let ticket = world.simulated(vendor).ticket(cloud_id);
    ticket.messages.into_iter().map(|message| message.content).collect()
}

fn support_says(world: &World, vendor: &str, cloud_id: &str, content: &str) {
    world.simulated(vendor).support_says(cloud_id, content, world.now_ms());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_ticket_has_its_whole_conversation_archived() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "您好，请提供实例 ID 👋");
        support_says(&world, vendor, &cloud_id, "已修复，<b>请确认</b>");

        let closed = world.call(close(&id)).await.expect(200);
        let expected = at_vendor(&world, vendor, &cloud_id);
        assert_eq!((&closed.body["status"], &closed.body["state"]), (&json!(0), &json!("closed")));
        assert_eq!(closed.body["message_count"], expected.len());
        assert_eq!(closed.text("digest").len(), 64);

        let archive = world.all(|| messages(&id), "", 2).await;
        assert_eq!(contents(&archive), expected);
        let last = archive.last().unwrap();
        assert_eq!((&last["type"], &last["case_id"]), (&json!(1), &json!(cloud_id)));
        let open = world.call(Event::of("GET /tickets").query("status=1")).await.expect(200);
        assert!(open.items().iter().all(|ticket| ticket["id"] != id.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_again_gives_the_first_result() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let first = world.call(close(&id)).await.expect(200);
        let calls = world.vendor_calls();
        let again = world.call(close(&id)).await.expect(200);
        assert_eq!(again.body, first.body);
        let with_key = world.call(close(&id).key(&format!("{vendor}-c1"))).await.expect(200);
        assert_eq!(with_key.body, first.body);
        assert_eq!(world.vendor_calls(), calls, "the vendor was asked again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_conversation_closes_and_reads_back_complete_and_in_order() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).add_messages(&cloud_id, 2_500);
        let closed = world.call(close(&id)).await.expect(200);
        let archive = world.all(|| messages(&id), "", 100).await;
        let expected = at_vendor(&world, vendor, &cloud_id);
        assert_eq!(closed.body["message_count"], expected.len());
        assert_eq!(contents(&archive), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_written_while_closing_is_not_lost() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "first");
        // GIVEN a vendor that takes its time between the first reading and the close
        let before_close = api(vendor).before_close;
        world.simulated(vendor).fault(FaultRule::times(before_close, 1, Fault::Delay { ms: 400 }));
        let closing = world.call(close(&id));
        let late = async {
            // WHEN support answers once the first reading is made and the close is yet to come
            until("the read before the close", || world.simulated(vendor).count(before_close) > 0).await;
            support_says(&world, vendor, &cloud_id, "last words");
        };
        let (closed, ()) = tokio::join!(closing, late);
        closed.expect(200);
        // THEN the second reading has it
        let archive = world.all(|| messages(&id), "", 100).await;
        assert_eq!(contents(&archive), at_vendor(&world, vendor, &cloud_id));
        assert_eq!(contents(&archive).last(), Some(&"last words"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_id_the_vendor_no_longer_shows_is_kept_once() {
    let (world, accounts) = World::ready().await;
    let huawei = &world.stack.simulators.vendors.huawei;
    let settings =
        huawei::Settings { detail_limit: Some(3), detail_has_newest: true, ..huawei::Settings::default() };
    huawei.set_settings(settings);
    let (id, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let now_ms = world.now_ms();
    let say = |text, at_s: i64| world.simulated("HUAWEI").support_says(&cloud_id, text, now_ms + at_s * 1000);
    say("收到", 1);
    say("收到", 1);
    // GIVEN a close that goes no further than its first reading, which shows every id
    world.simulated("HUAWEI").fault(FaultRule::times("UpdateCases", 3, Fault::CutBefore));
    world.call(close(&id)).await.expect(202);
    huawei.clear_faults();
    // WHEN two more come, and two others lose their ids by it
    say("还在处理", 2);
    say("收到", 3);
    world.call(close(&id)).await.expect(200);
    // THEN each is there once
    let archive = world.all(|| messages(&id), "", 100).await;
    assert_eq!(contents(&archive), at_vendor(&world, "HUAWEI", &cloud_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_closed_by_somebody_else_is_archived_all_the_same() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "done");
        world.simulated(vendor).set_status(&cloud_id, api(vendor).ended_by_hand);
        let closed = world.call(close(&id)).await.expect(200);
        assert_eq!(closed.body["status"], 0);
        assert_eq!(
            contents(&world.all(|| messages(&id), "", 100).await),
            at_vendor(&world, vendor, &cloud_id)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_trouble_leaves_it_closing_and_the_next_close_goes_on() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "hello");
        world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 1, Fault::CutAfter));
        let accepted = world.call(close(&id).key(&format!("{vendor}-c1"))).await.expect(202);
        assert_eq!((&accepted.body["state"], &accepted.body["status"]), (&json!("closing"), &json!(1)));
        let closed = world.call(close(&id).key(&format!("{vendor}-c1"))).await.expect(200);
        assert_eq!(closed.body["status"], 0);
        assert_eq!(
            contents(&world.all(|| messages(&id), "", 100).await),
            at_vendor(&world, vendor, &cloud_id)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_that_runs_out_of_time_answers_202_and_goes_on_later() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    world.simulated("ALIBABA").fault(FaultRule::times("CloseTicket", 1, Fault::Hang));
    let accepted = world.call_within(close(&id), Duration::from_secs(4)).await.expect(202);
    assert_eq!(accepted.body["state"], "closing");
    world.call(close(&id)).await.expect(200);
    let archive = world.all(|| messages(&id), "", 100).await;
    assert_eq!(contents(&archive), at_vendor(&world, "ALIBABA", &cloud_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_close_is_told_and_the_ticket_stays_open() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let code = api(vendor).close_refused;
        world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 2, refuse(code)));
        let refused = world.call(close(&id)).await.expect_problem(409, "vendor_close_refused");
        assert_eq!(refused.body["vendor"]["code"], code);
        let ticket = world.call(Event::of("GET /tickets/{id}").id(&id)).await.expect(200);
        assert_eq!((&ticket.body["state"], &ticket.body["status"]), (&json!("open"), &json!(1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_open_ticket_can_be_closed() {
    let (world, accounts) = World::ready().await;
    let unknown_id = "01JD2Y5T9V7Z3M6Q8R4S0X1W2K";
    world.call(close(unknown_id)).await.expect_problem(404, "ticket_not_found");

    world.simulated("ALIBABA").fault(FaultRule::times("CreateTicket", 1, Fault::CutAfter));
    let body = world.ticket_body("ALIBABA", &accounts.alibaba);
    let unknown = world.call(Event::of("POST /tickets").key("k1").body(body)).await.expect(202);
    world.call(close(&unknown.text("id"))).await.expect_problem(409, "ticket_not_open");
}

async fn shown_state(world: &World, id: &str) -> Value {
    let ticket = world.call(Event::of("GET /tickets/{id}").id(id)).await;
    ticket.expect(200).body["state"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_during_another_ones_turn_is_accepted_and_asks_nobody() {
    let (world, accounts) = World::ready().await;
    let store = &world.stack.app.store;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let ticket = TicketId::parse(id.as_str()).unwrap();
        let now_ms = world.stack.app.clock.now_ms();
        store
            .start_closing(&ticket, Some(CloseReason::Asked), now_ms, &turn(now_ms + 600_000))
            .await
            .unwrap();
        let (calls, table) = (world.vendor_calls(), world.table().await);
        let accepted = world.call(close(&id)).await.expect(202);
        assert_eq!(accepted.body["state"], "closing");
        assert_eq!(accepted.header("location"), Some(format!("/tickets/{id}").as_str()));
        assert_eq!(world.vendor_calls(), calls);
        assert_eq!(world.table().await, table);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_whose_turn_is_over_is_gone_on_with() {
    let (world, accounts) = World::ready().await;
    let store = &world.stack.app.store;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "您好 👋");
        // GIVEN an invocation that was cut off in the middle, its turn just over
        let ticket = TicketId::parse(id.as_str()).unwrap();
        let now_ms = world.stack.app.clock.now_ms();
        store.start_closing(&ticket, Some(CloseReason::Asked), now_ms, &turn(now_ms + 30_000)).await.unwrap();
        world.clock.advance(LEASE);
        assert_eq!(shown_state(&world, &id).await, "closing");
        // WHEN somebody closes it, THEN it is done
        world.call(close(&id)).await.expect(200);
        let archive = world.all(|| messages(&id), "", 100).await;
        assert_eq!(contents(&archive), at_vendor(&world, vendor, &cloud_id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_closes_at_once_make_one_archive() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).add_messages(&cloud_id, 30);
        let closes = (0..10).map(|_| world.call(close(&id)));
        for answer in futures_util::future::join_all(closes).await {
            assert!(matches!(answer.status, 200 | 202), "{answer}");
        }
        let closed = world.call(close(&id)).await.expect(200);
        let expected = at_vendor(&world, vendor, &cloud_id);
        assert_eq!(closed.body["message_count"], expected.len());
        let archive = world.all(|| messages(&id), "", 100).await;
        assert_eq!(contents(&archive), expected);
        assert_eq!(world.vendor_calls()[api(vendor).close], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_after_the_vendor_closed_leaves_it_closing_and_the_next_close_goes_on() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "已修复 🎉");
        // GIVEN a vendor that shows the messages once, closes the ticket, and shows them no more
        let before = world.simulated(vendor).count(api(vendor).last_messages);
        world.simulated(vendor).fault(FaultRule {
            skip: 1,
            ..FaultRule::always(api(vendor).last_messages, api(vendor).no_permission())
        });
        let refused = world.call(close(&id)).await;
        refused.expect_problem(403, "vendor_permission_denied");
        assert_eq!(world.simulated(vendor).count(api(vendor).last_messages) - before, 2);
        assert!(world.simulated(vendor).counts().contains_key(api(vendor).close));
        assert_eq!(shown_state(&world, &id).await, "closing");
        // Nor does a later turn take it back, which is refused before it comes to the close.
        world.call(close(&id)).await.expect_problem(403, "vendor_permission_denied");
        assert_eq!(shown_state(&world, &id).await, "closing");
        // Its account stays until the archive is there.
        let delete = Event::of("DELETE /accounts/{id}").id(account);
        world.call(delete).await.expect_problem(409, "account_has_open_tickets");
        // WHEN the permission is back
        world.simulated(vendor).no_faults();
        let closed = world.call(close(&id)).await.expect(200);
        let expected = at_vendor(&world, vendor, &cloud_id);
        assert_eq!(closed.body["message_count"], expected.len());
        let archive = world.all(|| messages(&id), "", 100).await;
        assert_eq!(contents(&archive), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_message_whose_parts_alone_were_kept_is_archived_whole() {
    let (world, accounts) = World::ready().await;
    let client = world.stack.app.store.client();
    let table = &world.stack.app.config.table_name;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, &"长".repeat(120_000));
        world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 3, Fault::CutBefore));
        world.call(close(&id)).await.expect(202);
        world.simulated(vendor).no_faults();
        // GIVEN what a crash between the parts and the message itself leaves
        let items = client.scan().table_name(table).send().await.unwrap();
        let text = |item: &HashMap<String, AttributeValue>, name: &str| {
            item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
        };
        let of_ticket = items.items().iter().filter(|item| text(item, "PK").ends_with(&id));
        let (heads, others): (Vec<_>, Vec<_>) =
            of_ticket.partition(|item| text(item, "entity") == "message" && item.contains_key("parts"));
        assert_eq!(heads.len(), 1);
        assert!(others.iter().any(|item| text(item, "entity") == "message_part"));
        client
            .delete_item()
            .table_name(table)
            .key("PK", heads[0]["PK"].clone())
            .key("SK", heads[0]["SK"].clone())
            .send()
            .await
            .unwrap();
        // WHEN the close goes on
        let closed = world.call(close(&id)).await.expect(200);
        // THEN nothing is missing
        let expected = at_vendor(&world, vendor, &cloud_id);
        assert_eq!(closed.body["message_count"], expected.len());
        let archive = world.all(|| messages(&id), "", 100).await;
        assert!(contents(&archive) == expected, "the archive differs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_long_messages_stay_small_and_complete_before_and_after_the_close() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        for number in 0..100 {
            let text = format!("#{number} {}", "长".repeat(30_000));
            support_says(&world, vendor, &cloud_id, &text);
        }
        let expected = at_vendor(&world, vendor, &cloud_id);
        let (open_pages, open) = walk(&world, &id).await;
        assert!(open == expected, "the open conversation differs");
        world.call(close(&id)).await.expect(200);
        let (closed_pages, closed) = walk(&world, &id).await;
        assert!(closed == expected, "the archive differs");
        // 34 messages of 90 KB are 3 MiB.
        assert_eq!((open_pages, closed_pages), (3, 3), "{vendor}");
    }
}

/// The number of pages, and all messages' texts.
async fn walk(world: &World, id: &str) -> (usize, Vec<String>) {
    let (mut pages, mut texts, mut cursor) = (0, Vec::new(), String::new());
    loop {
        let page = world.call(messages(id).query(&format!("limit=100{cursor}"))).await.expect(200);
        assert!(page.body.to_string().len() < 6_000_000);
        pages += 1;
        texts.extend(contents(page.items()).into_iter().map(str::to_owned));
        let Some(next) = page.body["next_cursor"].as_str() else {
            return (pages, texts);
        };
        cursor = format!("&cursor={next}");
    }
}
