//! `DELETE /accounts/{id}`.

use serde_json::{Value, json};
use shared::domain::AccountId;

use crate::support::{Event, World};

async fn close(world: &World, ticket: &str) -> Value {
    let event = Event::of("POST /tickets/{id}/close").id(ticket);
    world.call(event).await.expect(200).body
}

fn delete(account: &str) -> Event {
    Event::of("DELETE /accounts/{id}").id(account)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_goes_once_its_tickets_are_closed_and_their_archives_stay() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (ticket, cloud_id) = world.create(vendor, account, &format!("{vendor}-1")).await;
        let (other, _) = world.create(vendor, account, &format!("{vendor}-2")).await;
        let now_ms = world.stack.app.clock.now_ms();
        world.simulated(vendor).support_says(&cloud_id, "您好 👋", now_ms);
        let closed = close(&world, &ticket).await;

        let before = world.table().await;
        let refused = world.call(delete(account)).await;
        refused.expect_problem(409, "account_has_open_tickets");
        assert_eq!(
            world.table().await,
            before,
            "a refused removal leaves the account as it was"
        );
        world.create(vendor, account, &format!("{vendor}-3")).await;
        let filter = format!("custom_id={account}&status=1");
        let open = world
            .call(Event::of("GET /tickets").query(&filter))
            .await
            .expect(200);
        for ticket in open.items() {
            close(&world, ticket["id"].as_str().unwrap()).await;
        }

        let messages = Event::of("GET /tickets/{id}/messages").id(&ticket);
        let archive = world.call(messages).await.expect(200).body;
        let gone = world.call(delete(account)).await.expect(204);
        assert_eq!(gone.body, Value::Null);
        for event in [
            Event::of("GET /accounts/{id}").id(account),
            delete(account),
            super::rotation(account, "some-key", "some-secret"),
        ] {
            world.call(event).await.expect_problem(404, "account_not_found");
        }
        let calls = world.vendor_calls();
        let messages = Event::of("GET /tickets/{id}/messages").id(&ticket);
        assert_eq!(world.call(messages).await.expect(200).body, archive);
        assert!(archive.to_string().contains("您好 👋"));
        let shown = world.call(Event::of("GET /tickets/{id}").id(&ticket)).await;
        assert_eq!(shown.expect(200).body, closed);
        assert_eq!(close(&world, &other).await["state"], "closed");
        assert_eq!(world.vendor_calls(), calls, "an archive needs no vendor");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_leaves_no_keys_and_takes_no_ticket() {
    let (world, desks) = World::ready().await;
    let body = world.ticket_body("HUAWEI", &desks.huawei);
    world.call(delete(&desks.huawei)).await.expect(204);
    let id = AccountId::parse(desks.huawei.as_str()).unwrap();
    assert!(world.stack.app.secrets.keys(&id).await.is_err());
    let event = Event::of("POST /tickets").key("k1").body(body);
    let refused = world.call(event).await.expect_problem(400, "account_not_found");
    refused.expect_field("/custom_id");
    let listed = world.call(Event::of("GET /accounts")).await.expect(200);
    assert_eq!(listed.items().len(), 1);
    let run = world.refresh(json!({})).await;
    assert_eq!(run["vendors"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_unknown_outcome_keeps_its_account() {
    use simulators::{Fault, FaultRule};
    let (world, desks) = World::ready().await;
    world
        .simulated("ALIBABA")
        .fault(FaultRule::always("CreateTicket", Fault::CutAfter));
    let event = Event::of("POST /tickets")
        .key("k1")
        .body(world.ticket_body("ALIBABA", &desks.alibaba));
    world.call(event).await.expect(202);
    let refused = world.call(delete(&desks.alibaba)).await;
    refused.expect_problem(409, "account_has_open_tickets");
}
