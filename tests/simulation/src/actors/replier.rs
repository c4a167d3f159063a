//! A caller who adds a message to a ticket under a key, and repeats the request until there is a final answer.

use std::sync::Arc;

use super::{caller::pause_before_retry, wait_ms};
use crate::{
    functions,
    history::{RecordedAnswer, ReplyRequest},
    invoke::invoke,
    plan::MINUTE_MS,
    process::lock,
    rng::Rng,
    world::SimulatedWorld,
};

/// The most requests of a caller under one key.
const MOST_ATTEMPTS: u64 = 6;

/// Sends one message to `ticket`, perhaps twice at once under the same key.
pub async fn run(world: Arc<SimulatedWorld>, ticket: String, mut rng: Rng) {
    wait_ms(rng.below(2 * MINUTE_MS)).await;
    let index = add_request(&world, &ticket, &mut rng);
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

fn add_request(world: &SimulatedWorld, ticket: &str, rng: &mut Rng) -> usize {
    let mut history = lock(&world.history);
    let key = format!("reply-{}", history.replies.len() + 1);
    // Some texts are equal, so that a message can't be identified by its text. The key is not written as a tag: a
    // vendor may remove tags, and texts that differ only in tags count as equal.
    let unique_text = rng.chance(850);
    let content = if unique_text { format!("[{key}] 还有进展吗 🙏 <br>") } else { "还有进展吗".to_owned() };
    history.replies.push(ReplyRequest { key, ticket: ticket.to_owned(), content, unique_text, answers: Vec::new() });
    history.replies.len() - 1
}

async fn send(world: Arc<SimulatedWorld>, index: usize, mut rng: Rng) {
    let attempts = rng.between(1, MOST_ATTEMPTS);
    for _ in 0..attempts {
        let reply = lock(&world.history).replies[index].clone();
        let ended = invoke(&world, &functions::reply(&reply.ticket, &reply.key, &reply.content)).await;
        let answered = RecordedAnswer::of(&ended);
        lock(&world.history).replies[index].answers.push(answered);
        let code = ended.body()["code"].as_str().unwrap_or_default();
        match (ended.status(), code) {
            (0 | 202 | 429 | 500.., _) | (409, "idempotency_key_in_use" | "store_contention") => {
                wait_ms(pause_before_retry(&world, &mut rng)).await;
            }
            _ => return,
        }
    }
}
