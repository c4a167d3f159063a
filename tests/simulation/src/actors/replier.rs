//! A caller who adds a message to a ticket under a key, and asks again with the same key while there is no final answer.

use std::sync::Arc;

use super::{caller::pause, wait_ms};
use crate::{
    functions,
    history::{Answered, Reply},
    invoke::invoke,
    plan::MINUTE_MS,
    process::lock,
    rng::Rng,
    world::World,
};

/// The most requests of one caller for one thing.
const MOST_ATTEMPTS: u64 = 6;

/// Sends one message to `ticket`, perhaps twice at once under the same key.
pub async fn run(world: Arc<World>, ticket: String, mut rng: Rng) {
    wait_ms(rng.below(2 * MINUTE_MS)).await;
    let index = begin(&world, &ticket, &mut rng);
    let twins = if rng.chance(200) { 2 } else { 1 };
    let mut runs = Vec::new();
    for _ in 0..twins {
        runs.push(tokio::spawn(send(Arc::clone(&world), index, rng.fork())));
    }
    for run in runs {
        // A caller that panicked is a defect of this machine; the runtime reports it.
        let _ = run.await;
    }
}

fn begin(world: &World, ticket: &str, rng: &mut Rng) -> usize {
    let mut history = lock(&world.history);
    let key = format!("reply-{}", history.replies.len() + 1);
    // Some texts come more than once: then nobody can tell by the text alone. The key is no tag: a vendor may leave tags out, so two
    // texts that differ in those alone count as one.
    let alone = rng.chance(850);
    let content =
        if alone { format!("[{key}] 还有进展吗 🙏 <br>") } else { "还有进展吗".to_owned() };
    history.replies.push(Reply { key, ticket: ticket.to_owned(), content, alone, answers: Vec::new() });
    history.replies.len() - 1
}

async fn send(world: Arc<World>, index: usize, mut rng: Rng) {
    let patience = rng.between(1, MOST_ATTEMPTS);
    for _ in 0..patience {
        let reply = lock(&world.history).replies[index].clone();
        let ended = invoke(&world, &functions::reply(&reply.ticket, &reply.key, &reply.content)).await;
        let answered =
            Answered { status: ended.status(), ticket: ended.body()["id"].as_str().map(str::to_owned) };
        lock(&world.history).replies[index].answers.push(answered);
        let code = ended.body()["code"].as_str().unwrap_or_default();
        match (ended.status(), code) {
            (0 | 202 | 429 | 500.., _) | (409, "idempotency_key_in_use" | "store_contention") => {
                wait_ms(pause(&world, &mut rng)).await;
            }
            _ => return,
        }
    }
}
