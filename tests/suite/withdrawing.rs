//! Withdrawing a customer's message: the vendor removes it, and the archive keeps it.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use crate::support::{Answer, ApiEvent, LEASE, World, fetch};

const VENDOR: &str = "HUAWEI";
const TEXT: &str = "密码写错工单了，请忽略";
/// Longer than the settle time and the lease of a call.
const SETTLED: Duration = Duration::from_mins(18);

fn withdraw(ticket: &str, message: &str, key: &str) -> ApiEvent {
    ApiEvent::of("DELETE /tickets/{id}/messages/{message_id}").id(ticket).message_id(message).key(key)
}

/// The messages as the API shows them.
async fn messages(world: &World, ticket: &str) -> Vec<Value> {
    world.conversation(ticket).await;
    world.all(|| ApiEvent::of("GET /tickets/{id}/messages").id(ticket), "", 100).await
}

/// The message with that text.
async fn message(world: &World, ticket: &str, text: &str) -> Value {
    messages(world, ticket).await.into_iter().find(|message| message["content"] == text).unwrap()
}

/// An open ticket with a reply: its id, the vendor's id, and the id of the reply's message.
async fn replied(world: &World, account: &str) -> (String, String, String) {
    let (ticket, cloud_id) = world.create(VENDOR, account, "k1").await;
    let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&ticket).key("r1").body(json!({"content": TEXT}));
    world.call(reply).await.expect(201);
    let message = message(world, &ticket, TEXT).await["message_id"].as_str().unwrap().to_owned();
    (ticket, cloud_id, message)
}

fn is_shown_at_vendor(world: &World, cloud_id: &str) -> bool {
    let mut messages = world.simulated(VENDOR).ticket(cloud_id).messages.into_iter();
    messages.any(|message| message.content == TEXT && !message.deleted)
}

fn calls(world: &World) -> u64 {
    world.simulated(VENDOR).count("RevokeMessage")
}

fn outcome(ticket: &str, state: &str, answer: &Answer) -> Value {
    json!({"ticket_id": ticket, "state": state, "time": answer.body["time"]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_message_stays_in_the_archive() {
    let (world, accounts) = World::ready().await;
    let (ticket, cloud_id, id) = replied(&world, &accounts.huawei).await;
    let done = world.call(withdraw(&ticket, &id, "w1")).await.expect(200);
    assert_eq!(done.body, outcome(&ticket, "done", &done));
    let time = world.around_now(&done.body["time"]);
    assert!(!is_shown_at_vendor(&world, &cloud_id));
    let by = &world.ticket(&ticket).await["created_by"];
    let withdrawals = json!([{"message_id": id, "time": time, "by": by}]);
    assert_eq!(world.ticket(&ticket).await["withdrawals"], withdrawals);
    assert_eq!(message(&world, &ticket, TEXT).await["withdrawn_time"], time);
    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events();
    let last = events.iter().rfind(|event| event["detail-type"] == "TicketUpdated").unwrap();
    assert_eq!(last["detail"]["withdrawals"], json!([{"message_id": id, "time": time}]));
    assert_eq!(last["detail"]["actor"], by["id"]);

    // The same key replays, and no other withdraws it again.
    let again = world.call(withdraw(&ticket, &id, "w1")).await.expect(200);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &done.body));
    world.call(withdraw(&ticket, &id, "w2")).await.expect_problem(409, "message_not_withdrawable");
    assert_eq!(calls(&world), 1);

    // The close finds the reply settled, and archives the message.
    world.clock.advance(SETTLED);
    world.sync().await;
    world.call(ApiEvent::close(&ticket)).await.expect(200);
    assert_eq!(message(&world, &ticket, TEXT).await["withdrawn_time"], time);
    let verified = world.call(ApiEvent::of("GET /tickets/{id}/verification").id(&ticket)).await.expect(200);
    assert_eq!(verified.body["verified"], true, "{}", verified.body);
    world.write_transcript(&ticket).await;
    let transcript = ApiEvent::of("GET /tickets/{id}/transcript").id(&ticket).query("format=json");
    let (_, transcript) = fetch(world.call(transcript).await.expect(302).header("location").unwrap()).await;
    let transcript: Value = serde_json::from_slice(&transcript).unwrap();
    let mut lines = transcript["messages"].as_array().unwrap().iter();
    assert!(lines.any(|line| line["content"] == TEXT && line["withdrawn_time"] == time), "{transcript}");
    let again = world.call(withdraw(&ticket, &id, "w1")).await.expect(200);
    assert_eq!(again.body, done.body);
    world.call(withdraw(&ticket, &id, "w3")).await.expect_problem(409, "ticket_not_open");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_is_read_in_the_conversation() {
    for arrives in [true, false] {
        let (world, accounts) = World::ready().await;
        let (ticket, cloud_id, id) = replied(&world, &accounts.huawei).await;
        let fault = if arrives { Fault::CutAfter } else { Fault::CutBefore };
        world.simulated(VENDOR).fault(FaultRule::times("RevokeMessage", 1, fault));
        let unknown = world.call(withdraw(&ticket, &id, "w1")).await.expect(202);
        assert_eq!(unknown.body, outcome(&ticket, "unknown", &unknown), "{arrives}");
        world.call(withdraw(&ticket, &id, "w1")).await.expect_problem(409, "idempotency_key_in_use");
        world.clock.advance(LEASE);
        // Until the settle time is over, a message that is shown proves nothing.
        let status = if arrives { 200 } else { 202 };
        world.call(withdraw(&ticket, &id, "w1")).await.expect(status);
        assert_eq!(calls(&world), 1, "{arrives}");
        world.clock.advance(SETTLED);
        let done = world.call(withdraw(&ticket, &id, "w1")).await.expect(200);
        assert_eq!(done.body["state"], "done", "{arrives}");
        assert_eq!(done.header("idempotency-replayed").is_some(), arrives);
        assert_eq!(calls(&world), if arrives { 1 } else { 2 });
        assert!(!is_shown_at_vendor(&world, &cloud_id), "{arrives}");
        let withdrawals = world.ticket(&ticket).await["withdrawals"].clone();
        assert_eq!((withdrawals[0]["message_id"].as_str(), &withdrawals[0]["time"]), (Some(&*id), &done.body["time"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_reply_that_the_sync_has_not_looked_for_stays_sent() {
    let (world, accounts) = World::ready().await;
    let (ticket, _, id) = replied(&world, &accounts.huawei).await;
    world.clock.advance(SETTLED);
    world.call(withdraw(&ticket, &id, "w1")).await.expect(200);
    world.sync().await;
    let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&ticket).key("r1").body(json!({"content": TEXT}));
    assert_eq!(world.call(reply).await.expect(201).body["state"], "sent");
    let page = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&ticket)).await.expect(200).body;
    assert_eq!(page["pending_replies"], Value::Null, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_find_the_same_withdrawal_store_it_once() {
    let (world, accounts) = World::ready().await;
    let (ticket, _, id) = replied(&world, &accounts.huawei).await;
    // From now on the reply is certainly the message, also where that is not shown.
    world.clock.advance(SETTLED);
    world.simulated(VENDOR).fault(FaultRule::times("RevokeMessage", 2, Fault::CutAfter));
    world.call(withdraw(&ticket, &id, "w1")).await.expect(202);
    world.call(withdraw(&ticket, &id, "w2")).await.expect(202);
    world.clock.advance(LEASE);
    let repeat = |key| world.call(withdraw(&ticket, &id, key));
    let (first, same, other) = tokio::join!(repeat("w1"), repeat("w1"), repeat("w2"));
    let withdrawals = world.ticket(&ticket).await["withdrawals"].clone();
    assert_eq!(withdrawals.as_array().map(Vec::len), Some(1), "{withdrawals}");
    for answer in [first, same, other] {
        assert_eq!(answer.expect(200).body["time"], withdrawals[0]["time"]);
    }
    assert_eq!(calls(&world), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_can_not_be_withdrawn_is_refused_without_a_call() {
    let (world, accounts) = World::ready().await;
    let (ticket, cloud_id, id) = replied(&world, &accounts.huawei).await;
    let sim = world.simulated(VENDOR);
    sim.support_says(&cloud_id, "您好", world.now_ms());
    let of_support = message(&world, &ticket, "您好").await["message_id"].as_str().unwrap().to_owned();
    let refused = world.call(withdraw(&ticket, &of_support, "w1")).await;
    refused.expect_problem(409, "message_not_withdrawable");
    world.call(withdraw(&ticket, "no-such", "w1")).await.expect_problem(404, "message_not_found");
    world.call(withdraw(&ticket, &"x".repeat(201), "w1")).await.expect_problem(400, "invalid_id");
    let without_key = ApiEvent::of("DELETE /tickets/{id}/messages/{message_id}").id(&ticket).message_id(&id);
    world.call(without_key).await.expect_problem(400, "idempotency_key_required");
    world.call(withdraw("01J9Z3NDEKTSV4RRFFQ69G5FAV", &id, "w1")).await.expect_problem(404, "ticket_not_found");

    // A reply has no outcome yet, and the vendor may show it with another text: it could not be found without the
    // message.
    sim.fault(FaultRule::times("CreateMessages", 1, Fault::CutBefore));
    let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&ticket).key("r2").body(json!({"content": "收到"}));
    world.call(reply).await.expect(202);
    world.call(withdraw(&ticket, &id, "w1")).await.expect_problem(409, "reply_pending");
    assert_eq!(calls(&world), 0);
    assert!(is_shown_at_vendor(&world, &cloud_id));

    // At Alibaba there is no such call.
    let (other, cloud_id) = world.create("ALIBABA", &accounts.alibaba, "k2").await;
    world.simulated("ALIBABA").customer_writes(&cloud_id, TEXT, world.now_ms());
    let id = message(&world, &other, TEXT).await["message_id"].as_str().unwrap().to_owned();
    let refused = world.call(withdraw(&other, &id, "w1")).await.expect_problem(422, "capability_not_supported");
    assert!(refused.text("detail").contains("https://smartservice.console.aliyun.com/"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_text_in_the_place_of_the_message_tells_nothing() {
    let (world, accounts) = World::ready().await;
    let (ticket, cloud_id, id) = replied(&world, &accounts.huawei).await;
    let sim = world.simulated(VENDOR);
    sim.fault(FaultRule::times("RevokeMessage", 1, Fault::CutBefore));
    world.call(withdraw(&ticket, &id, "w1")).await.expect(202);
    let place = sim.ticket(&cloud_id).messages.iter().position(|message| message.content == TEXT).unwrap();
    sim.edit_message(&cloud_id, place, "消息已撤回");
    // The copy has the new text, too.
    world.clock.advance(SETTLED);
    assert_eq!(message(&world, &ticket, "消息已撤回").await["revisions"][0]["content"], TEXT);
    let unknown = world.call(withdraw(&ticket, &id, "w1")).await.expect(202);
    assert_eq!((unknown.body["state"].as_str(), calls(&world)), (Some("unknown"), 1));
}
