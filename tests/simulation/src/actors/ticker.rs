//! The schedule: a sync run each minute, sometimes two at once, sometimes none; fewer while nothing is written.

use std::sync::Arc;

use super::wait_ms;
use crate::{functions, invoke::invoke, plan::MINUTE_MS, rng::Rng, world::World};

/// Ticks for ever.
pub async fn run(world: Arc<World>, mut rng: Rng) {
    wait_ms(rng.below(MINUTE_MS)).await;
    let mut writes = None;
    loop {
        let before = writes.replace(world.table.writes());
        let runs = match rng.below(10) {
            0 => 0,
            1 => 2,
            // Most runs find what the last one found.
            2..=6 if before == writes => 0,
            _ => 1,
        };
        for _ in 0..runs {
            tokio::spawn(tick(Arc::clone(&world)));
        }
        wait_ms(MINUTE_MS).await;
    }
}

/// One run.
pub async fn tick(world: Arc<World>) {
    invoke(&world, &functions::sync()).await;
}
