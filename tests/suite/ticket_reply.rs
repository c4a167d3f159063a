//! Replies: support sees each once at the most, whatever fails and however often the caller tries again.

mod accepted;
mod equal;
mod races;
mod refused;
mod unknown;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulators::{Fault, FaultRule, MessageAuthor};

use crate::support::{Answer, ApiEvent, World, api};

/// A text that must arrive as it is.
const TEXT: &str = "您好，重启后仍然超时 🙏👍🏽\n报错: \"Connection refused\" + 100% <a&b>";

fn reply(id: &str, key: &str, content: &str) -> ApiEvent {
    ApiEvent::of("POST /tickets/{id}/messages").id(id).key(key).body(json!({"content": content}))
}

fn fault(world: &World, vendor: &str, times: u32, fault: Fault) {
    world.simulated(vendor).fault(FaultRule::times(api(vendor).reply, times, fault));
}

/// The texts that the customer wrote at the vendor after the ticket's own, oldest first.
fn written(world: &World, vendor: &str, cloud_id: &str) -> Vec<String> {
    let messages = world.simulated(vendor).ticket(cloud_id).messages.into_iter();
    let written = messages.filter(|message| message.from == MessageAuthor::Customer && !message.first);
    written.map(|message| message.content).collect()
}

/// What stands beside the ticket's messages.
async fn pending(world: &World, id: &str) -> Value {
    let page = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(id)).await.expect(200);
    page.body["pending_replies"].clone()
}

#[track_caller]
fn expect_replayed(answer: Answer, status: u64) -> Answer {
    let answer = answer.expect(status);
    assert_eq!(answer.header("idempotency-replayed"), Some("true"), "{answer}");
    answer
}

#[track_caller]
fn expect_first(answer: Answer, status: u64) -> Answer {
    let answer = answer.expect(status);
    assert_eq!(answer.header("idempotency-replayed"), None, "{answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_arrives_as_it_was_written_and_is_shown() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let sent = expect_first(world.call(reply(&id, &format!("{vendor}-r1"), TEXT)).await, 201);

        assert_eq!(sent.header("location"), Some(format!("/tickets/{id}/messages").as_str()));
        assert_eq!(
            (sent.text("ticket_id"), sent.text("state"), sent.text("content")),
            (id.clone(), "sent".into(), TEXT.into())
        );
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
        assert_eq!(pending(&world, &id).await, Value::Null);

        let messages = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&id)).await.expect(200);
        let shown = messages.items().last().unwrap();
        assert_eq!((&shown["content"], &shown["type"]), (&json!(TEXT), &json!(0)));
        let named = if api(vendor).reply_names_message { shown["message_id"].clone() } else { Value::Null };
        assert_eq!(sent.body["message_id"], named);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_makes_one_vendor_call() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let before: u64 = world.vendor_calls().values().sum();
        world.call(reply(&id, &format!("{vendor}-r1"), TEXT)).await.expect(201);
        assert_eq!(world.vendor_calls().values().sum::<u64>() - before, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_required_and_its_repeat_gives_the_first_answer() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let (other, _) = world.create(vendor, account, "k2").await;
        let without = ApiEvent::of("POST /tickets/{id}/messages").id(&id).body(json!({"content": TEXT}));
        let answer = world.call(without).await.expect_problem(400, "idempotency_key_required");
        assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains("idempotent"));

        let key = format!("{vendor}-r1");
        let first = world.call(reply(&id, &key, TEXT)).await.expect(201);
        let calls = world.vendor_calls();
        let again = expect_replayed(world.call(reply(&id, &key, TEXT)).await, 201);
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("location"), first.header("location"));
        for changed in [reply(&id, &key, "另一句"), reply(&other, &key, TEXT)] {
            world.call(changed).await.expect_problem(422, "idempotency_key_reused");
        }
        assert_eq!(world.vendor_calls(), calls);
        // Another key is another message.
        world.call(reply(&id, &format!("{vendor}-r2"), TEXT)).await.expect(201);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT, TEXT]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_made_a_ticket_is_another_key_here() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = world.create("ALIBABA", &accounts.alibaba, "same").await;
    expect_first(world.call(reply(&id, "ALIBABA-same", TEXT)).await, 201);
    assert_eq!(written(&world, "ALIBABA", &cloud_id), [TEXT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_equal_requests_at_once_make_one_message() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        // The vendor takes its time, so that the others come while the first is under way.
        fault(&world, vendor, 1, Fault::Delay { ms: 300 });
        let key = format!("{vendor}-r1");
        let answers = join_all((0..20).map(|_| world.call(reply(&id, &key, TEXT)))).await;
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
        let originals = answers.iter().filter(|one| one.status == 201 && one.header("idempotency-replayed").is_none());
        assert_eq!(originals.count(), 1);
        let (sent, running): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        assert!(sent.iter().all(|answer| answer.body == sent[0].body));
        assert!(!running.is_empty(), "none came while the first was under way");
        for answer in running {
            assert_eq!((answer.status, answer.text("code")), (409, "idempotency_key_in_use".into()));
        }
        expect_replayed(world.call(reply(&id, &key, TEXT)).await, 201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_different_replies_at_once_all_arrive_once() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let calls =
            (0..12).map(|number| world.call(reply(&id, &format!("{vendor}-{number}"), &format!("第 {number} 句"))));
        for answer in join_all(calls).await {
            expect_first(answer, 201);
        }
        let mut written = written(&world, vendor, &cloud_id);
        written.sort();
        let mut expected: Vec<_> = (0..12).map(|number| format!("第 {number} 句")).collect();
        expected.sort();
        assert_eq!(written, expected);
    }
}
