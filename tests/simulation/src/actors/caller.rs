//! A caller of the API: creates a ticket under a key, asks again with the same key while it has no final answer, sometimes
//! twice at once, and may close what it created.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{replier, wait_ms};
use crate::{
    functions,
    history::{Create, Ended},
    invoke::invoke,
    plan::MINUTE_MS,
    process::lock,
    rng::Rng,
    world::World,
};

/// The most requests of one caller for one thing.
const MOST_ATTEMPTS: u64 = 8;

/// Creates a ticket, and perhaps closes it.
pub async fn run(world: Arc<World>, mut rng: Rng) {
    wait_ms(rng.below(world.plan.horizon_ms)).await;
    let index = begin(&world, &mut rng);
    let twins = if rng.chance(250) { rng.between(2, 3) } else { 1 };
    let mut runs = Vec::new();
    for _ in 0..twins {
        runs.push(tokio::spawn(create(Arc::clone(&world), index, rng.fork())));
    }
    let mut ticket = None;
    for run in runs {
        ticket = run.await.ok().flatten().or(ticket);
    }
    let Some(ticket) = ticket else { return };
    let mut runs = Vec::new();
    for _ in 0..rng.below(3) {
        runs.push(tokio::spawn(replier::run(Arc::clone(&world), ticket.clone(), rng.fork())));
    }
    if rng.chance(600) {
        close_some_time(&world, &ticket, &mut rng).await;
    }
    for run in runs {
        // A caller that panicked is a defect of this machine; the runtime reports it.
        let _ = run.await;
    }
}

async fn close_some_time(world: &Arc<World>, ticket: &str, rng: &mut Rng) {
    let wait = rng.between(0, 3 * MINUTE_MS);
    wait_ms(if rng.chance(300) { 0 } else { wait }).await;
    let closers = if rng.chance(300) { 2 } else { 1 };
    let mut runs = Vec::new();
    for _ in 0..closers {
        runs.push(tokio::spawn(close(Arc::clone(world), ticket.to_owned(), rng.fork())));
    }
    for run in runs {
        // As above.
        let _ = run.await;
    }
}

fn begin(world: &World, rng: &mut Rng) -> usize {
    let account_index = usize::try_from(rng.below(4)).unwrap_or_default() % world.accounts.len();
    let account = &world.accounts[account_index];
    let mut history = lock(&world.history);
    let key = format!("key-{}", history.creates.len() + 1);
    let body = json!({
        "custom_id": account.id,
        "product_id": account.product_id,
        "product_business_id": account.problem_type_id,
        "name": format!("{key} 云服务器无法远程连接"),
        "description": format!("<{key}> 重启之后 SSH 一直超时 🙏"),
        "email": "private@example.com",
    });
    history.creates.push(Create { key, body, answers: Vec::new() });
    history.creates.len() - 1
}

/// The create at `index`, asked for once more.
pub async fn ask(world: &Arc<World>, index: usize) -> Ended {
    let Some((key, body)) =
        lock(&world.history).creates.get(index).map(|create| (create.key.clone(), create.body.clone()))
    else {
        return Ended::Crashed;
    };
    let ended = invoke(world, &functions::create(&key, &body)).await;
    lock(&world.history).answered(index, &ended);
    ended
}

/// Asks until there is a final answer or patience ends; the ticket, once it is open.
async fn create(world: Arc<World>, index: usize, mut rng: Rng) -> Option<String> {
    let patience = rng.between(1, MOST_ATTEMPTS);
    for _ in 0..patience {
        let ended = ask(&world, index).await;
        match ended.status() {
            201 => return ended.body()["id"].as_str().map(str::to_owned),
            // Refused: the request itself is wrong, or the vendor does not want it.
            400 | 403 | 404 | 422 => return None,
            _ => wait_ms(pause(&world, &mut rng)).await,
        }
    }
    None
}

/// Some ask again at once, some later, some much later, some just when the settle time is over.
pub(super) fn pause(world: &World, rng: &mut Rng) -> u64 {
    match rng.below(4) {
        0 => world.plan.settle_time_ms.saturating_sub(5_000) + rng.below(40_000),
        3 => rng.between(0, 2_000),
        1 => rng.between(1_000, 40_000),
        _ => rng.between(MINUTE_MS, 5 * MINUTE_MS),
    }
}

async fn close(world: Arc<World>, ticket: String, mut rng: Rng) {
    let patience = rng.between(1, MOST_ATTEMPTS);
    for _ in 0..patience {
        let ended = invoke(&world, &functions::close(&ticket)).await;
        match (ended.status(), ended.body()) {
            (0 | 202 | 500.., _) | (409 | 429, Value::Object(_)) => wait_ms(pause(&world, &mut rng)).await,
            _ => return,
        }
    }
}
