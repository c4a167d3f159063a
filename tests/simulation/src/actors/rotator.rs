//! Rotates an account's keys: to a second pair of the same customer, or by mistake to another customer's.

use std::sync::Arc;

use super::wait_ms;
use crate::{functions, invoke::invoke, rng::Rng, world::SimulatedWorld};

/// Rotates the keys of one account at some time, each time to one of the pairs.
pub async fn run(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.below(world.plan.horizon_ms)).await;
    let account = rng.pick(&world.accounts).clone();
    for _ in 0..rng.between(1, 3) {
        let pair = if rng.chance(500) { &account.second_keys } else { &account.strangers_keys };
        invoke(&world, &functions::rotate(account.id.as_str(), &pair.id, &pair.secret)).await;
        wait_ms(rng.below(30_000)).await;
    }
}
