//! A reply that the vendor accepts without an id of its message (Huawei): `sent` for the caller, and looked for in the
//! conversation until it is shown.

use std::time::Duration;

use serde_json::{Value, json};
use shared::domain::{ReplyId, TicketId};
use simulators::{Fault, TextRewrite};

use super::{expect_first, expect_replayed, fault, pending, reply, written};
use crate::support::{World, api};

const VENDOR: &str = "HUAWEI";
/// Longer than the settle time and the lease of a call.
const SETTLED: Duration = Duration::from_mins(18);
/// A text that a vendor may mask.
const TEXT: &str = "请联系 13800000000";

async fn state(world: &World, id: &str, reply_id: &str) -> &'static str {
    let (id, reply_id) = (TicketId::parse(id).unwrap(), ReplyId::parse(reply_id).unwrap());
    world.stack.app.store.reply(&id, &reply_id).await.unwrap().unwrap().reply.state.as_str()
}

async fn due(world: &World) -> usize {
    let later_ms = world.now_ms() + 24 * 60 * 60 * 1000;
    world.stack.app.store.due_work(later_ms).await.unwrap().at_vendors.len()
}

/// An open ticket with an accepted reply: their ids.
async fn accepted(world: &World, account: &str) -> (String, String, String) {
    let (id, cloud_id) = world.create(VENDOR, account, "k1").await;
    let sent = expect_first(world.call(reply(&id, "r1", TEXT)).await, 201);
    assert_eq!((&sent.body["state"], &sent.body["message_id"]), (&json!("sent"), &Value::Null));
    (id, cloud_id, sent.text("id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_due_until_the_conversation_shows_it() {
    let (world, accounts) = World::ready().await;
    let (id, _, reply_id) = accepted(&world, &accounts.huawei).await;
    assert_eq!(due(&world).await, 1);
    world.sync().await;
    assert_eq!((due(&world).await, state(&world, &id, &reply_id).await), (0, "sent"));
    // Nothing but the copy reads the conversation any more.
    let reads = world.simulated(VENDOR).count(api(VENDOR).messages);
    world.clock.advance(SETTLED);
    world.sync().await;
    assert_eq!(world.simulated(VENDOR).count(api(VENDOR).messages), reads + 1);
    assert_eq!(state(&world, &id, &reply_id).await, "sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_shown_masked_is_left_to_a_person_after_the_settle_time() {
    let (world, accounts) = World::ready().await;
    fault(&world, VENDOR, 1, Fault::Rewrite(TextRewrite::Mask));
    let (id, cloud_id, reply_id) = accepted(&world, &accounts.huawei).await;
    world.sync().await;
    assert_eq!((due(&world).await, state(&world, &id, &reply_id).await), (1, "sent"));
    world.clock.advance(SETTLED);
    world.sync().await;
    let [shown] = serde_json::from_value::<[Value; 1]>(pending(&world, &id).await).unwrap();
    assert_eq!((&shown["state"], shown["candidates"].as_array().unwrap().len()), (&json!("indeterminate"), 1));
    assert_eq!(due(&world).await, 0);
    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events().into_iter().filter(|event| event["detail"]["reply"]["id"] == reply_id);
    let states: Vec<_> = events.map(|event| event["detail"]["reply"]["state"].as_str().unwrap().to_owned()).collect();
    assert_eq!(states, ["sent", "indeterminate"]);
    // The key keeps its first answer, and nothing is sent again.
    expect_replayed(world.call(reply(&id, "r1", TEXT)).await, 201);
    assert_eq!(written(&world, VENDOR, &cloud_id).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_never_shown_is_indeterminate_after_the_settle_time_and_not_absent() {
    let (world, accounts) = World::ready().await;
    fault(&world, VENDOR, 1, Fault::ListLag { ms: 10 * 24 * 60 * 60 * 1000 });
    let (id, cloud_id, reply_id) = accepted(&world, &accounts.huawei).await;
    world.sync().await;
    assert_eq!(state(&world, &id, &reply_id).await, "sent");
    world.clock.advance(SETTLED);
    world.sync().await;
    let pending = pending(&world, &id).await;
    assert_eq!((&pending[0]["state"], &pending[0]["candidates"]), (&json!("indeterminate"), &Value::Null));
    assert_eq!(written(&world, VENDOR, &cloud_id).len(), 1);
}
