//! Starts the sync each minute, sometimes twice at once, sometimes not; less often while nothing is written.

use std::sync::Arc;

use super::wait_ms;
use crate::{functions, invoke::invoke, plan::MINUTE_MS, process::lock, rng::Rng, world::SimulatedWorld};

/// Starts runs until the task is aborted.
pub async fn run(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.below(MINUTE_MS)).await;
    let mut writes = None;
    loop {
        let before = writes.replace(world.table.writes());
        let runs = match rng.below(10) {
            0 => 0,
            1 => 2,
            // Without a write most runs would find what the last one found.
            2..=6 if before == writes && !world.plan.one_failing_ticket => 0,
            _ => 1,
        };
        for _ in 0..runs {
            tokio::spawn(run_sync(Arc::clone(&world)));
        }
        wait_ms(MINUTE_MS).await;
    }
}

/// Runs the sync once.
pub async fn run_sync(world: Arc<SimulatedWorld>) {
    let started_ms = world.clock.elapsed_ms();
    invoke(&world, &functions::sync()).await;
    lock(&world.sync_runs).push((started_ms, world.clock.elapsed_ms()));
}
