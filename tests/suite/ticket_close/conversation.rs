//! Conversations that are long, that grow during the close, or whose archive was begun before.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use simulators::{Fault, FaultRule, huawei};

use super::{contents, messages, support_says};
use crate::support::{ApiEvent, World, api, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_long_conversation_closes_and_reads_back_complete_and_in_order() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).add_messages(&cloud_id, 1_500);
        let closed = world.call(ApiEvent::close(&id)).await.expect(200);
        let archive = world.all(|| messages(&id), "", 100).await;
        let expected = world.vendor_conversation(vendor, &cloud_id);
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
        let closing = world.call(ApiEvent::close(&id));
        let answers = async {
            // WHEN support answers once the first reading is made and the close is yet to come
            until("the read before the close", || world.simulated(vendor).count(before_close) > 0).await;
            support_says(&world, vendor, &cloud_id, "last words");
        };
        let (closed, ()) = tokio::join!(closing, answers);
        closed.expect(200);
        // THEN the second reading has it
        let archive = world.all(|| messages(&id), "", 100).await;
        assert_eq!(contents(&archive), world.vendor_conversation(vendor, &cloud_id));
        assert_eq!(contents(&archive).last(), Some(&"last words"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_id_the_vendor_no_longer_shows_is_archived_once() {
    let (world, accounts) = World::ready().await;
    let huawei = &world.stack.simulators.vendors.huawei;
    let settings =
        huawei::HuaweiSettings { detail_limit: Some(3), detail_has_newest: true, ..huawei::HuaweiSettings::default() };
    huawei.set_settings(settings);
    let (id, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let now_ms = world.now_ms();
    let say = |text, at_s: i64| world.simulated("HUAWEI").support_says(&cloud_id, text, now_ms + at_s * 1000);
    say("收到", 1);
    say("收到", 1);
    // GIVEN a close that goes no further than its first reading, which shows every id
    world.simulated("HUAWEI").fault(FaultRule::times("UpdateCases", 3, Fault::CutBefore));
    world.call(ApiEvent::close(&id)).await.expect(202);
    huawei.clear_faults();
    // WHEN two more come, and two others lose their ids by it
    say("还在处理", 2);
    say("收到", 3);
    world.call(ApiEvent::close(&id)).await.expect(200);
    // THEN each is there once
    let archive = world.all(|| messages(&id), "", 100).await;
    assert_eq!(contents(&archive), world.vendor_conversation("HUAWEI", &cloud_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_message_whose_parts_alone_were_archived_is_archived_whole() {
    let (world, accounts) = World::ready().await;
    let client = world.stack.app.store.client();
    let table = &world.stack.app.config.table_name;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, &"长".repeat(120_000));
        world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 3, Fault::CutBefore));
        world.call(ApiEvent::close(&id)).await.expect(202);
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
        let closed = world.call(ApiEvent::close(&id)).await.expect(200);
        // THEN nothing is missing
        let expected = world.vendor_conversation(vendor, &cloud_id);
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
        for number in 0..70 {
            let text = format!("#{number} {}", "长".repeat(30_000));
            support_says(&world, vendor, &cloud_id, &text);
        }
        let expected = world.vendor_conversation(vendor, &cloud_id);
        let (open_pages, open) = read_pages(&world, &id).await;
        assert!(open == expected, "the open conversation differs");
        world.call(ApiEvent::close(&id)).await.expect(200);
        let (closed_pages, closed) = read_pages(&world, &id).await;
        assert!(closed == expected, "the archive differs");
        // 58 messages of 90 KB are 5 MiB.
        assert_eq!((open_pages, closed_pages), (2, 2), "{vendor}");
    }
}

/// The number of pages, and all messages' texts.
async fn read_pages(world: &World, id: &str) -> (usize, Vec<String>) {
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
