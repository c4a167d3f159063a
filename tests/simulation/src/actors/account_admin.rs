//! Registers accounts, some for a customer that has one and some twice at once, and removes accounts.

use std::sync::Arc;

use serde_json::json;

use super::wait_ms;
use crate::{
    functions, history::Registration, initial_state::RegisteredAccount, invoke::invoke, process::lock, rng::Rng,
    world::SimulatedWorld,
};

/// The most requests for one registration or removal.
const MOST_ATTEMPTS: u64 = 4;

/// Registers accounts with the keys of one customer at some time, and perhaps removes one of them.
pub async fn run(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.below(world.plan.horizon_ms)).await;
    let of = rng.pick(&world.accounts).clone();
    let is_stranger = rng.chance(500);
    let mut runs = Vec::new();
    for _ in 0..rng.between(1, 2) {
        runs.push(tokio::spawn(register(Arc::clone(&world), of.clone(), is_stranger, rng.fork())));
    }
    let mut registered = None;
    for run in runs {
        registered = run.await.ok().flatten().or(registered);
    }
    if let Some(id) = registered.filter(|_| rng.chance(500)) {
        wait_ms(rng.below(60_000)).await;
        remove(&world, &id, &mut rng).await;
    }
}

/// The id of the new account.
async fn register(
    world: Arc<SimulatedWorld>,
    of: RegisteredAccount,
    is_stranger: bool,
    mut rng: Rng,
) -> Option<String> {
    let pair = if is_stranger { &of.strangers_keys } else { &of.second_keys };
    let allow_same_customer = rng.chance(250);
    let key = format!("account-{}", world.number());
    let region = if of.name == "alibaba" { "cn-hangzhou" } else { "cn-south-1" };
    let body = json!({
        "type": of.vendor, "region_id": region, "secret_id": pair.id, "secret_key_secret": pair.secret,
        "adopt_console_tickets": rng.chance(300), "allow_same_customer": allow_same_customer,
    });
    let customer = if is_stranger { of.stranger() } else { of.customer() };
    lock(&world.history).registrations.push(Registration { customer, allow_same_customer });
    let mut id = None;
    for _ in 0..MOST_ATTEMPTS {
        let ended = invoke(&world, &functions::register(&key, &body)).await;
        if ended.status() == 201 {
            id = ended.body()["id"].as_str().map(str::to_owned);
        }
        if matches!(ended.status(), 201 | 400 | 403 | 409 | 422) {
            break;
        }
        wait_ms(rng.below(30_000)).await;
    }
    id
}

async fn remove(world: &Arc<SimulatedWorld>, id: &str, rng: &mut Rng) {
    for _ in 0..MOST_ATTEMPTS {
        if matches!(invoke(world, &functions::remove(id)).await.status(), 204 | 404 | 409) {
            return;
        }
        wait_ms(rng.below(30_000)).await;
    }
}
