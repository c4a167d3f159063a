//! The copy of open tickets' conversations: what is copied when, what is told of it, and what stays of it.

mod due;
mod told;

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use crate::support::{ApiEvent, CACHED, NO_SETTLE_TIME, World, api};

fn messages(ticket: &str) -> ApiEvent {
    ApiEvent::of("GET /tickets/{id}/messages").id(ticket)
}

/// The copy as it is: no vendor is called for one that was made before.
async fn copied(world: &World, ticket: &str) -> Value {
    world.call(messages(ticket)).await.expect(200).body
}

/// The texts of the copy.
fn texts(copy: &Value) -> Vec<&str> {
    copy["items"].as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap()).collect()
}

/// How often the vendor's conversations were read.
fn readings(world: &World, vendor: &str) -> u64 {
    world.simulated(vendor).count(api(vendor).messages)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_messages_of_a_ticket_that_is_deleted_in_the_console_are_archived() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        for text in ["第一条", "第二条 👋", "第三条"] {
            world.simulated(vendor).support_says(&cloud_id, text, world.now_ms());
        }
        world.sync().await;
        world.simulated(vendor).delete_ticket(&cloud_id);
        world.clock.advance(CACHED);
        // The copy answers, also one who asks for a newer one.
        for query in ["", "refresh=true"] {
            let copy = world.call(messages(&id).query(query)).await.expect(200).body;
            assert!(texts(&copy).ends_with(&["第一条", "第二条 👋", "第三条"]), "{vendor}: {copy}");
            assert!(copy["as_of"].is_i64());
        }
        let closed = world.call(ApiEvent::close(&id)).await.expect(200).body;
        assert_eq!((&closed["state"], &closed["vendor_status"]), (&json!("closed"), &json!("deleted")));
        let archive = copied(&world, &id).await;
        assert!(texts(&archive).ends_with(&["第一条", "第二条 👋", "第三条"]));
        assert_eq!(closed["message_count"], texts(&archive).len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_goes_on_from_the_copy_and_changes_no_position() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).add_messages(&cloud_id, 11);
        world.sync().await;
        let before = copied(&world, &id).await;
        assert!(texts(&before).len() >= 11);
        world.simulated(vendor).support_says(&cloud_id, "还有一条", world.now_ms() + 3_600_000);
        world.call(ApiEvent::close(&id)).await.expect(200);
        let archive = copied(&world, &id).await;
        let (known, new) = archive["items"].as_array().unwrap().split_at(texts(&before).len());
        assert_eq!(json!(known), before["items"]);
        assert_eq!(new.len(), 1);
        assert_eq!(new[0]["content"], "还有一条");
        assert_eq!(archive["as_of"], world.ticket(&id).await["close_time"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_does_not_wait_for_a_copy() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).support_says(&cloud_id, "您好", world.now_ms());
        // GIVEN a copy that has the lease and gets no answer
        let hangs = Fault::Delay { ms: 2_000 };
        world.simulated(vendor).fault(FaultRule::times(api(vendor).messages, 1, hangs));
        let copy = world.call(messages(&id));
        let close = async {
            crate::support::until("the copy reads", || readings(&world, vendor) > 0).await;
            world.call(ApiEvent::close(&id)).await.expect(200).body
        };
        // WHEN the ticket is closed meanwhile, THEN the copy writes nothing any more, and answers what is stored
        let (copy, closed) = tokio::join!(copy, close);
        assert_eq!(closed["state"], "closed");
        copy.expect(200);
        assert_eq!(world.conversation(&id).await, world.vendor_conversation(vendor, &cloud_id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_a_revision_of_the_copy() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).support_says(&cloud_id, "请重启", world.now_ms());
        world.sync().await;
        let place = world.simulated(vendor).ticket(&cloud_id).messages.len() - 1;
        world.simulated(vendor).edit_message(&cloud_id, place, "请不要重启");
        world.clock.advance(CACHED);
        let copy = world.call(messages(&id).query("refresh=true")).await.expect(200).body;
        let last = &copy["items"][place];
        assert_eq!((&last["content"], &last["revisions"][0]["content"]), (&json!("请不要重启"), &json!("请重启")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_write_next_is_shown_and_filters_lists() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let listed = async |awaiting: &str| {
            let filters = format!("custom_id={account}&awaiting={awaiting}");
            world.call(ApiEvent::of("GET /tickets").query(&filters)).await.expect(200).items().len()
        };
        assert_eq!(world.ticket(&id).await["awaiting"], Value::Null);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["awaiting"], "support", "{vendor}");
        assert_eq!((listed("support").await, listed("customer").await), (1, 0));
        let first_ms = world.now_ms() / 1000 * 1000;
        for (text, at_ms) in [("您好", first_ms), ("请提供日志", first_ms + 5_000)] {
            world.simulated(vendor).support_says(&cloud_id, text, at_ms);
        }
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!(ticket["awaiting"], "customer", "{vendor}");
        assert_eq!(ticket["first_response_time"], first_ms);
        assert_eq!(ticket["last_support_time"], first_ms + 5_000);
        assert_eq!((listed("support").await, listed("customer").await), (0, 1));
        world.call(ApiEvent::close(&id)).await.expect(200);
        let closed = world.ticket(&id).await;
        assert_eq!((&closed["awaiting"], &closed["first_response_time"]), (&Value::Null, &json!(first_ms)));
        assert_eq!(listed("customer").await, 0);
    }
    let refused = world.call(ApiEvent::of("GET /tickets").query("awaiting=nobody")).await;
    refused.expect_problem(400, "invalid_fields").expect_field("awaiting");
    let refused = world.call(messages("01JD2Y5T9V7Z3M6Q8R4S0X1W2K").query("refresh=yes")).await;
    refused.expect_problem(400, "invalid_fields").expect_field("refresh");
}
