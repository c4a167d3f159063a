//! The sync: reconciles what is unknown, continues closes, follows the vendors, and leaves refused keys alone.

mod accounts;
mod closing;
mod deleted;
mod denied;
mod due_times;
mod ended;
mod races;
mod recheck;
mod reopened;
mod status;
mod unknown;

use serde_json::Value;
use simulators::{Fault, FaultRule};

use crate::support::{ApiEvent, World, api};

fn show(id: &str) -> ApiEvent {
    ApiEvent::of("GET /tickets/{id}").id(id)
}

/// Asks for a ticket of which the answer is lost, and gives our id.
async fn unknown(world: &World, vendor: &str, account: &str, key: &str, cut: Fault) -> String {
    world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, cut));
    let answer = world.call(world.create_event(vendor, account, key)).await.expect(202);
    assert_eq!(answer.body["state"], "unknown");
    answer.text("id")
}

/// Asks for a close that fails at the vendor after the first read, so that it stays half done.
async fn half_closed(world: &World, vendor: &str, id: &str) {
    world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 3, Fault::CutBefore));
    let accepted = world.call(ApiEvent::close(id)).await.expect(202);
    assert_eq!(accepted.body["state"], "closing");
    world.simulated(vendor).no_faults();
}

/// Asserts that the ticket is closed, with the whole conversation and a digest that holds.
async fn expect_archived(world: &World, vendor: &str, id: &str, cloud_id: &str) -> Value {
    let ticket = world.ticket(id).await;
    let expected = world.vendor_conversation(vendor, cloud_id);
    assert_eq!((&ticket["state"], &ticket["status"]), (&"closed".into(), &0.into()), "{ticket}");
    assert_eq!(ticket["message_count"], expected.len());
    assert_eq!(ticket["vendor_phase"], "ended");
    assert_eq!(world.conversation(id).await, expected);
    let verify = ApiEvent::of("GET /tickets/{id}/verification").id(id);
    assert_eq!(world.call(verify).await.expect(200).body["verified"], true);
    ticket
}

/// Asserts that nothing of the account's tickets counts as open any more.
async fn expect_removable(world: &World, account: &str) {
    world.remove(account).await;
}

async fn account(world: &World, id: &str) -> Value {
    world.call(ApiEvent::of("GET /accounts/{id}").id(id)).await.expect(200).body
}
