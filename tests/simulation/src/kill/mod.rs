//! A real process, really killed: `local -- serve --db FILE` over and over, driven over HTTP, with the vendors' simulators in
//! another process, and SIGKILL at a random moment of each round.

mod api;
mod drive;
mod facts;
mod processes;

use std::{
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};

use self::{api::Api, drive::Driver, processes::Processes};
use crate::{invariants, rng::Rng};

/// A round lives so long before it is killed, milliseconds.
const ROUND_MS: (u64, u64) = (100, 400);

/// The product's settle time in this test, milliseconds.
pub const SETTLE_TIME_MS: u64 = 2_000;

/// How long everything may take to come to its end after the last kill: some thousand tickets one after the other, on a machine that has
/// other things to do.
const SETTLES_WITHIN: Duration = Duration::from_secs(900);

/// Runs `rounds` rounds and checks the promises I1 to I5.
pub fn run(rounds: u64, seed: u64) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let folder = std::env::temp_dir().join(format!("polydesk-kill-{}", std::process::id()));
    let done = runtime.expect("a runtime starts").block_on(rounds_in(&folder, rounds, seed));
    // What a failure leaves behind is worth a look.
    match done {
        Ok(true) => {
            let _ = std::fs::remove_dir_all(&folder);
            ExitCode::SUCCESS
        }
        Ok(false) => {
            println!("kept: {}", folder.display());
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("error: {error} (kept: {})", folder.display());
            ExitCode::from(2)
        }
    }
}

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

async fn rounds_in(folder: &Path, rounds: u64, seed: u64) -> Outcome<bool> {
    std::fs::create_dir_all(folder)?;
    let since = Instant::now();
    let mut rng = Rng::new(seed);
    println!("kill: {rounds} rounds, seed {seed}, in {}", folder.display());
    let mut processes = Processes::start(folder)?;
    let mut stack = processes.serve()?;
    let api = Arc::new(Api::new(&processes)?);
    let driver = Arc::new(Driver::prepare(Arc::clone(&api), &stack.url).await?);
    for _ in 0..rounds {
        let live_ms = rng.between(ROUND_MS.0, ROUND_MS.1);
        let workers: Vec<_> =
            (0..6).map(|_| tokio::spawn(Arc::clone(&driver).work(stack.url.clone(), rng.fork()))).collect();
        sleep(Duration::from_millis(live_ms)).await;
        stack.kill()?;
        for worker in workers {
            worker.abort();
            // Aborted ones end with an error by design.
            let _ = worker.await;
        }
        stack = processes.serve()?;
    }
    let settled = timeout(SETTLES_WITHIN, driver.settle(&stack.url)).await.is_ok();
    let facts = facts::gather(&api, &stack.url, &driver).await?;
    let mut broken = invariants::check(&facts);
    if !settled {
        broken.push(crate::broken::Broken::new("I3", "it does not come to an end"));
    }
    broken.iter().for_each(|broken| println!("✗ {broken}"));
    stack.kill()?;
    let closed = facts.tickets.values().filter(|ticket| ticket["state"] == "closed").count();
    println!(
        "kills={rounds} creates={} answered_201={} requests_cut={} tickets={} closed={closed} at_vendors={} broken={} in {} s",
        facts.creates.len(),
        facts
            .creates
            .iter()
            .filter(|create| create.answers.iter().any(|answer| answer.status == 201))
            .count(),
        driver.cut(),
        facts.tickets.len(),
        facts.at_vendors.len(),
        broken.len(),
        since.elapsed().as_secs(),
    );
    Ok(broken.is_empty())
}
