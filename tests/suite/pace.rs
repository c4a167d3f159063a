//! The pace of calls to vendors that take few a second, in virtual time.

mod closes;
mod refreshes;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, sleep_until};

use crate::support::{ApiEvent, Process, Simulated, VirtualWorld};

const MINUTE: Duration = Duration::from_mins(1);
/// The sync's timeout.
const SYNC_TIMEOUT: Duration = Duration::from_secs(55);

const BOTH: [(&str, &str); 2] = [("ALIBABA", "A"), ("HUAWEI", "H")];

impl VirtualWorld {
    fn simulated(&self, vendor: &str) -> &dyn Simulated {
        match vendor {
            "ALIBABA" => &*self.vendors.alibaba,
            _ => &*self.vendors.huawei,
        }
    }

    fn create_event(&self, vendor: &str, account: &str, key: &str) -> ApiEvent {
        let catalog = self.simulated(vendor).catalog();
        let mut choices =
            catalog.products().flat_map(|product| product.problem_types.iter().map(move |one| (product, one)));
        let (product, problem_type) = choices.find(|(_, one)| !one.fault).unwrap();
        let body = json!({
            "custom_id": account,
            "product_id": product.id,
            "product_business_id": problem_type.id,
            "name": format!("{vendor} {key}"),
            "description": format!("重启之后 SSH 一直超时 {key}"),
        });
        ApiEvent::of("POST /tickets").key(&format!("{vendor}-{key}")).body(body)
    }

    /// Creates a ticket with a conversation, and gives our id and the vendor's.
    async fn create(&self, process: &Process, vendor: &str, account: &str, key: &str, messages: usize) -> [String; 2] {
        let ticket = process.call(self.create_event(vendor, account, key)).await.expect(201);
        let [id, cloud_id] = [ticket.text("id"), ticket.text("cloud_id")];
        self.simulated(vendor).add_messages(&cloud_id, messages);
        [id, cloud_id]
    }

    async fn show(&self, id: &str) -> Value {
        self.process().call(ApiEvent::of("GET /tickets/{id}").id(id)).await.expect(200).body
    }

    /// Runs the sync each minute until every ticket is closed, and gives the time until then.
    async fn sync_until_closed(&self, ids: &[String], timeout: Duration) -> Duration {
        let sync = self.process();
        let begun = tokio::time::Instant::now();
        for minute in 1..=60 {
            sync.sync(timeout).await;
            let mut is_closed = true;
            for id in ids {
                is_closed &= self.show(id).await["state"] == "closed";
            }
            if is_closed {
                return begun.elapsed();
            }
            sleep_until(begun + minute * MINUTE).await;
        }
        panic!("{} tickets were not closed within an hour", ids.len());
    }

    /// Asserts that the ticket's archive is the vendor's conversation.
    async fn expect_archived(&self, vendor: &str, [id, cloud_id]: &[String; 2]) {
        let ticket = self.show(id).await;
        let messages = self.simulated(vendor).ticket(cloud_id).messages.len();
        assert_eq!((&ticket["state"], &ticket["message_count"]), (&json!("closed"), &json!(messages)), "{ticket}");
        let verify = ApiEvent::of("GET /tickets/{id}/verification").id(id);
        assert_eq!(self.process().call(verify).await.expect(200).body["verified"], true);
    }
}

#[tokio::test(start_paused = true)]
async fn creates_go_through_while_the_vendor_takes_one_call_a_second() {
    let world = VirtualWorld::start(true).await;
    world.refresh_unlimited().await;
    for (vendor, account) in BOTH {
        world.simulated(vendor).limit_calls(Some(1));
        // Three callers at once, each in a process of its own.
        let calls = ["k1", "k2", "k3"].map(async |key| {
            let event = world.create_event(vendor, account, key);
            (key, world.process().call(event).await.expect(201))
        });
        for (key, created) in futures_util::future::join_all(calls).await {
            // The answer belongs to the ticket.
            let at_vendor = world.simulated(vendor).ticket(&created.text("cloud_id"));
            assert!(at_vendor.description.contains(&format!("SSH 一直超时 {key}")), "{created}");
            assert!(at_vendor.description.ends_with(&created.text("id")));
        }
        assert_eq!(world.simulated(vendor).tickets().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn the_pace_is_kept_at_the_account_and_used_by_other_functions() {
    let world = VirtualWorld::start(true).await;
    world.refresh_unlimited().await;
    let shown = async || world.process().app.store.account(&"H".to_owned().try_into().unwrap()).await.unwrap().unwrap();
    assert_eq!(shown().await.calls_per_minute, None);
    world.simulated("HUAWEI").limit_calls(Some(1));
    let process = world.process();
    let [id, _] = world.create(&process, "HUAWEI", "H", "k1", 3).await;
    process.call(ApiEvent::close(&id)).await;
    let slowed = shown().await.calls_per_minute.unwrap();
    assert!(slowed <= 75, "{slowed}");
    // A process that starts now begins with that pace: it is not throttled once.
    sleep(Duration::from_secs(10)).await;
    let other = world.process();
    let throttled =
        |world: &VirtualWorld| world.simulated("HUAWEI").calls().iter().filter(|call| call.status == Some(429)).count();
    let before = throttled(&world);
    let session = other.app.store.account(&"H".to_owned().try_into().unwrap()).await.unwrap().unwrap();
    let deadline = tokio::time::Instant::now() + MINUTE;
    for _ in 0..5 {
        other.app.session(&session, deadline).list_regions().await.unwrap();
    }
    assert!(throttled(&world) - before <= 1, "throttled {} times", throttled(&world) - before);
}
