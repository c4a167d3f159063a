//! Starts the copies of files each minute while some are due, sometimes twice at once, sometimes not.

use std::sync::Arc;

use serde_json::Value;

use super::wait_ms;
use crate::{functions, invoke::invoke, plan::MINUTE_MS, rng::Rng, world::SimulatedWorld};

/// The most runs after the last fault: a file is tried for a day, with waits that grow to 160 minutes.
const MOST_RUNS: usize = 40;

/// Starts runs until the task is aborted.
pub async fn run(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.below(MINUTE_MS)).await;
    loop {
        if next_due_ms(&world).is_some_and(|due_ms| due_ms <= world.clock.now_ms()) {
            for _ in 0..*rng.pick(&[0, 1, 1, 1, 2]) {
                let world = Arc::clone(&world);
                tokio::spawn(async move { invoke(&world, &functions::copy_files()).await });
            }
        }
        wait_ms(MINUTE_MS).await;
    }
}

/// Starts a run whenever a file is due, until none is. Returns whether there was one.
pub async fn copy_rest(world: &Arc<SimulatedWorld>) -> bool {
    let mut ran = false;
    for _ in 0..MOST_RUNS {
        let Some(due_ms) = next_due_ms(world) else { return ran };
        ran = true;
        let left_ms = due_ms.saturating_sub(world.clock.now_ms());
        wait_ms(u64::try_from(left_ms).unwrap_or_default()).await;
        invoke(world, &functions::copy_files()).await;
        // Processes have clocks of their own.
        wait_ms(MINUTE_MS).await;
    }
    ran
}

/// When the next file is due, Unix milliseconds.
fn next_due_ms(world: &SimulatedWorld) -> Option<i64> {
    let vendors = ["DUE_ATTACHMENTS#ALIBABA", "DUE_ATTACHMENTS#HUAWEI"];
    let due = vendors.into_iter().flat_map(|vendor| world.table.of_index("GSI3", vendor));
    let due_ms = |item: Value| item["GSI3SK"].as_str()?.split('#').next()?.parse().ok();
    due.filter_map(due_ms).min()
}
