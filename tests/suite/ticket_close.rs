//! Closing a ticket: the whole conversation is archived, whatever fails during the close.

mod conversation;
mod edited;
mod store_failures;

use std::time::Duration;

use serde_json::{Value, json};
use shared::{domain::TicketId, store::CloseReason};
use simulators::{Fault, FaultRule};

use crate::support::{ApiEvent, LEASE, World, api, lease_until, refuse};

fn messages(id: &str) -> ApiEvent {
    ApiEvent::of("GET /tickets/{id}/messages").id(id)
}

fn contents(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["content"].as_str().unwrap()).collect()
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

        let closed = world.call(ApiEvent::close(&id)).await.expect(200);
        let expected = world.vendor_conversation(vendor, &cloud_id);
        assert_eq!((&closed.body["status"], &closed.body["state"]), (&json!(0), &json!("closed")));
        assert_eq!(closed.body["message_count"], expected.len());
        assert_eq!(closed.text("digest").len(), 64);

        let archive = world.all(|| messages(&id), "", 2).await;
        assert_eq!(contents(&archive), expected);
        let last = archive.last().unwrap();
        assert_eq!((&last["type"], &last["case_id"]), (&json!(1), &json!(cloud_id)));
        let open = world.call(ApiEvent::of("GET /tickets").query("status=1")).await.expect(200);
        assert!(open.items().iter().all(|ticket| ticket["id"] != id.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_again_gives_the_first_result() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let first = world.call(ApiEvent::close(&id)).await.expect(200);
        let calls = world.vendor_calls();
        let again = world.call(ApiEvent::close(&id)).await.expect(200);
        assert_eq!(again.body, first.body);
        let with_key = world.call(ApiEvent::close(&id).key(&format!("{vendor}-c1"))).await.expect(200);
        assert_eq!(with_key.body, first.body);
        assert_eq!(world.vendor_calls(), calls, "the vendor was asked again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_closed_by_somebody_else_is_archived_all_the_same() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "done");
        world.simulated(vendor).set_status(&cloud_id, api(vendor).ended_by_hand);
        let closed = world.call(ApiEvent::close(&id)).await.expect(200);
        assert_eq!(closed.body["status"], 0);
        assert_eq!(contents(&world.all(|| messages(&id), "", 100).await), world.vendor_conversation(vendor, &cloud_id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_failure_leaves_it_closing_and_the_next_close_continues() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "hello");
        world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 1, Fault::CutAfter));
        let accepted = world.call(ApiEvent::close(&id).key(&format!("{vendor}-c1"))).await.expect(202);
        assert_eq!((&accepted.body["state"], &accepted.body["status"]), (&json!("closing"), &json!(1)));
        let closed = world.call(ApiEvent::close(&id).key(&format!("{vendor}-c1"))).await.expect(200);
        assert_eq!(closed.body["status"], 0);
        assert_eq!(contents(&world.all(|| messages(&id), "", 100).await), world.vendor_conversation(vendor, &cloud_id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_that_runs_out_of_time_answers_202_and_continues_later() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    world.simulated("ALIBABA").fault(FaultRule::times("CloseTicket", 1, Fault::Hang));
    let accepted = world.call_within(ApiEvent::close(&id), Duration::from_secs(7)).await.expect(202);
    assert_eq!(accepted.body["state"], "closing");
    world.call(ApiEvent::close(&id)).await.expect(200);
    let archive = world.all(|| messages(&id), "", 100).await;
    assert_eq!(contents(&archive), world.vendor_conversation("ALIBABA", &cloud_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_close_is_answered_and_the_ticket_stays_open() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let code = api(vendor).close_refused;
        world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 2, refuse(code)));
        let refused = world.call(ApiEvent::close(&id)).await.expect_problem(409, "vendor_close_refused");
        assert_eq!(refused.body["vendor"]["code"], code);
        let ticket = world.call(ApiEvent::of("GET /tickets/{id}").id(&id)).await.expect(200);
        assert_eq!((&ticket.body["state"], &ticket.body["status"]), (&json!("open"), &json!(1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_open_ticket_can_be_closed() {
    let (world, accounts) = World::ready().await;
    let unknown_id = "01JD2Y5T9V7Z3M6Q8R4S0X1W2K";
    world.call(ApiEvent::close(unknown_id)).await.expect_problem(404, "ticket_not_found");

    world.simulated("ALIBABA").fault(FaultRule::times("CreateTicket", 1, Fault::CutAfter));
    let body = world.ticket_body("ALIBABA", &accounts.alibaba);
    let unknown = world.call(ApiEvent::of("POST /tickets").key("k1").body(body)).await.expect(202);
    world.call(ApiEvent::close(&unknown.text("id"))).await.expect_problem(409, "ticket_not_open");
}

async fn shown_state(world: &World, id: &str) -> Value {
    let ticket = world.call(ApiEvent::of("GET /tickets/{id}").id(id)).await;
    ticket.expect(200).body["state"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_during_another_close_is_accepted_and_calls_nobody() {
    let (world, accounts) = World::ready().await;
    let store = &world.stack.app.store;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let ticket = TicketId::parse(id.as_str()).unwrap();
        let now_ms = world.stack.app.clock.now_ms();
        store.start_close(&ticket, Some(CloseReason::Asked), now_ms, &lease_until(now_ms + 600_000)).await.unwrap();
        let (calls, table) = (world.vendor_calls(), world.table().await);
        let accepted = world.call(ApiEvent::close(&id)).await.expect(202);
        assert_eq!(accepted.body["state"], "closing");
        assert_eq!(accepted.header("location"), Some(format!("/tickets/{id}").as_str()));
        assert_eq!(world.vendor_calls(), calls);
        assert_eq!(world.table().await, table);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_whose_lease_is_over_is_continued() {
    let (world, accounts) = World::ready().await;
    let store = &world.stack.app.store;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "您好 👋");
        // GIVEN an invocation that was cut off in the middle, its lease over
        let ticket = TicketId::parse(id.as_str()).unwrap();
        let now_ms = world.stack.app.clock.now_ms();
        store.start_close(&ticket, Some(CloseReason::Asked), now_ms, &lease_until(now_ms + 30_000)).await.unwrap();
        world.clock.advance(LEASE);
        assert_eq!(shown_state(&world, &id).await, "closing");
        // WHEN somebody closes it, THEN it is done
        world.call(ApiEvent::close(&id)).await.expect(200);
        let archive = world.all(|| messages(&id), "", 100).await;
        assert_eq!(contents(&archive), world.vendor_conversation(vendor, &cloud_id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_closes_at_once_make_one_archive() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).add_messages(&cloud_id, 30);
        let closes = (0..10).map(|_| world.call(ApiEvent::close(&id)));
        for answer in futures_util::future::join_all(closes).await {
            assert!(matches!(answer.status, 200 | 202), "{answer}");
        }
        let closed = world.call(ApiEvent::close(&id)).await.expect(200);
        let expected = world.vendor_conversation(vendor, &cloud_id);
        assert_eq!(closed.body["message_count"], expected.len());
        let archive = world.all(|| messages(&id), "", 100).await;
        assert_eq!(contents(&archive), expected);
        assert_eq!(world.vendor_calls()[api(vendor).close], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_after_the_vendor_closed_leaves_it_closing_and_the_next_close_continues() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "已修复 🎉");
        // GIVEN a vendor that shows the messages once, closes the ticket, and shows them no more
        let before = world.simulated(vendor).count(api(vendor).last_messages);
        world
            .simulated(vendor)
            .fault(FaultRule { skip: 1, ..FaultRule::always(api(vendor).last_messages, api(vendor).no_permission()) });
        let refused = world.call(ApiEvent::close(&id)).await;
        refused.expect_problem(403, "vendor_permission_denied");
        assert_eq!(world.simulated(vendor).count(api(vendor).last_messages) - before, 2);
        assert!(world.simulated(vendor).counts().contains_key(api(vendor).close));
        assert_eq!(shown_state(&world, &id).await, "closing");
        // A later close that is refused before its own call does not open the ticket.
        world.call(ApiEvent::close(&id)).await.expect_problem(403, "vendor_permission_denied");
        assert_eq!(shown_state(&world, &id).await, "closing");
        // Its account stays until the archive is there.
        let delete = ApiEvent::of("DELETE /accounts/{id}").id(account);
        world.call(delete).await.expect_problem(409, "account_has_open_tickets");
        // WHEN the permission is back
        world.simulated(vendor).no_faults();
        let closed = world.call(ApiEvent::close(&id)).await.expect(200);
        let expected = world.vendor_conversation(vendor, &cloud_id);
        assert_eq!(closed.body["message_count"], expected.len());
        let archive = world.all(|| messages(&id), "", 100).await;
        assert_eq!(contents(&archive), expected);
    }
}
