//! Reopenings whose answer is lost: nothing is sent again, and nothing is opened by mistake.

use serde_json::json;
use simulators::{Fault, FaultRule};

use super::{SETTLED, WHY, closed, reopening};
use crate::support::{ApiEvent, LEASE, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_found_at_the_vendor_and_nothing_is_sent_again() {
    let (world, accounts) = World::ready().await;
    for (key, fault, is_done) in [("k1", Fault::CutAfter, true), ("k2", Fault::CutBefore, false)] {
        let (id, cloud_id) = closed(&world, "ALIBABA", &accounts.alibaba, key).await;
        let sim = world.simulated("ALIBABA");
        let calls = sim.count("ReopenTicket");
        sim.fault(FaultRule::times("ReopenTicket", 1, fault));
        let unknown = world.call(reopening(&id, key)).await.expect(202);
        assert_eq!(unknown.body["state"], "unknown");
        assert_eq!(world.ticket(&id).await["state"], "closed");

        world.clock.advance(LEASE);
        world.sync().await;
        let state = if is_done { "open" } else { "closed" };
        assert_eq!(world.ticket(&id).await["state"], state, "{key}");
        assert_eq!(sim.count("ReopenTicket"), calls + 1);
        if is_done {
            let again = world.call(reopening(&id, key)).await.expect(201);
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
        } else {
            // The key is free once it is certain that the vendor has nothing of it.
            world.clock.advance(SETTLED);
            world.sync().await;
            world.call(reopening(&id, key)).await.expect(201);
            assert_eq!(world.ticket(&id).await["state"], "open");
        }
        let shown = world.vendor_conversation("ALIBABA", &cloud_id);
        assert_eq!(shown.iter().filter(|text| *text == WHY).count(), 1, "{shown:?}");
    }
}

/// A reopening that the vendor has done, whose answer is lost and whose text is not shown.
async fn lost_and_not_shown(world: &World, id: &str) {
    world.simulated("ALIBABA").fault(FaultRule::times("ReopenTicket", 1, Fault::ListLag { ms: 30 * 86_400_000 }));
    world.simulated("ALIBABA").fault(FaultRule::times("ReopenTicket", 1, Fault::CutAfter));
    world.call(reopening(id, "o1")).await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reopening_whose_text_is_not_shown_is_decided_by_a_person_and_never_sent_again() {
    for is_closed_again in [false, true] {
        let (world, accounts) = World::ready().await;
        let (id, cloud_id) = closed(&world, "ALIBABA", &accounts.alibaba, "k1").await;
        world.clock.advance(SETTLED);
        lost_and_not_shown(&world, &id).await;
        world.clock.advance(LEASE);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "open");
        if is_closed_again {
            world.simulated("ALIBABA").close_in_console(&cloud_id);
        }
        world.clock.advance(SETTLED);
        world.sync().await;
        let state = if is_closed_again { "closed" } else { "open" };
        assert_eq!(world.ticket(&id).await["state"], state);
        world.call(reopening(&id, "o1")).await.expect_problem(409, "reply_indeterminate");
        assert_eq!(world.simulated("ALIBABA").count("ReopenTicket"), 1);
        let page = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&id)).await.expect(200).body;
        let reply = page["pending_replies"][0]["id"].as_str().unwrap().to_owned();
        let decision = ApiEvent::of("POST /tickets/{id}/replies/{reply_id}/resolution").id(&id).reply_id(&reply);
        world.call(decision.body(json!({"absent": true}))).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_reopening_opens_nothing_while_the_vendor_may_show_the_status_of_before() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = closed(&world, "ALIBABA", &accounts.alibaba, "k1").await;
    world.simulated("ALIBABA").fault(FaultRule::times("ReopenTicket", 1, Fault::CutBefore));
    world.call(reopening(&id, "o1")).await.expect(202);
    // As a replica shows it that has not seen the close yet.
    world.simulated("ALIBABA").set_status(&cloud_id, 2);
    world.clock.advance(LEASE);
    world.sync().await;
    assert_eq!(world.ticket(&id).await["state"], "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_reopening_is_under_way_nothing_is_erased_and_the_account_stays() {
    let (world, accounts) = World::ready().await;
    let (id, _) = closed(&world, "ALIBABA", &accounts.alibaba, "k1").await;
    world.clock.advance(SETTLED);
    world.sync().await;
    world.simulated("ALIBABA").fault(FaultRule::times("ReopenTicket", 1, Fault::CutAfter));
    world.call(reopening(&id, "o1")).await.expect(202);
    let erase = || ApiEvent::of("DELETE /tickets/{id}").id(&id);
    world.call(erase()).await.expect_problem(409, "ticket_not_closed");
    let remove = ApiEvent::of("DELETE /accounts/{id}").id(&accounts.alibaba);
    world.call(remove).await.expect_problem(409, "account_has_due_work");
    world.clock.advance(LEASE);
    world.sync().await;
    assert_eq!(world.ticket(&id).await["state"], "open");
    world.call(ApiEvent::close(&id).key("c2")).await.expect(200);
    world.call(erase()).await.expect(200);
}
