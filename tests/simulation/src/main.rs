//! The fault machine: runs the functions' real handlers against simulated vendors and an embedded DynamoDB, in virtual time,
//! with a seeded schedule that decides what becomes of every call, and checks the promises that must hold whatever happens.
//!
//! `cargo run --release -p faults -- --schedules 1000`; `-- --seed S` runs one schedule again, step by step the same.

#![expect(clippy::expect_used, reason = "a machine that can't be set up must stop")]

mod actors;
mod base;
mod broken;
mod budget;
mod clock;
mod coverage;
mod functions;
mod history;
mod invariants;
mod invoke;
mod io;
mod kill;
mod logs;
mod options;
mod plan;
mod process;
mod rng;
mod runner;
mod schedule;
mod settle;
mod world;

use std::{process::ExitCode, time::Instant};

use base::Base;
use options::{Options, USAGE};
use runner::{Figures, Task};

/// From so many schedules on every point must have been struck on both sides.
const COVERED_FROM: u64 = 5_000;

/// A long run tells how far it is after so many schedules.
const TOLD_EVERY: usize = 10_000;

/// A third of a schedule's time is spent on small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let options = match Options::read(&arguments) {
        Ok(options) => options,
        Err(problem) => {
            eprint!("error: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if let Some(rounds) = options.kills {
        return kill::run(rounds, options.seed.unwrap_or_else(fresh_seed));
    }
    logs::start();
    let base = Base::make();
    match options.seed {
        Some(seed) => one(seed, &options, &base),
        None => many(&options, &base),
    }
}

fn one(seed: u64, options: &Options, base: &Base) -> ExitCode {
    let report = schedule::run(seed, options.strike.clone(), base);
    report.trace.iter().for_each(|line| println!("{line}"));
    if options.logs {
        println!("{}", report.logs);
    }
    for broken in &report.broken {
        println!("✗ {broken}");
    }
    if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn many(options: &Options, base: &Base) -> ExitCode {
    let since = Instant::now();
    let fixed = (1..=options.fixed).map(|seed| Task { seed, strike: None });
    let fresh = (0..options.schedules).map(|_| Task { seed: fresh_seed(), strike: None });
    let tasks: Vec<_> = fixed.chain(fresh).collect();
    let mut figures = Figures::default();
    for part in tasks.chunks(TOLD_EVERY) {
        if figures.schedules > 0 {
            println!("so far: {}", figures.line(since));
        }
        runner::run(part, options.threads, options.until_broken, base, &mut figures);
        if options.until_broken && figures.failures > 0 {
            break;
        }
    }
    if !(options.until_broken && figures.failures > 0) {
        chase(options, base, &mut figures);
    }
    let missing = figures.points.missing();
    let uncovered = figures.schedules >= COVERED_FROM && !missing.is_empty();
    for (point, side, seed) in missing.iter().filter(|_| uncovered) {
        println!("never struck {side:?}: {point} (seen by seed {seed})");
    }
    for (promise, times) in &figures.promises {
        println!("broken {promise}: {times}");
    }
    if let Some((number, promise)) = figures.first {
        println!("first broken: {promise} by schedule number {number}");
    }
    println!("{}", figures.line(since));
    if figures.failures == 0 && !uncovered { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Points that chance did not strike are struck on purpose: a schedule that saw the point is run again, and the process dies
/// where it comes to it first.
fn chase(options: &Options, base: &Base, figures: &mut Figures) {
    let task = |(point, side, seed)| Task { seed, strike: Some((point, side)) };
    let tasks: Vec<_> = figures.points.missing().into_iter().map(task).collect();
    runner::run(&tasks, options.threads, options.until_broken, base, figures);
}

fn fresh_seed() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the machine has randomness");
    // Short enough to be typed.
    u64::from_le_bytes(bytes) >> 16
}
