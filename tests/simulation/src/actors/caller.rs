//! A caller of the API: creates a ticket under a key, repeats the request until there is a final answer, sometimes
//! several times at once, and may close the ticket.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    action_caller, replier,
    uploader::{replace_one, upload_files},
    wait_ms,
};
use crate::{
    functions,
    history::{CallerAction, CreateRequest, InvocationEnd, UploadedFile},
    invoke::invoke,
    plan::MINUTE_MS,
    process::lock,
    rng::Rng,
    world::SimulatedWorld,
};

/// The most requests of a caller under one key.
const MOST_ATTEMPTS: u64 = 8;

/// How often a caller opens a ticket again.
const MOST_REOPENINGS: u64 = 3;

/// Creates a ticket, and perhaps closes it, opens it again and so on.
pub async fn run(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.below(world.plan.horizon_ms)).await;
    let files = upload_files(&world, &mut rng).await;
    let index = add_request(&world, &mut rng, files);
    let parallel = if rng.chance(250) { rng.between(2, 3) } else { 1 };
    let mut runs = Vec::new();
    for _ in 0..parallel {
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
    let act = |action, rng: &mut Rng| action_caller::run(Arc::clone(&world), ticket.clone(), action, rng.fork());
    if rng.chance(200) {
        runs.push(tokio::spawn(act(CallerAction::Urge, &mut rng)));
    }
    if rng.chance(400) {
        runs.push(tokio::spawn(action_caller::withdraw(Arc::clone(&world), ticket.clone(), rng.fork())));
    }
    if rng.chance(600) {
        close_later(&world, &ticket, &mut rng).await;
        for _ in 0..MOST_REOPENINGS {
            if !rng.chance(400) {
                break;
            }
            replier::reopen(&world, &ticket, &mut rng).await;
            close_later(&world, &ticket, &mut rng).await;
        }
        if rng.chance(300) {
            act(CallerAction::Rate, &mut rng).await;
        }
    }
    for run in runs {
        // A panic of a caller is a defect of the simulation; its message is in the log.
        let _ = run.await;
    }
}

async fn close_later(world: &Arc<SimulatedWorld>, ticket: &str, rng: &mut Rng) {
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

fn add_request(world: &SimulatedWorld, rng: &mut Rng, files: Vec<UploadedFile>) -> usize {
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
        "attachments": files.iter().map(|file| &file.id).collect::<Vec<_>>(),
    });
    history.creates.push(CreateRequest { key, body, files, answers: Vec::new() });
    history.creates.len() - 1
}

/// Sends the create at `index` once.
pub async fn request_create(world: &Arc<SimulatedWorld>, index: usize) -> InvocationEnd {
    let Some(CreateRequest { key, body, answers, .. }) = lock(&world.history).creates.get(index).cloned() else {
        return InvocationEnd::Crashed;
    };
    let in_this_form = if answers.len() % 2 == 0 { functions::create } else { functions::create_in_another_form };
    let ended = invoke(world, &in_this_form(&key, &body)).await;
    lock(&world.history).answered(index, &ended);
    ended
}

/// Sends a create until there is a final answer or no attempt is left; returns the id of the open ticket.
async fn create(world: Arc<SimulatedWorld>, index: usize, mut rng: Rng) -> Option<String> {
    let attempts = rng.between(1, MOST_ATTEMPTS);
    for _ in 0..attempts {
        let ended = request_create(&world, index).await;
        match ended.status() {
            201 => return ended.body()["id"].as_str().map(str::to_owned),
            // Refused by the product or by the vendor.
            400 | 403 | 404 | 422 => return None,
            _ => {
                let files = lock(&world.history).creates[index].files.clone();
                replace_one(&world, &files, &mut rng);
                wait_ms(pause_before_retry(&world, &mut rng)).await;
            }
        }
    }
    None
}

/// The pause before a retry: short, long, very long, or about the settle time.
pub(super) fn pause_before_retry(world: &SimulatedWorld, rng: &mut Rng) -> u64 {
    match rng.below(4) {
        0 => world.plan.settle_time_ms.saturating_sub(5_000) + rng.below(40_000),
        3 => rng.between(0, 2_000),
        1 => rng.between(1_000, 40_000),
        _ => rng.between(MINUTE_MS, 5 * MINUTE_MS),
    }
}

async fn close(world: Arc<SimulatedWorld>, ticket: String, mut rng: Rng) {
    let attempts = rng.between(1, MOST_ATTEMPTS);
    for _ in 0..attempts {
        let ended = invoke(&world, &functions::close(&ticket)).await;
        match (ended.status(), ended.body()) {
            (0 | 202 | 500.., _) | (409 | 429, Value::Object(_)) => wait_ms(pause_before_retry(&world, &mut rng)).await,
            _ => return,
        }
    }
}
