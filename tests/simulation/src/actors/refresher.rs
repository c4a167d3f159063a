//! Starts a catalog refresh, by HTTP or as the daily schedule.

use std::sync::Arc;

use super::{delivery, wait_ms};
use crate::{functions, invoke::invoke, rng::Rng, world::SimulatedWorld};

/// Starts one refresh at some time.
pub async fn run(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.below(world.plan.horizon_ms)).await;
    if rng.chance(500) {
        invoke(&world, &functions::refresh()).await;
    } else {
        let number = world.number();
        delivery::deliver(world, functions::scheduled_refresh(number)).await;
    }
}
