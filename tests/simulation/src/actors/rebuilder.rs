//! Rebuilds the statistics while tickets change.

use std::sync::Arc;

use super::wait_ms;
use crate::{functions, invoke::invoke, rng::Rng, world::SimulatedWorld};

/// Starts one rebuild at some time. Whatever it comes to, another one follows at the end of the schedule.
pub async fn run(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.below(world.plan.horizon_ms)).await;
    invoke(&world, &functions::rebuild_statistics()).await;
}
