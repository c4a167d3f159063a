//! A caller who adds a message to a ticket under a key, or opens a closed one again with it, and repeats the request
//! until there is a final answer.

use std::sync::Arc;

use super::{
    caller::pause_before_retry,
    uploader::{replace_one, upload_files},
    wait_ms,
};
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
    let files = upload_files(&world, &mut rng).await;
    // Some texts are equal, so that a message can't be identified by its text. The key is not written as a tag: a
    // vendor may remove tags, and texts that differ only in tags count as equal.
    let unique_text = rng.chance(850);
    let index = add_request(&world, |key| {
        let content =
            if unique_text { format!("[{key}] 还有进展吗 🙏 <br>") } else { "还有进展吗".to_owned() };
        ReplyRequest { key, ticket, content, unique_text, reopening: false, files, answers: Vec::new() }
    });
    send_all(&world, index, &mut rng).await;
}

/// Opens the closed `ticket` again, perhaps twice at once under the same key.
pub async fn reopen(world: &Arc<SimulatedWorld>, ticket: &str, rng: &mut Rng) {
    wait_ms(rng.below(2 * MINUTE_MS)).await;
    let ticket = ticket.to_owned();
    let index = add_request(world, |key| {
        let content = format!("[{key}] 问题又出现了 🙏");
        let (unique_text, reopening, files) = (true, true, Vec::new());
        ReplyRequest { key, ticket, content, unique_text, reopening, files, answers: Vec::new() }
    });
    send_all(world, index, rng).await;
}

async fn send_all(world: &Arc<SimulatedWorld>, index: usize, rng: &mut Rng) {
    let parallel = if rng.chance(200) { 2 } else { 1 };
    let mut runs = Vec::new();
    for _ in 0..parallel {
        runs.push(tokio::spawn(send(Arc::clone(world), index, rng.fork())));
    }
    for run in runs {
        // A panic of a caller is a defect of the simulation; its message is in the log.
        let _ = run.await;
    }
}

fn add_request(world: &SimulatedWorld, request: impl FnOnce(String) -> ReplyRequest) -> usize {
    let mut history = lock(&world.history);
    let index = history.replies.len();
    history.replies.push(request(format!("reply-{}", index + 1)));
    index
}

async fn send(world: Arc<SimulatedWorld>, index: usize, mut rng: Rng) {
    let attempts = rng.between(1, MOST_ATTEMPTS);
    for _ in 0..attempts {
        let reply = lock(&world.history).replies[index].clone();
        let files: Vec<_> = reply.files.iter().map(|file| file.id.clone()).collect();
        let request = match reply.reopening {
            true => functions::reopen(&reply.ticket, &reply.key, &reply.content),
            false => functions::reply(&reply.ticket, &reply.key, &reply.content, &files),
        };
        let ended = invoke(&world, &request).await;
        let answered = RecordedAnswer::of(&ended);
        lock(&world.history).replies[index].answers.push(answered);
        let code = ended.body()["code"].as_str().unwrap_or_default();
        match (ended.status(), code) {
            (0 | 202 | 429 | 500.., _) | (409, "idempotency_key_in_use" | "store_contention") => {
                replace_one(&world, &reply.files, &mut rng);
                wait_ms(pause_before_retry(&world, &mut rng)).await;
            }
            _ => return,
        }
    }
}
