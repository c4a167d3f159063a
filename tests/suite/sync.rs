//! The sync: settles what is unknown, goes on with closes, follows the vendors, and leaves alone whom it must.

mod accounts;
mod closing;
mod denied;
mod ended;
mod races;
mod recheck;
mod status;
mod unknown;

use serde_json::Value;
use simulators::{Fault, FaultRule};

use crate::support::{Event, World, api};

/// No settle time: what the vendor does not show is not there.
const AT_ONCE: [(&str, &str); 1] = [("SETTLE_TIME_MS", "0")];

fn close(id: &str) -> Event {
    Event::of("POST /tickets/{id}/close").id(id)
}

fn show(id: &str) -> Event {
    Event::of("GET /tickets/{id}").id(id)
}

/// Asks for a ticket of which the answer is lost, and gives our id.
async fn unknown(world: &World, vendor: &str, account: &str, key: &str, cut: Fault) -> String {
    world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, cut));
    let answer = world.call(create(world, vendor, account, key)).await.expect(202);
    assert_eq!(answer.body["state"], "unknown");
    answer.text("id")
}

fn create(world: &World, vendor: &str, account: &str, key: &str) -> Event {
    Event::of("POST /tickets").key(&format!("{vendor}-{key}")).body(world.ticket_body(vendor, account))
}

/// Asks for a close that the vendor's trouble leaves half done, with what is there kept.
async fn half_closed(world: &World, vendor: &str, id: &str) {
    world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 3, Fault::CutBefore));
    let accepted = world.call(close(id)).await.expect(202);
    assert_eq!(accepted.body["state"], "closing");
    world.simulated(vendor).no_faults();
}

/// The texts of the ticket's messages at the vendor.
fn at_vendor(world: &World, vendor: &str, cloud_id: &str) -> Vec<String> {
    world.simulated(vendor).ticket(cloud_id).messages.into_iter().map(|message| message.content).collect()
}

/// Asserts that the ticket is closed, with the whole conversation and a digest that holds.
async fn expect_archived(world: &World, vendor: &str, id: &str, cloud_id: &str) -> Value {
    let ticket = world.ticket(id).await;
    let expected = at_vendor(world, vendor, cloud_id);
    assert_eq!((&ticket["state"], &ticket["status"]), (&"closed".into(), &0.into()), "{ticket}");
    assert_eq!(ticket["message_count"], expected.len());
    assert_eq!(ticket["vendor_phase"], "ended");
    assert_eq!(world.conversation(id).await, expected);
    let verify = Event::of("GET /tickets/{id}/messages").id(id).query("verify=true");
    assert_eq!(world.call(verify).await.expect(200).body["verified"], true);
    ticket
}

/// Asserts that nothing of the account's tickets counts as open any more.
async fn expect_removable(world: &World, account: &str) {
    world.call(Event::of("DELETE /accounts/{id}").id(account)).await.expect(204);
}

async fn account(world: &World, id: &str) -> Value {
    world.call(Event::of("GET /accounts/{id}").id(id)).await.expect(200).body
}
