//! Urging support and rating it: done once, and never again by itself.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{domain::Vendor, invocation::Invocation, store::IntentWrite, workflow::vendor_write::KeyedRequest};
use simulators::{Fault, FaultRule, huawei::HuaweiSettings};

use crate::support::{Answer, ApiEvent, LEASE, World};

/// How often Huawei's simulator lets a ticket be urged.
const URGE_PAUSE: Duration = Duration::from_mins(31);

fn urge(ticket: &str, key: &str) -> ApiEvent {
    ApiEvent::of("POST /tickets/{id}/urge").id(ticket).key(key)
}

fn rating(ticket: &str, key: &str, score: u8) -> ApiEvent {
    let body = json!({"solved": true, "score": score, "comment": "谢谢 👍"});
    ApiEvent::of("POST /tickets/{id}/rating").id(ticket).key(key).body(body)
}

/// A closed ticket, and the vendor's id of it.
async fn closed(world: &World, vendor: &str, account: &str, key: &str) -> (String, String) {
    let (ticket, cloud_id) = world.create(vendor, account, key).await;
    world.call(ApiEvent::close(&ticket)).await.expect(200);
    (ticket, cloud_id)
}

fn operation(vendor: &str) -> &'static str {
    if vendor == "ALIBABA" { "EvaluateTicket" } else { "CreateScores" }
}

fn outcome(ticket: &str, state: &str, answer: &Answer) -> Value {
    json!({"ticket_id": ticket, "state": state, "time": answer.body["time"]})
}

/// The detail of the last `TicketUpdated` of the ticket.
async fn last_update(world: &World, ticket: &str) -> Value {
    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events().into_iter().filter(|event| event["detail-type"] == "TicketUpdated");
    events.map(|event| event["detail"].clone()).rfind(|detail| detail["ticket_id"] == ticket).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn support_is_urged_once_for_each_key() {
    let (world, accounts) = World::ready().await;
    let (ticket, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let done = world.call(urge(&ticket, "u1")).await.expect(200);
    assert_eq!(done.body, outcome(&ticket, "done", &done));
    let urged_ms = world.around_now(&done.body["time"]);
    assert!(world.simulated("HUAWEI").ticket(&cloud_id).urged_at_ms.is_some());
    assert_eq!(world.ticket(&ticket).await["urge_time"], urged_ms);
    assert_eq!(last_update(&world, &ticket).await["urge_time"], urged_ms);

    // The same key asks nobody, and another one so soon is refused, and then free.
    world.clock.advance(Duration::from_mins(1));
    let again = world.call(urge(&ticket, "u1")).await.expect(200);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &done.body));
    world.call(urge(&ticket, "u2")).await.expect_problem(409, "urged_too_often");
    assert_eq!(world.simulated("HUAWEI").count("UpdateCases"), 2);
    world.clock.advance(URGE_PAUSE);
    world.call(urge(&ticket, "u2")).await.expect(200);
    assert_eq!(world.simulated("HUAWEI").count("UpdateCases"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_ticket_is_rated_with_a_comment_that_no_event_has() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, cloud_id) = closed(&world, vendor, account, "k1").await;
        let done = world.call(rating(&ticket, &format!("{vendor}-g1"), 4)).await.expect(200);
        assert_eq!(done.body, outcome(&ticket, "done", &done));
        let there = world.simulated(vendor).ticket(&cloud_id).ratings;
        assert_eq!((there.len(), there[0].scores[0], &*there[0].comment), (1, 4, "谢谢 👍"), "{vendor}");
        let mut given = world.ticket(&ticket).await["rating"].take();
        assert!(given.as_object_mut().unwrap().remove("by").is_some(), "{vendor}");
        let wanted = json!({"solved": true, "score": 4, "comment": "谢谢 👍", "time": done.body["time"]});
        assert_eq!(given, wanted, "{vendor}");
        let rated = last_update(&world, &ticket).await;
        assert_eq!(rated["rating"], json!({"solved": true, "score": 4, "time": done.body["time"]}), "{vendor}");

        // The same number in another form is the same request.
        let same = json!({"solved": true, "score": 4.0, "comment": "谢谢 👍"});
        let same = rating(&ticket, &format!("{vendor}-g1"), 4).body(same);
        assert_eq!(world.call(same).await.expect(200).header("idempotency-replayed"), Some("true"), "{vendor}");
        // Another rating is another key.
        world.call(rating(&ticket, &format!("{vendor}-g1"), 5)).await.expect(422);
        world.call(rating(&ticket, &format!("{vendor}-g2"), 5)).await.expect(200);
        assert_eq!(world.ticket(&ticket).await["rating"]["score"], 5, "{vendor}");
        // The comment is erased with the ticket's texts.
        world.call(ApiEvent::of("DELETE /tickets/{id}").id(&ticket).body(json!({}))).await.expect(200);
        assert_eq!(world.ticket(&ticket).await["rating"], Value::Null, "{vendor}");
        world.call(rating(&ticket, &format!("{vendor}-g3"), 5)).await.expect_problem(410, "ticket_erased");
        let again = world.call(rating(&ticket, &format!("{vendor}-g1"), 4)).await.expect(200);
        assert_eq!(again.body, done.body, "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_stays_unknown_and_nothing_is_done_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, cloud_id) = closed(&world, vendor, account, "k1").await;
        let sim = world.simulated(vendor);
        if vendor == Vendor::Huawei.as_str() {
            does_not_show_ratings(&world);
        }
        for (number, fault) in [Fault::CutBefore, Fault::CutAfter].into_iter().enumerate() {
            let (key, before) = (format!("{vendor}-g{number}"), sim.count(operation(vendor)));
            sim.fault(FaultRule::times(operation(vendor), 1, fault));
            let unknown = world.call(rating(&ticket, &key, 4)).await.expect(202);
            assert_eq!(unknown.body, outcome(&ticket, "unknown", &unknown), "{vendor}");
            world.clock.advance(LEASE);
            world.sync().await;
            let again = world.call(rating(&ticket, &key, 4)).await.expect(202);
            assert_eq!(again.header("idempotency-replayed"), Some("true"), "{vendor}");
            assert_eq!(again.body, outcome(&ticket, "unknown", &again), "{vendor}");
            assert_eq!(sim.count(operation(vendor)) - before, 1, "{vendor}");
        }
        assert_eq!(world.ticket(&ticket).await["rating"], Value::Null, "{vendor}");
        assert_eq!(sim.ticket(&cloud_id).ratings.len(), 1, "{vendor}");
    }
}

fn does_not_show_ratings(world: &World) {
    let huawei = &world.stack.simulators.vendors.huawei;
    huawei.set_settings(HuaweiSettings { detail_has_rating: false, ..huawei.settings() });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_rating_is_read_at_the_vendor_and_never_sent_again() {
    let (world, accounts) = World::ready().await;
    let (ticket, cloud_id) = closed(&world, "HUAWEI", &accounts.huawei, "k1").await;
    let sim = world.simulated("HUAWEI");
    // One that did not arrive is not shown, whatever else is: it stays unknown.
    sim.fault(FaultRule::times("CreateScores", 1, Fault::CutBefore));
    world.call(rating(&ticket, "g1", 4)).await.expect(202);
    world.call(rating(&ticket, "g1", 4)).await.expect_problem(409, "idempotency_key_in_use");
    world.clock.advance(LEASE);
    world.call(rating(&ticket, "g1", 4)).await.expect(202);
    world.call(rating(&ticket, "g2", 2)).await.expect(200);
    let unknown = world.call(rating(&ticket, "g1", 4)).await.expect(202);
    assert_eq!(unknown.body, outcome(&ticket, "unknown", &unknown));
    assert_eq!((sim.count("CreateScores"), world.ticket(&ticket).await["rating"]["score"].clone()), (2, json!(2)));

    // One that arrived is.
    sim.fault(FaultRule::times("CreateScores", 1, Fault::CutAfter));
    let sent_ms = world.now_ms();
    world.call(rating(&ticket, "g3", 5)).await.expect(202);
    assert_eq!(world.ticket(&ticket).await["rating"]["score"], 2);
    world.clock.advance(LEASE);
    sim.fault(FaultRule::times("ShowCaseDetail", 3, Fault::Status { code: 500 }));
    world.call(rating(&ticket, "g3", 5)).await.expect(202);
    sim.no_faults();
    let done = world.call(rating(&ticket, "g3", 5)).await.expect(200);
    assert_eq!(done.body, outcome(&ticket, "done", &done));
    // When its key first came.
    let time = done.body["time"].as_i64().unwrap();
    assert!((sent_ms - 1_000..=sent_ms).contains(&time), "{time} {sent_ms}");
    let stored = world.ticket(&ticket).await["rating"].clone();
    assert_eq!((&stored["score"], &stored["comment"], &stored["time"]), (&json!(5), &json!("谢谢 👍"), &json!(time)));
    assert_eq!(last_update(&world, &ticket).await["rating"]["score"], 5);
    // From then on the key replays, also when the vendor shows another one.
    world.call(rating(&ticket, "g4", 1)).await.expect(200);
    let again = world.call(rating(&ticket, "g3", 5)).await.expect(200);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &done.body));
    assert_eq!(sim.count("CreateScores"), 4);
    assert_eq!(sim.ticket(&cloud_id).ratings.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_rating_of_another_key_is_not_taken_for_an_unknown_one() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = closed(&world, "HUAWEI", &accounts.huawei, "k1").await;
    let sim = world.simulated("HUAWEI");
    sim.fault(FaultRule::times("CreateScores", 1, Fault::CutBefore));
    world.call(rating(&ticket, "g1", 4)).await.expect(202);
    world.clock.advance(LEASE);
    world.call(rating(&ticket, "g2", 4).claims(json!({"sub": "bob"}))).await.expect(200);
    let given = world.ticket(&ticket).await["rating"].clone();
    world.clock.advance(LEASE);
    world.call(rating(&ticket, "g1", 4).claims(json!({"sub": "ann"}))).await.expect(202);
    assert_eq!((&world.ticket(&ticket).await["rating"], &given["by"]["id"]), (&given, &json!("bob")));
    assert_eq!(sim.count("CreateScores"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_find_the_same_rating_give_the_same_answer() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = closed(&world, "HUAWEI", &accounts.huawei, "k1").await;
    world.simulated("HUAWEI").fault(FaultRule::times("CreateScores", 1, Fault::CutAfter));
    world.call(rating(&ticket, "g1", 4)).await.expect(202);
    world.clock.advance(LEASE);
    let again = || world.call(rating(&ticket, "g1", 4));
    let (one, other) = tokio::join!(again(), again());
    assert_eq!(
        (one.expect(200).body, again().await.expect(200).body),
        (other.expect(200).body.clone(), again().await.body)
    );
    assert_eq!(world.simulated("HUAWEI").count("CreateScores"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ended_without_an_outcome_counts_as_unknown() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let app = &world.stack.app;
    // The record of a request whose process ended, before the vendor was called or after it.
    let ends_ms = u64::try_from(world.now_ms()).unwrap() + 29_000;
    let invocation = Invocation::new(ends_ms, "r1", app.clock.as_ref());
    let keyed = KeyedRequest::new("POST /tickets/{id}/urge", "u1", &[ticket.as_bytes(), b"", b"{}"], &invocation);
    let record = keyed.record(app, "subject").unwrap();
    assert_eq!(app.store.begin_action(&record, world.now_ms()).await.unwrap(), IntentWrite::Written);
    world.call(urge(&ticket, "u1")).await.expect_problem(409, "idempotency_key_in_use");
    // Also where it is not allowed any more.
    world.call(ApiEvent::close(&ticket)).await.expect(200);
    let calls = world.simulated("HUAWEI").calls().len();
    world.clock.advance(LEASE);
    let unknown = world.call(urge(&ticket, "u1")).await.expect(202);
    assert_eq!(unknown.body, outcome(&ticket, "unknown", &unknown));
    let again = world.call(urge(&ticket, "u1")).await.expect(202);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &unknown.body));
    world.call(urge(&ticket, "u2")).await.expect_problem(409, "ticket_not_open");
    assert_eq!(world.simulated("HUAWEI").calls().len(), calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vendor_or_a_ticket_does_not_allow_is_refused_without_a_call() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, _) = world.create(vendor, account, "k1").await;
        let calls = world.simulated(vendor).calls().len();
        world.call(rating(&ticket, &format!("{vendor}-g1"), 4)).await.expect_problem(409, "ticket_not_closed");
        if vendor == Vendor::Alibaba.as_str() {
            let refused = world.call(urge(&ticket, "u1")).await.expect_problem(422, "capability_not_supported");
            assert!(refused.text("detail").contains("https://smartservice.console.aliyun.com/"), "{refused}");
        }
        assert_eq!(world.simulated(vendor).calls().len(), calls, "{vendor}");
        world.call(ApiEvent::close(&ticket)).await.expect(200);
        let calls = world.simulated(vendor).calls().len();
        if vendor == Vendor::Huawei.as_str() {
            world.call(urge(&ticket, "u1")).await.expect_problem(409, "ticket_not_open");
            let long = json!({"solved": true, "score": 1, "comment": "长".repeat(401)});
            let event = ApiEvent::of("POST /tickets/{id}/rating").id(&ticket).key("g2").body(long);
            world.call(event).await.expect_problem(400, "content_too_long").expect_field("/comment");
        }
        for (body, pointer) in [
            (json!({"score": 5}), "/solved"),
            (json!({"solved": true}), "/score"),
            (json!({"solved": true, "score": 0}), "/score"),
            (json!({"solved": true, "score": 6}), "/score"),
            (json!({"solved": true, "score": 4.5}), "/score"),
            (json!({"solved": true, "score": 5, "stars": 5}), "/stars"),
        ] {
            let event = ApiEvent::of("POST /tickets/{id}/rating").id(&ticket).key("g3").body(body);
            world.call(event).await.expect_problem(400, "invalid_fields").expect_field(pointer);
        }
        let without_key = ApiEvent::of("POST /tickets/{id}/urge").id(&ticket);
        world.call(without_key).await.expect_problem(400, "idempotency_key_required");
        assert_eq!(world.simulated(vendor).calls().len(), calls, "{vendor}");
    }
}
