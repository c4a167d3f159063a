//! What is published when nothing fails, and what is never published.

use serde_json::json;

use super::{WHOLE_LIFE, close, published, published_by_ticket};
use crate::support::{ApiEvent, LEASE, NO_SETTLE_TIME, World};

/// Stands in everything that a customer or support writes.
const CANARY: &str = "canary-7c1e";

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_a_ticket_are_published_in_order_and_without_its_content() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let mut body = world.ticket_body(vendor, account);
        for (field, text) in [("name", CANARY), ("description", CANARY), ("email", "canary-7c1e@example.com")] {
            body[field] = json!(text);
        }
        let ticket = world.call(ApiEvent::of("POST /tickets").key(vendor).body(body)).await.expect(201);
        let (id, cloud_id) = (ticket.text("id"), ticket.text("cloud_id"));
        world.simulated(vendor).support_says(&cloud_id, CANARY, world.stack.app.clock.now_ms());
        world.sync().await;
        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(vendor);
        let reply = world.call(reply.body(json!({"content": CANARY}))).await.expect(201);
        close(&world, &id).await;
        world.stack.stream.wait_until_idle().await;

        let [created, closing, closed] = WHOLE_LIFE;
        let life = [created, "TicketUpdated open", "TicketReplied", "TicketReplied", closing, closed];
        assert_eq!(published_by_ticket(&world)[&id], life, "{vendor}");
        let events: Vec<_> = published(&world).into_iter().filter(|(_, d)| d["ticket_id"] == id.as_str()).collect();
        let ticket = world.call(ApiEvent::of("GET /tickets/{id}").id(&id)).await.expect(200).body;
        let (_, created) = &events[0];
        let (_, closed) = events.last().unwrap();
        for (name, value) in [("custom_id", json!(account)), ("type", json!(vendor)), ("cloud_id", json!(cloud_id))] {
            assert_eq!((&created[name], &closed[name]), (&value, &value), "{name}");
        }
        assert_eq!((&created["status"], &closed["status"]), (&json!(1), &json!(0)));
        assert_eq!(closed["message_count"], ticket["message_count"]);
        assert_eq!(closed["digest"], ticket["digest"]);

        let (by_support, by_customer) = (&events[2].1, &events[3].1);
        assert_eq!((&by_support["cloud_id"], &by_support["message_type"]), (&json!(cloud_id), &json!(1)));
        assert!(by_support["message_id"].is_string());
        assert_eq!((&by_customer["message_type"], &by_customer["reply"]["id"]), (&json!(0), &reply.body["id"]));
    }
    // An erasure is one event of its ticket: not its items, nor its replies.
    for id in published_by_ticket(&world).into_keys() {
        let before = published_by_ticket(&world)[&id].len();
        world.call(ApiEvent::of("DELETE /tickets/{id}").id(&id)).await.expect(200);
        world.copy_files().await;
        world.stack.stream.wait_until_idle().await;
        assert_eq!(published_by_ticket(&world)[&id][before..], ["TicketUpdated closed"]);
        let (_, erased) = published(&world).into_iter().rfind(|(_, d)| d["ticket_id"] == id.as_str()).unwrap();
        assert_eq!(erased["erased"], true);
    }
    let all = format!("{:?}{:?}", world.stack.events.events(), world.stack.dead_letters.messages());
    assert!(!all.contains(CANARY), "content is published");
    assert_eq!(world.stack.dead_letters.messages(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_never_arrived_is_published_as_removed() {
    use simulators::{Fault, FaultRule};
    let world = World::start_with(&NO_SETTLE_TIME).await;
    let accounts = world.register_accounts().await;
    // GIVEN a create that never came to the vendor, so that its outcome is unknown
    world.simulated("ALIBABA").fault(FaultRule::times("CreateTicket", 1, Fault::CutBefore));
    let create = || ApiEvent::of("POST /tickets").key("k1").body(world.ticket_body("ALIBABA", &accounts.alibaba));
    let lost = world.call(create()).await.expect(202).text("id");
    world.clock.advance(LEASE);
    // WHEN the second try finds that the vendor does not have it, and makes another
    let made = world.call(create()).await.expect(201).text("id");
    world.stack.stream.wait_until_idle().await;
    let published = published_by_ticket(&world);
    assert_eq!(published[&lost], ["TicketUpdated unknown", "TicketUpdated removed"]);
    assert_eq!(published[&made], ["TicketCreated open"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_refresh_is_published() {
    let world = World::start().await;
    world.register("TENCENT").await;
    let run = world.refresh(json!({})).await;
    world.stack.stream.wait_until_idle().await;
    let [(kind, detail)] = published(&world).try_into().unwrap();
    assert_eq!(
        (kind.as_str(), &detail["run_id"], &detail["state"]),
        ("CatalogRefreshed", &run["id"], &json!("complete"))
    );
    assert_eq!(detail["vendors"][0]["type"], "TENCENT");
    assert_eq!(detail["vendors"][0]["added"], run["vendors"][0]["added"]);
}
