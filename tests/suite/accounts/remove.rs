//! `DELETE /accounts/{id}`.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{domain::AccountId, store::RemovalStart};
use simulators::{Fault, FaultRule};

use crate::support::{ApiEvent, DAY, LEASE, NO_SETTLE_TIME, SETTLE_TIME, World, api, demo_keys};

async fn close(world: &World, ticket: &str) -> Value {
    let event = ApiEvent::close(ticket);
    world.call(event).await.expect(200).body
}

fn delete(account: &str) -> ApiEvent {
    ApiEvent::of("DELETE /accounts/{id}").id(account)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_goes_once_its_tickets_are_closed_and_their_archives_stay() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, cloud_id) = world.create(vendor, account, &format!("{vendor}-1")).await;
        let (other, _) = world.create(vendor, account, &format!("{vendor}-2")).await;
        let now_ms = world.stack.app.clock.now_ms();
        world.simulated(vendor).support_says(&cloud_id, "您好 👋", now_ms);
        let closed = close(&world, &ticket).await;

        let before = world.table().await;
        let refused = world.call(delete(account)).await;
        refused.expect_problem(409, "account_has_open_tickets");
        assert_eq!(world.table().await, before, "a refused removal leaves the account as it was");
        world.create(vendor, account, &format!("{vendor}-3")).await;
        let filter = format!("custom_id={account}&status=1");
        let open = world.call(ApiEvent::of("GET /tickets").query(&filter)).await.expect(200);
        for ticket in open.items() {
            close(&world, ticket["id"].as_str().unwrap()).await;
        }

        let messages = ApiEvent::of("GET /tickets/{id}/messages").id(&ticket);
        let archive = world.call(messages).await.expect(200).body;
        let before = world.table().await;
        let refused = world.call(delete(account)).await.expect_problem(409, "account_has_due_work");
        assert!(refused.text("detail").contains("3 closed to recheck"), "{refused}");
        assert_eq!(world.table().await, before);
        world.clock.advance(SETTLE_TIME);
        world.sync().await;
        let gone = world.call(delete(account)).await.expect(204);
        assert_eq!(gone.body, Value::Null);
        for event in [
            ApiEvent::of("GET /accounts/{id}").id(account),
            delete(account),
            super::rotation(account, "some-key", "some-secret"),
        ] {
            world.call(event).await.expect_problem(404, "account_not_found");
        }
        let calls = world.vendor_calls();
        let messages = ApiEvent::of("GET /tickets/{id}/messages").id(&ticket);
        assert_eq!(world.call(messages).await.expect(200).body, archive);
        assert!(archive.to_string().contains("您好 👋"));
        let shown = world.call(ApiEvent::of("GET /tickets/{id}").id(&ticket)).await;
        assert_eq!(shown.expect(200).body, closed);
        assert_eq!(close(&world, &other).await["state"], "closed");
        assert_eq!(world.vendor_calls(), calls, "an archive needs no vendor");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_leaves_no_keys_and_takes_no_ticket() {
    let (world, accounts) = World::ready().await;
    let body = world.ticket_body("HUAWEI", &accounts.huawei);
    world.call(delete(&accounts.huawei)).await.expect(204);
    let id = AccountId::parse(accounts.huawei.as_str()).unwrap();
    assert!(world.stack.app.secrets.keys(&id, false).await.is_err());
    let event = ApiEvent::of("POST /tickets").key("k1").body(body);
    let refused = world.call(event).await.expect_problem(400, "account_not_found");
    refused.expect_field("/custom_id");
    let listed = world.call(ApiEvent::of("GET /accounts")).await.expect(200);
    assert_eq!(listed.items().len(), 1);
    let run = world.refresh(json!({})).await;
    assert_eq!(run["vendors"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_ticket_of_unknown_outcome_is_not_removed() {
    let (world, accounts) = World::ready().await;
    world.simulated("ALIBABA").fault(FaultRule::always("CreateTicket", Fault::CutAfter));
    let event = ApiEvent::of("POST /tickets").key("k1").body(world.ticket_body("ALIBABA", &accounts.alibaba));
    world.call(event).await.expect(202);
    let refused = world.call(delete(&accounts.alibaba)).await;
    refused.expect_problem(409, "account_has_open_tickets");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_closing_ticket_is_not_removed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, _) = world.create(vendor, account, "k1").await;
        let operation = api(vendor).close;
        world.simulated(vendor).fault(FaultRule::times(operation, 3, Fault::CutBefore));
        let event = ApiEvent::close(&ticket);
        let closing = world.call(event).await.expect(202);
        assert_eq!(closing.body["state"], "closing");
        let before = world.table().await;
        let refused = world.call(delete(account)).await;
        refused.expect_problem(409, "account_has_open_tickets");
        assert_eq!(world.table().await, before);
        world.simulated(vendor).no_faults();
        close(&world, &ticket).await;
        world.remove(account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_stays_while_an_abandoned_ticket_may_show_up() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        // GIVEN a ticket that the vendor has not shown yet
        let lag = Fault::ListLag { ms: 10 * 60 * 1000 };
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, lag));
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutAfter));
        let id = world.call(world.create_event(vendor, account, "k1")).await.expect(202).text("id");
        world.clock.advance(LEASE);
        world.sync().await;
        world.call(ApiEvent::of("GET /tickets/{id}").id(&id)).await.expect_problem(404, "ticket_not_found");
        // WHEN its account is to be removed, THEN it stays, so that the ticket is not lost
        let refused = world.call(delete(account)).await.expect_problem(409, "account_has_due_work");
        assert!(refused.text("detail").contains("1 abandoned tickets"), "{refused}");
        world.clock.advance(SETTLE_TIME);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "open");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_ticket_of_an_account_with_dead_keys_holds_it_for_a_month() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutBefore));
        world.call(world.create_event(vendor, account, "k1")).await.expect(202);
        world.clock.advance(LEASE);
        world.sync().await;
        world.simulated(vendor).remove_keys(demo_keys(vendor).id);
        world.clock.advance(DAY * 20);
        world.sync().await;
        world.call(delete(account)).await.expect_problem(409, "account_has_due_work");
        world.clock.advance(DAY * 11);
        world.sync().await;
        world.call(delete(account)).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_broke_off_shows_takes_nothing_and_is_finished_by_the_next() {
    let (world, accounts) = World::ready().await;
    let app = &world.stack.app;
    for ((vendor, account), keys_are_gone) in accounts.both().zip([false, true]) {
        // GIVEN a removal that went no further than its mark, or one that took the keys with it
        let id = AccountId::parse(account).unwrap();
        let since_ms = app.clock.now_ms();
        let start = app.store.start_removing(&id, since_ms).await.unwrap();
        assert_eq!(start, RemovalStart::Removing);
        if keys_are_gone {
            app.secrets.delete(&id).await.unwrap();
        }
        // THEN the account says so
        let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(account)).await;
        assert_eq!(shown.expect(200).body["deleting"], since_ms);
        let listed = world.call(ApiEvent::of("GET /accounts")).await.expect(200);
        let marked = listed.items().iter().filter(|one| one["deleting"] == since_ms).map(|one| &one["id"]);
        assert_eq!(marked.collect::<Vec<_>>(), [account]);
        // and takes neither keys nor tickets, without a call to the vendor
        let calls = world.vendor_calls();
        let keys = demo_keys(vendor);
        let refused = world.call(super::rotation(account, keys.id, keys.secret)).await;
        refused.expect_problem(409, "account_deleting");
        let event = ApiEvent::of("POST /tickets").key(&format!("{vendor}-k1")).body(world.ticket_body(vendor, account));
        let refused = world.call(event).await.expect_problem(400, "account_not_found");
        refused.expect_field("/custom_id");
        assert_eq!(world.vendor_calls(), calls);
        assert!(world.simulated(vendor).tickets().is_empty());
        // WHEN it is removed again
        world.call(delete(account)).await.expect(204);
        assert!(app.secrets.keys(&id, false).await.is_err());
        world.call(delete(account)).await.expect_problem(404, "account_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_created_during_a_removal_never_lose_their_account() {
    let world = World::start().await;
    world.register("ALIBABA").await;
    world.refresh(json!({})).await;
    for round in 0..15_u64 {
        let account = world.register("ALIBABA").await;
        let creates = (0..3).map(|number| {
            let event = ApiEvent::of("POST /tickets")
                .key(&format!("{round}-{number}"))
                .body(world.ticket_body("ALIBABA", &account));
            world.call(event)
        });
        let removal = async {
            // The order must differ from round to round.
            tokio::time::sleep(Duration::from_millis(round % 5 * 3)).await;
            world.call(delete(&account)).await
        };
        let (created, removed) = tokio::join!(futures_util::future::join_all(creates), removal);
        let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(&account)).await;
        if removed.status == 204 {
            shown.expect_problem(404, "account_not_found");
            for refused in created {
                refused.expect_problem(400, "account_not_found");
            }
        } else {
            removed.expect_problem(409, "account_has_open_tickets");
            assert_eq!(shown.expect(200).body["deleting"], Value::Null);
            for ticket in created {
                // The account goes only with its last ticket.
                close(&world, &ticket.expect(201).text("id")).await;
            }
            world.remove(&account).await;
        }
    }
}
