//! Replies whose outcome is unknown.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule, MessageAuthor, TextRewrite};

use super::{SETTLED, lose_answer, rewrites};
use crate::support::{ApiEvent, World, api};

/// A text that a vendor may mask.
const TEXT: &str = "请联系 13800000000";

fn reply(id: &str, key: &str) -> ApiEvent {
    ApiEvent::of("POST /tickets/{id}/messages").id(id).key(key).body(json!({"content": TEXT}))
}

fn resolve_reply(ticket: &str, reply: &str, decision: Value) -> ApiEvent {
    let route = "POST /tickets/{id}/replies/{reply_id}/resolution";
    ApiEvent::of(route).id(ticket).reply_id(reply).body(decision)
}

fn written(world: &World, vendor: &str, cloud_id: &str) -> usize {
    let messages = world.simulated(vendor).ticket(cloud_id).messages.into_iter();
    messages.filter(|message| message.from == MessageAuthor::Customer && !message.first).count()
}

async fn pending(world: &World, id: &str) -> Value {
    let page = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(id)).await.expect(200);
    page.body["pending_replies"].clone()
}

/// A reply whose answer is lost, and that the vendor stores in another form.
async fn lose_reply(world: &World, vendor: &str, id: &str, rewrite: TextRewrite) -> String {
    rewrites(world, vendor, api(vendor).reply, rewrite);
    lose_answer(world, vendor, api(vendor).reply);
    world.call(reply(id, &format!("{vendor}-r1"))).await.expect(202).text("id")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_shown_masked_is_left_to_a_person_and_never_sent_again() {
    for rewrite in [TextRewrite::Mask, TextRewrite::Cut { chars: 4 }] {
        let (world, accounts) = World::ready().await;
        for (vendor, account) in accounts.both() {
            // GIVEN a reply whose answer is lost and whose text the vendor changes
            let (id, cloud_id) = world.create(vendor, account, "k1").await;
            let reply_id = lose_reply(&world, vendor, &id, rewrite.clone()).await;
            // WHEN the settle time passes
            world.sync().await;
            assert_eq!(pending(&world, &id).await[0]["state"], "unknown");
            world.clock.advance(SETTLED);
            world.sync().await;
            // THEN it is indeterminate, with the message as a candidate, and the key sends nothing
            let [shown] = serde_json::from_value::<[Value; 1]>(pending(&world, &id).await).unwrap();
            assert_eq!((&shown["state"], &shown["id"]), (&json!("indeterminate"), &json!(reply_id)));
            let [candidate] = serde_json::from_value::<[Value; 1]>(shown["candidates"].clone()).unwrap();
            assert!(candidate["first_line"].as_str().unwrap().starts_with("请联系"), "{candidate}");
            world.call(reply(&id, &format!("{vendor}-r1"))).await.expect_problem(409, "reply_indeterminate");
            assert_eq!(written(&world, vendor, &cloud_id), 1);
            // WHEN a person decides
            let decision = json!({"message_id": candidate["vendor_id"]});
            let sent = world.call(resolve_reply(&id, &reply_id, decision.clone())).await.expect(200);
            // THEN it is sent, under that id, and its key replays so
            assert_eq!((&sent.body["state"], &sent.body["message_id"]), (&json!("sent"), &candidate["vendor_id"]));
            assert_eq!(sent.body["candidates"], Value::Null);
            assert_eq!(world.call(resolve_reply(&id, &reply_id, decision)).await.expect(200).body, sent.body);
            assert_eq!(world.call(reply(&id, &format!("{vendor}-r1"))).await.expect(201).body, sent.body);
            assert_eq!(pending(&world, &id).await, Value::Null);
            assert_eq!(written(&world, vendor, &cloud_id), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_shown_escaped_or_as_rich_text_is_found() {
    for rewrite in [TextRewrite::Escape, TextRewrite::RichText] {
        let (world, accounts) = World::ready().await;
        for (vendor, account) in accounts.both() {
            let (id, cloud_id) = world.create(vendor, account, "k1").await;
            lose_reply(&world, vendor, &id, rewrite.clone()).await;
            world.sync().await;
            assert_eq!(world.call(reply(&id, &format!("{vendor}-r1"))).await.expect(201).body["state"], "sent");
            assert_eq!(written(&world, vendor, &cloud_id), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_can_decide_that_the_vendor_does_not_have_a_reply() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        // GIVEN a reply that never arrived, and a colleague's message of the same minute
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).fault(FaultRule::times(api(vendor).reply, 1, Fault::CutBefore));
        let reply_id = world.call(reply(&id, &format!("{vendor}-r1"))).await.expect(202).text("id");
        world.simulated(vendor).customer_writes(&cloud_id, "控制台里写的", world.now_ms());
        world.clock.advance(SETTLED);
        world.sync().await;
        world.call(reply(&id, &format!("{vendor}-r1"))).await.expect_problem(409, "reply_indeterminate");
        // WHEN the decision is none
        for (decision, pointer) in [
            (json!({}), "/message_id"),
            (json!({"message_id": "x", "absent": true}), "/message_id"),
            (json!({"absent": false}), "/message_id"),
            (json!({"cloud_id": "x"}), "/cloud_id"),
        ] {
            let refused = world.call(resolve_reply(&id, &reply_id, decision)).await;
            assert_eq!(refused.expect_problem(400, "invalid_fields").body["errors"][0]["pointer"], pointer);
        }
        let other = resolve_reply(&id, &reply_id, json!({"message_id": "no such message"}));
        world.call(other).await.expect_problem(400, "vendor_id_not_found");
        // THEN nothing changes; WHEN it is that the reply did not arrive, THEN its key is free
        let decision = || resolve_reply(&id, &reply_id, json!({"absent": true})).key(&format!("{vendor}-decision"));
        world.call(decision()).await.expect(204);
        // A retry of it has the same answer.
        world.call(decision()).await.expect(204);
        let of_another = resolve_reply(&id, "01JD2Y5T9V7Z3M6Q8R4S0X1W2K", json!({"absent": true}));
        let refused = world.call(of_another.key(&format!("{vendor}-decision"))).await;
        refused.expect_problem(422, "idempotency_key_reused");
        let absent = resolve_reply(&id, &reply_id, json!({"absent": true}));
        world.call(absent).await.expect_problem(404, "reply_not_found");
        world.call(reply(&id, &format!("{vendor}-r1"))).await.expect(201);
        assert_eq!(written(&world, vendor, &cloud_id), 2);
    }
}
