//! Deterministic simulation: runs the functions' real handlers against simulated vendors and an embedded DynamoDB, in
//! virtual time. A seeded schedule decides which fault is injected into which call. At the end of each schedule the
//! invariants are checked.
//!
//! `cargo run --profile simulation -p simulation -- --schedules 1000`; `-- --seed S` repeats one schedule exactly.

#![expect(clippy::expect_used, reason = "a simulation that can't be set up must stop")]

mod actors;
mod clock;
mod coverage;
mod files;
mod functions;
mod history;
mod initial_state;
mod invariants;
mod invoke;
mod io;
mod kill;
mod logs;
mod options;
mod plan;
mod process;
mod quiesce;
mod retry_budget;
mod rng;
mod runner;
mod schedule;
mod seeded_bugs;
mod world;

use std::{process::ExitCode, time::Instant};

use initial_state::InitialState;
use options::{SimulationCommand, SimulationOptions, USAGE};
use runner::RunSummary;
use schedule::ScheduleTask;
use shared::seeded_bugs::SeededBug;

/// From this number of schedules on, every I/O point must have had a crash before and after its effect.
const COVERAGE_REQUIRED_FROM: u64 = 5_000;

/// A long run prints its progress after this number of schedules.
const PROGRESS_EVERY: usize = 1_000;

/// A third of a schedule's time is spent on small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let options = match SimulationOptions::read(lexopt::Parser::from_env()) {
        Ok(options) => options,
        Err(error) => return usage_error(&error.to_string()),
    };
    let bug = match options.seeded_bug.as_deref().map(seeded_bugs::find).transpose() {
        Ok(bug) => bug,
        Err(error) => return usage_error(&error),
    };
    let initial = || {
        logs::start();
        InitialState::build()
    };
    match &options.command {
        SimulationCommand::Help => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        SimulationCommand::Kill { rounds, seed } => kill::run(*rounds, seed.unwrap_or_else(fresh_seed)),
        SimulationCommand::Seed(seed) => run_one(*seed, bug, &options, &initial()),
        SimulationCommand::Schedules { fresh, fixed } => run_many(*fresh, *fixed, bug, &options, &initial()),
        SimulationCommand::SeededBugs { names, schedules } => match seeded_bugs::select(names) {
            Ok(bugs) => seeded_bugs::run(&bugs, *schedules, options.threads, &initial()),
            Err(error) => usage_error(&error),
        },
    }
}

fn usage_error(error: &str) -> ExitCode {
    eprintln!("error: {error}\n\n{USAGE}");
    ExitCode::from(2)
}

fn run_one(seed: u64, bug: Option<SeededBug>, options: &SimulationOptions, initial: &InitialState) -> ExitCode {
    let report = schedule::run(&ScheduleTask { seed, crash: options.crash.clone(), bug }, initial);
    report.trace.iter().for_each(|line| println!("{line}"));
    if options.logs {
        println!("{}", report.logs);
    }
    for violation in &report.violations {
        println!("✗ {violation}");
    }
    if report.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_many(
    fresh: u64,
    fixed: u64,
    bug: Option<SeededBug>,
    options: &SimulationOptions,
    initial: &InitialState,
) -> ExitCode {
    let since = Instant::now();
    let seeds = (1..=fixed).chain((0..fresh).map(|_| fresh_seed()));
    let tasks: Vec<_> = seeds.map(|seed| ScheduleTask { seed, crash: None, bug }).collect();
    let mut summary = RunSummary::default();
    for part in tasks.chunks(PROGRESS_EVERY) {
        if summary.schedules > 0 {
            println!("so far: {}", summary.line(since));
        }
        runner::run(part, options, initial, &mut summary);
        if options.until_violated && summary.failures > 0 {
            break;
        }
    }
    if !(options.until_violated && summary.failures > 0) {
        crash_missing_points(bug, options, initial, &mut summary);
    }
    let missing = summary.points.missing();
    let uncovered = summary.schedules >= COVERAGE_REQUIRED_FROM && !missing.is_empty();
    for (point, timing, seed) in missing.iter().filter(|_| uncovered) {
        println!("no crash {}: {point} (in the schedule of seed {seed})", timing.name());
    }
    for (invariant, times) in &summary.violations {
        println!("{invariant} violated {times} times: {}", invariant.sentence());
    }
    if let Some((number, invariant)) = summary.first {
        println!("first violation: {invariant} by schedule number {number}");
    }
    println!("{}", summary.line(since));
    if summary.failures == 0 && !uncovered { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Crashes at the points where no random crash happened: a schedule that has the point is repeated, and the process
/// crashes at the first call of the point.
fn crash_missing_points(
    bug: Option<SeededBug>,
    options: &SimulationOptions,
    initial: &InitialState,
    summary: &mut RunSummary,
) {
    let task = |(point, timing, seed)| ScheduleTask { seed, crash: Some((point, timing)), bug };
    let tasks: Vec<_> = summary.points.missing().into_iter().map(task).collect();
    println!("{} crashes are added", tasks.len());
    runner::run(&tasks, options, initial, summary);
}

fn fresh_seed() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the machine has randomness");
    // Short enough to be typed.
    u64::from_le_bytes(bytes) >> 16
}
