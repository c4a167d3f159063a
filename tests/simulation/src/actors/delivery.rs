//! EventBridge's rule for refreshes: delivers an event to its function, with retries, and records failed deliveries.

use std::sync::Arc;

use serde_json::Value;
use shared::events::{REFRESH_REQUESTED, SOURCE};

use super::wait_ms;
use crate::{functions, history::InvocationEnd, invoke::invoke, plan::MINUTE_MS, process::lock, world::SimulatedWorld};

/// Lambda retries an event after one minute and after two.
const WAITS_MS: [u64; 3] = [MINUTE_MS, 2 * MINUTE_MS, 0];

/// The time from the bus to the function.
const DELIVERY_MS: u64 = 200;

/// Delivers events until the task is aborted.
pub async fn run(world: Arc<SimulatedWorld>) {
    loop {
        for event in new_events(&world) {
            tokio::spawn(deliver(Arc::clone(&world), event));
        }
        world.new_events.notified().await;
        wait_ms(DELIVERY_MS).await;
    }
}

/// The requests for refreshes since the last call.
fn new_events(world: &SimulatedWorld) -> Vec<Value> {
    let mut bus = lock(&world.bus);
    let new = bus.events[bus.delivered..].to_vec();
    bus.delivered = bus.events.len();
    new.into_iter().filter(|event| event["detail-type"] == REFRESH_REQUESTED && event["source"] == SOURCE).collect()
}

/// Delivers one event, or records that its delivery failed.
pub async fn deliver(world: Arc<SimulatedWorld>, event: Value) {
    for wait in WAITS_MS {
        let request = functions::run_refresh(event.clone());
        if matches!(invoke(&world, &request).await, InvocationEnd::Answered(_)) {
            return;
        }
        wait_ms(wait).await;
    }
    world.trace_line("the delivery of a refresh request failed");
    lock(&world.failed_deliveries).push(event);
}
