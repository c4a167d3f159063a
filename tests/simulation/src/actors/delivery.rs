//! EventBridge's rule for refreshes: hands an event to its function, again when that failed, and keeps what it could not hand
//! over.

use std::sync::Arc;

use serde_json::Value;
use shared::events::{REFRESH_REQUESTED, SOURCE};

use super::wait_ms;
use crate::{functions, history::Ended, invoke::invoke, plan::MINUTE_MS, process::lock, world::World};

/// Lambda tries an event again after one minute and after two.
const WAITS_MS: [u64; 3] = [MINUTE_MS, 2 * MINUTE_MS, 0];

/// How long an event is on its way.
const DELIVERED_MS: u64 = 200;

/// Hands over what arrives on the bus, for ever.
pub async fn run(world: Arc<World>) {
    loop {
        for event in arrived(&world) {
            tokio::spawn(deliver(Arc::clone(&world), event));
        }
        world.arrived.notified().await;
        wait_ms(DELIVERED_MS).await;
    }
}

/// The requests for refreshes that came since the last look.
fn arrived(world: &World) -> Vec<Value> {
    let mut bus = lock(&world.bus);
    let new = bus.events[bus.delivered..].to_vec();
    bus.delivered = bus.events.len();
    new.into_iter()
        .filter(|event| event["detail-type"] == REFRESH_REQUESTED && event["source"] == SOURCE)
        .collect()
}

/// Hands one event over, or puts it with the dead letters.
pub async fn deliver(world: Arc<World>, event: Value) {
    for wait in WAITS_MS {
        let job = functions::run_refresh(event.clone());
        if matches!(invoke(&world, &job).await, Ended::Answered(_)) {
            return;
        }
        wait_ms(wait).await;
    }
    world.note("a request for a refresh becomes a dead letter");
    lock(&world.dead_letters).push(event);
}
