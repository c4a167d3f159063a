//! After the faults: time passes, bounded, and what runs by itself runs on. Callers without a final answer ask again with the
//! same key, as they would.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    actors::{caller, delivery, wait_ms},
    functions,
    invoke::invoke,
    plan::MINUTE_MS,
    process::lock,
    world::World,
};

/// The most rounds of asking again, a minute apart.
const ROUNDS: u64 = 6;

/// Lets everything come to its end.
pub async fn settle(world: &Arc<World>) {
    world.stop_faults();
    // Whatever an invocation or a late call still does, and whatever a list does not show yet.
    wait_ms(world.plan.settle_time_ms + world.plan.list_lag_ms + 6 * MINUTE_MS).await;
    for _ in 0..ROUNDS {
        let letters = std::mem::take(&mut *lock(&world.dead_letters));
        for letter in letters {
            delivery::deliver(Arc::clone(world), letter).await;
        }
        let creates = unanswered(world);
        let closing = in_state(world, "closing");
        if creates.is_empty() && closing.is_empty() && lock(&world.dead_letters).is_empty() {
            return;
        }
        for index in creates {
            caller::ask(world, index).await;
        }
        for ticket in closing {
            invoke(world, &functions::close(&ticket)).await;
        }
        wait_ms(MINUTE_MS).await;
    }
}

/// Creates that have no final answer yet.
fn unanswered(world: &World) -> Vec<usize> {
    let history = lock(&world.history);
    let creates = history.creates.iter().enumerate().filter(|(_, create)| !create.is_answered());
    creates.map(|(index, _)| index).collect()
}

/// The tickets in that state.
fn in_state(world: &World, state: &str) -> Vec<String> {
    let items = world.table.dump();
    let tickets = items.into_values().filter(|item| is_ticket(item) && item["state"] == state);
    tickets.filter_map(|item| item["id"].as_str().map(str::to_owned)).collect()
}

/// Whether an item of the table is a ticket.
pub fn is_ticket(item: &Value) -> bool {
    item["SK"] == "TICKET" && item["PK"].as_str().is_some_and(|pk| pk.starts_with("TICKET#"))
}
