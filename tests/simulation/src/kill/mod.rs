//! Kills a real process: starts `local serve --db FILE` again and again, sends requests over HTTP, and sends SIGKILL
//! at a random moment of each round. The simulators run in another process.

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

use self::{api::KillTestClient, drive::LoadDriver, processes::KillTestProcesses};
use crate::{
    invariants::{self, Invariant, Violation},
    rng::Rng,
};

/// The shortest and longest round, milliseconds.
const ROUND_MS: (u64, u64) = (100, 400);

/// The product's settle time in this test, milliseconds.
pub const SETTLE_TIME_MS: u64 = 2_000;

/// The longest time after the last kill until nothing is unfinished: some thousand tickets in sequence, on a busy
/// machine.
const QUIESCES_WITHIN: Duration = Duration::from_secs(900);

/// Runs `rounds` rounds and checks the invariants about tickets and archives.
pub fn run(rounds: u64, seed: u64) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let folder = std::env::temp_dir().join(format!("polydesk-kill-{}", std::process::id()));
    let done = runtime.expect("a runtime starts").block_on(rounds_in(&folder, rounds, seed));
    // After a failure the files are needed for the analysis.
    match done {
        Ok(true) => {
            let _ = std::fs::remove_dir_all(&folder);
            ExitCode::SUCCESS
        }
        Ok(false) => {
            println!("files: {}", folder.display());
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("error: {error} (files: {})", folder.display());
            ExitCode::from(2)
        }
    }
}

type KillResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

async fn rounds_in(folder: &Path, rounds: u64, seed: u64) -> KillResult<bool> {
    std::fs::create_dir_all(folder)?;
    let since = Instant::now();
    let mut rng = Rng::new(seed);
    println!("kill: {rounds} rounds, seed {seed}, in {}", folder.display());
    let mut processes = KillTestProcesses::start(folder)?;
    let mut stack = processes.serve()?;
    let api = Arc::new(KillTestClient::new(&processes)?);
    api.use_stack(&stack);
    let driver = Arc::new(LoadDriver::prepare(Arc::clone(&api), &stack.url).await?);
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
        api.use_stack(&stack);
    }
    let quiesced = timeout(QUIESCES_WITHIN, driver.quiesce(&stack.url)).await.is_ok();
    let facts = facts::gather(&api, &stack.url, &driver).await?;
    let mut violations = invariants::check(&facts);
    if !quiesced {
        violations.push(Violation::new(Invariant::NothingStuck, "tickets or creates are unfinished"));
    }
    violations.iter().for_each(|violation| println!("✗ {violation}"));
    stack.kill()?;
    let closed = facts.tickets.values().filter(|ticket| ticket["state"] == "closed").count();
    println!(
        "kills={rounds} creates={} answered_201={} disconnected={} tickets={} closed={closed} at_vendors={} \
         violated={} in {} s",
        facts.creates.len(),
        facts.creates.iter().filter(|create| create.answers.iter().any(|answer| answer.status == 201)).count(),
        driver.disconnected(),
        facts.tickets.len(),
        facts.at_vendors.len(),
        violations.len(),
        since.elapsed().as_secs(),
    );
    Ok(violations.is_empty())
}
