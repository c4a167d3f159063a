//! Whether an archive is still what was committed.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::support::{ApiEvent, World};

fn verify(id: &str) -> ApiEvent {
    ApiEvent::of("GET /tickets/{id}/verification").id(id)
}

/// A closed ticket with a conversation of 12 messages or more.
async fn closed(world: &World, vendor: &str, account: &str, key: &str) -> String {
    let (id, cloud_id) = world.create(vendor, account, key).await;
    world.simulated(vendor).add_messages(&cloud_id, 12);
    world.call(ApiEvent::close(&id)).await.expect(200);
    id
}

/// The keys of the ticket's message items.
async fn message_keys(world: &World, id: &str) -> Vec<[String; 2]> {
    let (client, table) = (world.stack.app.store.client(), &world.stack.app.config.table_name);
    let query = client.query().table_name(table).key_condition_expression("PK = :pk AND begins_with(SK, :sk)");
    let query = query
        .expression_attribute_values(":pk", AttributeValue::S(format!("TICKET#{id}")))
        .expression_attribute_values(":sk", AttributeValue::S("MESSAGE#".into()));
    let items = query.send().await.unwrap().items.unwrap();
    let text = |value: &AttributeValue| value.as_s().unwrap().clone();
    items.iter().map(|item| [text(&item["PK"]), text(&item["SK"])]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_tickets_archive_is_whole() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let id = closed(&world, vendor, account, "k1").await;
        let (ticket, calls) = (world.ticket(&id).await, world.vendor_calls());
        let answer = world.call(verify(&id)).await.expect(200).body;
        assert_eq!(
            answer,
            json!({
                "verified": true,
                "message_count": ticket["message_count"],
                "shown_count": ticket["message_count"],
                "digest": ticket["digest"],
                "stored_message_count": ticket["message_count"],
                "stored_digest": ticket["digest"],
            })
        );
        assert_eq!(world.vendor_calls(), calls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_behind_its_back_is_seen() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let text = |text: &str| AttributeValue::S(text.into());
        let number = |number: &str| AttributeValue::N(number.into());
        for (name, value) in [
            ("content", text("另一句话")),
            ("create_time", number("1600000000000")),
            ("message_id", text("m-other")),
            ("replier_name", text("somebody")),
        ] {
            let id = closed(&world, vendor, account, name).await;
            let [pk, sk] = &message_keys(&world, &id).await[3];
            world.overwrite(pk, sk, name, value).await;
            let answer = world.call(verify(&id)).await.expect(200).body;
            assert_eq!(answer["verified"], false, "{vendor}: {name} was changed");
            assert_eq!(answer["stored_message_count"], answer["message_count"]);
            assert_ne!(answer["stored_digest"], answer["digest"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_gone_is_missed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let id = closed(&world, vendor, account, "k1").await;
        for gone in 1..=2 {
            let keys = message_keys(&world, &id).await;
            let [pk, sk] = keys.last().unwrap().clone().map(AttributeValue::S);
            let (client, table) = (world.stack.app.store.client(), &world.stack.app.config.table_name);
            client.delete_item().table_name(table).key("PK", pk).key("SK", sk).send().await.unwrap();
            let answer = world.call(verify(&id)).await.expect(200).body;
            let counts = ["message_count", "stored_message_count"].map(|name| answer[name].as_u64().unwrap());
            assert_eq!((&answer["verified"], counts[0] - counts[1]), (&json!(false), gone));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_closed_ticket_can_be_verified() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let calls = world.vendor_calls();
        world.call(verify(&id)).await.expect_problem(409, "ticket_not_closed");
        assert_eq!(world.vendor_calls(), calls);
        let answer = world.call(verify(&id).query("limit=1")).await.expect_problem(400, "invalid_fields");
        assert_eq!(answer.pointers(), ["limit"]);
    }
    let nobody = world.call(verify("01JD2Y5T9V7Z3M6Q8R4S0X1W2K")).await;
    nobody.expect_problem(404, "ticket_not_found");
}
