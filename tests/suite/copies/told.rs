//! What is published of new messages.

use serde_json::{Value, json};

use super::copied;
use crate::support::{ApiEvent, World};

/// The `TicketReplied` events of the ticket.
async fn replied(world: &World, ticket: &str) -> Vec<Value> {
    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events().into_iter();
    events
        .filter(|event| event["detail-type"] == "TicketReplied" && event["detail"]["ticket_id"] == ticket)
        .map(|event| event["detail"].clone())
        .collect()
}

/// The id of the copy's last message.
async fn last_id(world: &World, ticket: &str) -> Value {
    copied(world, ticket).await["items"].as_array().unwrap().last().unwrap()["message_id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_answer_of_support_in_the_same_status_is_told_by_the_next_run() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let huawei = world.simulated("HUAWEI");
    // Two answers, after which a third one changes no status.
    for text in ["您好", "请提供日志"] {
        huawei.support_says(&cloud_id, text, world.now_ms());
        world.sync().await;
    }
    assert_eq!(replied(&world, &id).await.len(), 2);
    let status = world.ticket(&id).await["vendor_status"].clone();
    huawei.support_says(&cloud_id, "还有一点", world.now_ms());
    world.sync().await;
    assert_eq!(world.ticket(&id).await["vendor_status"], status);
    let told = replied(&world, &id).await;
    assert_eq!(told.len(), 3);
    assert_eq!(
        (&told[2]["message_id"], &told[2]["message_type"], &told[2]["cloud_id"]),
        (&last_id(&world, &id).await, &json!(1), &json!(cloud_id))
    );
    // What was told is not told again, by further runs or by the close.
    world.sync().await;
    world.call(ApiEvent::close(&id)).await.expect(200);
    assert_eq!(replied(&world, &id).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_only_the_close_reads_is_told_once() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).support_says(&cloud_id, "您好", world.now_ms());
        world.call(ApiEvent::close(&id)).await.expect(200);
        let told = replied(&world, &id).await;
        assert_eq!(told.len(), 1, "{vendor}");
        assert_eq!(told[0]["message_id"], last_id(&world, &id).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_the_console_is_told_as_such_and_ours_as_a_reply() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(vendor).body(json!({"content": "谢谢"}));
        let reply = world.call(reply).await.expect(201).text("id");
        world.sync().await;
        // A person writes long after the reply.
        let later_ms = world.now_ms() + 24 * 60 * 60 * 1000;
        world.simulated(vendor).customer_writes(&cloud_id, "在控制台写的", later_ms);
        world.clock.advance(crate::support::CACHED);
        world.call(super::messages(&id).query("refresh=true")).await.expect(200);
        let told = replied(&world, &id).await;
        assert_eq!(told.len(), 2, "{vendor}: {told:?}");
        assert_eq!((&told[0]["reply"]["id"], &told[0]["from_console"]), (&json!(reply), &Value::Null));
        assert_eq!((&told[1]["message_type"], &told[1]["from_console"]), (&json!(0), &json!(true)));
        assert_eq!(told[1]["message_id"], last_id(&world, &id).await);
        let copy = copied(&world, &id).await;
        let from_console: Vec<_> =
            copy["items"].as_array().unwrap().iter().filter(|m| m["from_console"] == true).collect();
        assert_eq!(from_console.len(), 1);
        assert_eq!(from_console[0]["content"], "在控制台写的");
    }
}
