//! A caller who urges the vendor's support, rates it, or withdraws a message, under a key, and repeats the request
//! until there is a final answer, sometimes beyond.

use std::sync::Arc;

use super::{caller::pause_before_retry, wait_ms};
use crate::{
    functions,
    history::{ActionRequest, CallerAction},
    invoke::invoke,
    plan::MINUTE_MS,
    process::lock,
    rng::Rng,
    world::SimulatedWorld,
};

/// The most requests of a caller under one key.
const MOST_ATTEMPTS: u64 = 5;

/// How often a caller looks for a message to withdraw.
const MOST_LOOKS: u64 = 4;

/// Withdraws a message of the customer's that the ticket shows, once there is one.
pub async fn withdraw(world: Arc<SimulatedWorld>, ticket: String, mut rng: Rng) {
    for _ in 0..MOST_LOOKS {
        wait_ms(rng.below(2 * MINUTE_MS)).await;
        let shown = invoke(&world, &functions::messages(&ticket)).await;
        let customers = shown.body()["items"].as_array().into_iter().flatten().filter(|message| message["type"] == 0);
        // The first one is the ticket's own text, which the vendor does not withdraw.
        let first = usize::from(rng.chance(900));
        let ids: Vec<_> = customers.skip(first).filter_map(|message| message["message_id"].as_str()).collect();
        if !ids.is_empty() {
            let message = (*rng.pick(&ids)).to_owned();
            return run(world, ticket, CallerAction::Withdraw(message), rng).await;
        }
    }
}

/// Does it once, perhaps twice at once under the same key.
pub async fn run(world: Arc<SimulatedWorld>, ticket: String, action: CallerAction, mut rng: Rng) {
    wait_ms(rng.below(MINUTE_MS)).await;
    let index = {
        let mut history = lock(&world.history);
        let key = format!("action-{}", history.actions.len() + 1);
        history.actions.push(ActionRequest { key, ticket, action, answers: Vec::new() });
        history.actions.len() - 1
    };
    let parallel = if rng.chance(200) { 2 } else { 1 };
    let mut runs = Vec::new();
    for _ in 0..parallel {
        runs.push(tokio::spawn(send(Arc::clone(&world), index, rng.fork())));
    }
    for run in runs {
        // A panic of a caller is a defect of the simulation; its message is in the log.
        let _ = run.await;
    }
}

async fn send(world: Arc<SimulatedWorld>, index: usize, mut rng: Rng) {
    for _ in 0..rng.between(1, MOST_ATTEMPTS) {
        let ActionRequest { key, ticket, action, .. } = lock(&world.history).actions[index].clone();
        let request = match &action {
            CallerAction::Urge => functions::urge(&ticket, &key),
            CallerAction::Rate => functions::rate(&ticket, &key),
            CallerAction::Withdraw(message) => functions::withdraw(&ticket, message, &key),
        };
        let ended = invoke(&world, &request).await;
        lock(&world.history).actions[index].answers.push(ended.status());
        let code = ended.body()["code"].as_str().unwrap_or_default();
        match (ended.status(), code) {
            (0 | 429 | 500.., _) | (409, "idempotency_key_in_use" | "store_contention") => {}
            (409, "reply_pending" | "attachment_pending") => {}
            // The same key will find the outcome in the conversation.
            (202, _) if matches!(action, CallerAction::Withdraw(_)) => {}
            // Most callers do not ask again.
            (200 | 202, _) if rng.chance(300) => {}
            _ => return,
        }
        wait_ms(pause_before_retry(&world, &mut rng)).await;
    }
}
