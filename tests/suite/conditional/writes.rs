//! Conditional writes: `If-Match`.

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    domain::{AccountHealth, AccountId, Hold, IfMatch, TicketId},
    problem_code::ProblemCode,
    workflow::precondition::Precondition,
};
use simulators::{Fault, FaultRule, TextRewrite};

use super::tag;
use crate::{
    indeterminate::{SETTLED, tickets::lose_ticket},
    support::{Answer, ApiEvent, World, api, demo_keys},
};

const OTHER: &str = "\"0123456789abcdef0123456789abcdef\"";

async fn tag_of(world: &World, route: &str, id: &str) -> String {
    tag(&world.call(ApiEvent::of(route).id(id)).await.expect(200))
}

async fn ticket_tag(world: &World, ticket: &str) -> String {
    tag_of(world, "GET /tickets/{id}", ticket).await
}

async fn account_tag(world: &World, account: &str) -> String {
    tag_of(world, "GET /accounts/{id}", account).await
}

fn adopt(account: &str, adopts: bool) -> ApiEvent {
    ApiEvent::of("PATCH /accounts/{id}").id(account).body(json!({"adopt_console_tickets": adopts}))
}

fn hold(ticket: &str, reason: &str) -> ApiEvent {
    ApiEvent::of("PUT /tickets/{id}/hold").id(ticket).body(json!({"reason": reason}))
}

/// Neither another tag nor a weak one does anything; then the tag itself and others beside it do.
async fn expect_bound(world: &World, show: &str, id: &str, write: impl Fn() -> ApiEvent, status: u64) -> Answer {
    let tag = tag_of(world, show, id).await;
    let before = (world.table().await, world.vendor_calls());
    for wrong in [OTHER.to_owned(), format!("W/{tag}"), format!("{OTHER}, W/{tag}")] {
        let refused = world.call(write().header("if-match", &wrong)).await;
        let refused = refused.expect_problem(412, "precondition_failed");
        assert!(refused.text("detail").contains("ETag"), "{refused}");
    }
    assert!((world.table().await, world.vendor_calls()) == before, "a refused write changed something");
    world.call(write().header("if-match", &format!("{OTHER}, {tag}"))).await.expect(status)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_of_a_ticket_is_bound_to_its_tag() {
    let (world, accounts) = World::ready().await;
    let show = "GET /tickets/{id}";
    let with_key = |route: &'static str, body: Value, id: &str| {
        let (id, key) = (id.to_owned(), format!("{route} {id}"));
        move || ApiEvent::of(route).id(&id).key(&key.replace(' ', "-")).body(body.clone())
    };
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    expect_bound(&world, show, &ticket, with_key("POST /tickets/{id}/urge", json!({}), &ticket), 200).await;
    let message = json!({"content": "还有一个问题"});
    expect_bound(&world, show, &ticket, with_key("POST /tickets/{id}/messages", message, &ticket), 201).await;
    expect_bound(&world, show, &ticket, || hold(&ticket, "R1"), 200).await;
    let end = || ApiEvent::of("DELETE /tickets/{id}/hold").id(&ticket);
    assert_eq!(expect_bound(&world, show, &ticket, end, 200).await.body["hold"], Value::Null);
    // Huawei gives no id of a message: the close waits until it is shown.
    world.sync().await;
    let closed = expect_bound(&world, show, &ticket, || ApiEvent::close(&ticket), 200).await;
    assert_eq!(closed.body["state"], "closed");
    let rating = json!({"solved": true, "score": 5});
    expect_bound(&world, show, &ticket, with_key("POST /tickets/{id}/rating", rating, &ticket), 200).await;
    let erase = || ApiEvent::of("DELETE /tickets/{id}").id(&ticket);
    assert!(expect_bound(&world, show, &ticket, erase, 200).await.body["erased"].is_object());

    let (ticket, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    world.call(ApiEvent::close(&ticket)).await.expect(200);
    let why = json!({"content": "问题又出现了"});
    expect_bound(&world, show, &ticket, with_key("POST /tickets/{id}/reopen", why, &ticket), 201).await;
    assert_eq!(world.ticket(&ticket).await["state"], "open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_bound_to_the_tag_of_the_ticket() {
    for absent in [false, true] {
        let (world, accounts) = World::ready().await;
        let cut = TextRewrite::Cut { chars: 10 };
        let (id, cloud_id) = lose_ticket(&world, "ALIBABA", &accounts.alibaba, cut).await;
        world.clock.advance(SETTLED);
        world.sync().await;
        let decision = if absent { json!({"absent": true}) } else { json!({"cloud_id": cloud_id}) };
        let write = || ApiEvent::of("POST /tickets/{id}/resolution").id(&id).body(decision.clone());
        expect_bound(&world, "GET /tickets/{id}", &id, write, if absent { 204 } else { 200 }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_of_an_account_is_bound_to_its_tag() {
    let (world, accounts) = World::ready().await;
    let show = "GET /accounts/{id}";
    for (vendor, account) in accounts.both() {
        let adopts = expect_bound(&world, show, account, || adopt(account, true), 200).await;
        assert!(adopts.body["adopt_since"].is_i64());
        let stopped = expect_bound(&world, show, account, || adopt(account, false), 200).await;
        assert_eq!(stopped.body["adopt_since"], Value::Null);
        let keys = demo_keys(vendor);
        let body = json!({"secret_id": keys.id, "secret_key_secret": keys.secret});
        let rotate = || ApiEvent::of("PUT /accounts/{id}/keys").id(account).body(body.clone());
        let before = account_tag(&world, account).await;
        expect_bound(&world, show, account, rotate, 200).await;
        assert_ne!(account_tag(&world, account).await, before, "the keys were checked at another time");
        let old = ApiEvent::of("DELETE /accounts/{id}").id(account).header("if-match", &before);
        world.call(old).await.expect_problem(412, "precondition_failed");
        expect_bound(&world, show, account, || ApiEvent::of("DELETE /accounts/{id}").id(account), 204).await;
        let gone = ApiEvent::of("DELETE /accounts/{id}").id(account).header("if-match", "*");
        world.call(gone).await.expect_problem(404, "account_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_callers_with_the_same_tag_one_writes() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let tag = ticket_tag(&world, &ticket).await;
    let reasons: Vec<_> = (0..6).map(|number| format!("R{number}")).collect();
    let holds = join_all(reasons.iter().map(|reason| world.call(hold(&ticket, reason).header("if-match", &tag)))).await;
    let done: Vec<_> = holds.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!((done.len(), &world.ticket(&ticket).await["hold"]), (1, &done[0].body["hold"]));
    for refused in holds.into_iter().filter(|answer| answer.status != 200) {
        refused.expect_problem(412, "precondition_failed");
    }

    let tag = account_tag(&world, &accounts.huawei).await;
    let keys = demo_keys("HUAWEI");
    let body = json!({"secret_id": keys.id, "secret_key_secret": keys.secret});
    let rotate = || ApiEvent::of("PUT /accounts/{id}/keys").id(&accounts.huawei).body(body.clone());
    let all = join_all((0..4).map(|_| world.call(rotate().header("if-match", &tag)))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(all.iter().filter(|answer| answer.status == 412).count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_writes_of_the_same_health_to_the_same_version_one_is_done() {
    let (world, accounts) = World::ready().await;
    let (store, id) = (&world.stack.app.store, AccountId::parse(&*accounts.huawei).unwrap());
    let (_, seen) = store.seen_account(&id).await.unwrap().unwrap();
    let bound = store.only_while(seen);
    let health = AccountHealth { last_check: Some(world.now_ms()), last_error: None };
    // The second one is the SDK's repetition of the first one, the third one is another caller's.
    for (write_id, is_done) in [("W1", true), ("W1", true), ("W2", false)] {
        assert_eq!(bound.set_account_health(&id, &health, write_id).await.unwrap(), is_done, "{write_id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_between_the_comparison_and_the_write_refuses_it() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let (app, id) = (&world.stack.app, TicketId::parse(&*ticket).unwrap());
    let seen = IfMatch::parse(&ticket_tag(&world, &ticket).await).unwrap();
    let mut precondition = Precondition::of_ticket(app, &id, Some(seen)).await.unwrap();
    let mine = Hold { time: 7, by: None, reason: Some("mine".into()) };

    // What is not shown has changed: the write is refused, and makes sense again.
    assert!(app.store.record_told_messages(&id, "told", world.now_ms()).await.unwrap());
    let refused = precondition.store().set_hold(&id, Some(&mine), 7).await.unwrap().unwrap();
    assert_eq!(refused.hold, None);
    assert!(precondition.renew().await.unwrap());
    // What is shown has changed.
    world.call(hold(&ticket, "theirs")).await.expect(200);
    let refused = precondition.store().set_hold(&id, Some(&mine), 7).await.unwrap().unwrap();
    assert_eq!(refused.hold.unwrap().reason.as_deref(), Some("theirs"));
    assert!(precondition.renew().await.unwrap_err().is(ProblemCode::PreconditionFailed));
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_and_syncs_meanwhile_refuse_no_write() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    world.sync().await;
    for round in 0..5 {
        let tag = ticket_tag(&world, &ticket).await;
        let refresh = || ApiEvent::of("GET /tickets/{id}/messages").id(&ticket).query("refresh=true");
        world.clock.advance(std::time::Duration::from_secs(11));
        let write = world.call(hold(&ticket, &format!("R{round}")).header("if-match", &tag));
        let (write, ..) = tokio::join!(write, world.call(refresh()), world.sync());
        write.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_again_gets_its_first_answer_though_its_tag_is_old() {
    let (world, accounts) = World::ready().await;
    let (ticket, cloud_id) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    let reply = |key: &str, tag: &str| {
        let event = ApiEvent::of("POST /tickets/{id}/messages").id(&ticket).key(key);
        event.body(json!({"content": "谢谢"})).header("if-match", tag)
    };
    let tag = ticket_tag(&world, &ticket).await;
    let first = world.call(reply("m1", &tag)).await.expect(201);
    world.call(hold(&ticket, "R1")).await.expect(200);
    let again = world.call(reply("m1", &tag)).await.expect(201);
    assert_eq!((&again.body, again.header("idempotency-replayed")), (&first.body, Some("true")));
    world.call(reply("m2", &tag)).await.expect_problem(412, "precondition_failed");
    // The refused key is free, and a lost answer is reconciled whatever the tag.
    world.simulated("ALIBABA").fault(FaultRule::times(api("ALIBABA").reply, 1, Fault::CutAfter));
    world.call(reply("m2", &ticket_tag(&world, &ticket).await)).await.expect(202);
    world.call(hold(&ticket, "R2")).await.expect(200);
    assert_eq!(world.call(reply("m2", &tag)).await.expect(201).body["state"], "sent");
    assert_eq!(world.vendor_conversation("ALIBABA", &cloud_id).len(), 2);
    // So is a close without a key that goes on: the first one has changed the ticket.
    world.simulated("ALIBABA").fault(FaultRule::times(api("ALIBABA").close, 1, Fault::CutBefore));
    let tag = ticket_tag(&world, &ticket).await;
    let close = || ApiEvent::close(&ticket).header("if-match", &tag);
    assert_eq!(world.call(close()).await.expect(202).body["state"], "closing");
    assert_eq!(world.call(close()).await.expect(202).body["state"], "closing");
    world.sync().await;
    assert_eq!(world.call(close()).await.expect(200).body["state"], "closed");
    let close = || ApiEvent::close(&ticket).key("c1").header("if-match", "*");
    world.call(close()).await.expect(200);
    world.call(close()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_tag_is_named_and_changes_nothing() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let before = world.table().await;
    for wrong in ["", "x", "\"x", "\"x\" \"y\"", "*, \"x\"", "w/\"x\""] {
        let writes = [hold(&ticket, "R1"), ApiEvent::close(&ticket), adopt(&accounts.huawei, true)];
        for write in writes {
            let refused = world.call(write.header("if-match", wrong)).await.expect_problem(400, "invalid_fields");
            let refused = refused.expect_field("If-Match");
            assert!(refused.body["errors"][0]["detail"].as_str().unwrap().contains("quotes"), "{wrong}");
        }
    }
    assert_eq!(world.table().await, before);
    let missing = hold("01M3V7N1DZ2D1VBPJKB9PWP87Y", "R1").header("if-match", OTHER);
    world.call(missing).await.expect_problem(404, "ticket_not_found");
}
