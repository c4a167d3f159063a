//! What ends in the queue, and how it comes out of there again.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use aws_sdk_dynamodb::types::AttributeValue;
use local::events::PutEventsFailure;
use publish_events::{DeadLetterQueue, handle_event};
use serde_json::{Value, json};
use shared::{
    app::{App, Dependencies},
    clock::Clock,
    config::Config,
    error::Result,
    invocation::Invocation,
    telemetry::Discard,
};

use super::{published, published_by_ticket};
use crate::support::World;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// A clock that goes on by `step_ms` each time it is read.
struct Stepping {
    now_ms: AtomicI64,
    step_ms: i64,
}

impl Clock for Stepping {
    fn now_ms(&self) -> i64 {
        self.now_ms.fetch_add(self.step_ms, Ordering::SeqCst)
    }
}

/// The function with a clock of its own, over the stack's bus and queue.
struct Function {
    app: App,
    dead_letters: DeadLetterQueue,
}

impl Function {
    fn at(world: &World, now_ms: i64) -> Self {
        Self::with_clock(world, Stepping { now_ms: now_ms.into(), step_ms: 0 })
    }

    fn with_clock(world: &World, clock: Stepping) -> Self {
        let environment = &world.stack.environment;
        let config = Config::from_lookup(|name| environment.get(name).cloned()).unwrap();
        let dead_letters =
            DeadLetterQueue::new(&config, shared::https::aws_client(Arc::new(shared::clock::SystemClock))).unwrap();
        let io = Dependencies { clock: Arc::new(clock), metrics: Arc::new(Discard), ..Dependencies::system() };
        let app = App::new(config, io);
        Self { app, dead_letters }
    }

    async fn handle(&self, event: &Value) -> Value {
        self.try_handle(event).await.unwrap()
    }

    async fn try_handle(&self, event: &Value) -> Result<Value> {
        let invocation = Invocation::new(0, "r1", self.app.clock.as_ref());
        handle_event(&self.app, &self.dead_letters, event, &invocation).await
    }
}

/// The whole life of a ticket, and when its last change was made.
fn life() -> (Value, i64) {
    let event: Value = serde_json::from_str(include_str!("../../events/publish-events.json")).unwrap();
    let last = event["Records"].as_array().unwrap().last().unwrap();
    let seconds = last["dynamodb"]["ApproximateCreationDateTime"].as_i64().unwrap();
    (event, seconds * 1000)
}

fn sequence(event: &Value, index: usize) -> &str {
    event["Records"][index]["dynamodb"]["SequenceNumber"].as_str().unwrap()
}

const TICKET: &str = "01JD2Y5T9V7Z3M6Q8R4S0X1W2K";
const LIFE: [&str; 4] = ["TicketCreated open", "TicketUpdated closing", "TicketReplied", "TicketClosed closed"];

fn dead_letters(world: &World) -> Vec<Value> {
    let messages = world.stack.dead_letters.messages();
    messages.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_record_becomes_a_dead_letter_and_the_rest_is_published() {
    let (world, accounts) = World::ready().await;
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let odd = [
        ("PK", "TICKET#ODD"),
        ("SK", "TICKET"),
        ("entity", "ticket"),
        ("id", "ODD"),
        ("state", "upside-down"),
        ("name", "canary"),
        ("email", "canary@example.com"),
    ];
    let put = world.stack.app.store.client().put_item().table_name("polydesk");
    let item = odd.into_iter().map(|(name, value)| (name.to_owned(), text(value))).collect();
    put.set_item(Some(item)).send().await.unwrap();
    let (id, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    world.stack.stream.wait_until_idle().await;

    let [dead_letter] = dead_letters(&world).try_into().unwrap();
    assert_eq!(dead_letter["kind"], "record");
    assert_eq!(dead_letter["record"]["dynamodb"]["NewImage"]["state"]["S"], "upside-down");
    assert!(!dead_letter.to_string().contains("canary"), "{dead_letter}");
    assert_eq!(published_by_ticket(&world)[&id], ["TicketCreated open"]);

    // It can't be published, so it stays in the queue.
    world.stack.redrive().await.unwrap();
    assert_eq!(dead_letters(&world), [dead_letter]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_too_large_becomes_a_dead_letter_and_the_rest_is_published() {
    let world = World::start().await;
    let (mut life, last_ms) = life();
    life["Records"][3]["dynamodb"]["NewImage"]["message_id"]["S"] = json!("m".repeat(70_000));
    let function = Function::at(&world, last_ms);
    assert_eq!(function.handle(&life).await, json!({"batchItemFailures": []}));
    assert_eq!(published_by_ticket(&world)[TICKET], [LIFE[0], LIFE[1], LIFE[3]]);
    let [dead_letter] = dead_letters(&world).try_into().unwrap();
    assert_eq!(dead_letter["record"]["eventID"], life["Records"][3]["eventID"]);
    assert!(dead_letter.to_string().len() < 2_000, "{dead_letter}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_batch_ends_in_time_and_reports_what_was_published() {
    let world = World::start().await;
    let (life, last_ms) = life();
    // GIVEN a bus that takes 19 seconds for each event, WHEN the second is done, THEN the batch ends before the third
    let function = Function::with_clock(&world, Stepping { now_ms: last_ms.into(), step_ms: 19_000 });
    let third = json!({"batchItemFailures": [{"itemIdentifier": sequence(&life, 3)}]});
    assert_eq!(function.handle(&life).await, third);
    assert_eq!(published_by_ticket(&world)[TICKET], LIFE[..2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_waits_for_the_bus_until_its_record_is_20_hours_old() {
    let world = World::start().await;
    let (life, last_ms) = life();
    let first_failed = json!({"batchItemFailures": [{"itemIdentifier": sequence(&life, 1)}]});
    for failure in [PutEventsFailure::Call, PutEventsFailure::Entries] {
        // GIVEN a bus that is down, WHEN no record is 20 hours old, THEN the batch fails from the first event on
        world.stack.events.fail(Some(failure));
        let young = Function::at(&world, last_ms + 19 * HOUR_MS);
        assert_eq!(young.handle(&life).await, first_failed);
        assert_eq!(dead_letters(&world), [] as [Value; 0]);
    }
    // WHEN they are older, and the queue is down too, THEN still
    let old = Function::at(&world, last_ms + 20 * HOUR_MS);
    world.stack.dead_letters.fail(true);
    assert_eq!(old.handle(&life).await, first_failed);
    // WHEN the queue takes them, THEN they are dead letters, without content
    world.stack.dead_letters.fail(false);
    assert_eq!(old.handle(&life).await, json!({"batchItemFailures": []}));
    let stored = dead_letters(&world);
    assert_eq!(stored.len(), LIFE.len());
    for secret in ["云服务器", "SSH", "ops@example.com", "正在排查", "9527"] {
        assert!(!json!(stored).to_string().contains(secret), "{secret}");
    }
    assert_eq!(published(&world), []);

    // A redrive while the bus is down changes nothing, and one afterwards publishes all.
    world.stack.redrive().await.unwrap();
    assert_eq!(dead_letters(&world), stored);
    world.stack.events.fail(None);
    world.stack.redrive().await.unwrap();
    assert_eq!(dead_letters(&world), [] as [Value; 0]);
    assert_eq!(published_by_ticket(&world)[TICKET], LIFE);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_of_a_ticket_are_published_in_order_or_not_at_all() {
    let world = World::start().await;
    let (life, last_ms) = life();
    world.stack.events.fail(Some(PutEventsFailure::Call));
    let function = Function::at(&world, last_ms + 21 * HOUR_MS);
    function.handle(&life).await;
    let stored = world.stack.dead_letters.messages();
    // GIVEN the dead letters in any order, as a queue gives them out
    let record = |id: usize| json!({"eventSource": "aws:sqs", "messageId": format!("m{id}"), "body": stored[id].body});
    let event = json!({"Records": [record(3), record(1), record(0), record(2)]});
    // WHEN the bus refuses one in the middle, THEN those after it stay with it
    world.stack.events.fail(Some(PutEventsFailure::EntriesWith("closing".into())));
    let left = json!({"batchItemFailures": [
        {"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}, {"itemIdentifier": "m3"},
    ]});
    assert_eq!(function.handle(&event).await, left);
    assert_eq!(published_by_ticket(&world)[TICKET], LIFE[..1]);
    world.stack.events.fail(None);
    let event = json!({"Records": [record(3), record(1), record(2)]});
    assert_eq!(function.handle(&event).await, json!({"batchItemFailures": []}));
    assert_eq!(published_by_ticket(&world)[TICKET], LIFE);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_in_another_shape_is_an_error() {
    let world = World::start().await;
    let function = Function::at(&world, 0);
    for event in [json!({}), json!({"Records": 1}), json!([])] {
        assert!(function.try_handle(&event).await.is_err(), "{event}");
    }
    assert_eq!(function.handle(&json!({"Records": []})).await, json!({"batchItemFailures": []}));
    // A record that can neither be named nor sent to the queue fails the batch, so that it is delivered again.
    world.stack.dead_letters.fail(true);
    let nameless = json!({"Records": [{}]});
    assert!(function.try_handle(&nameless).await.is_err());
}
