//! Runs many schedules on several threads and sums up their reports.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    coverage::IoCoverage,
    initial_state::InitialState,
    invariants::Invariant,
    options::SimulationOptions,
    process::lock,
    schedule::{self, ScheduleReport, ScheduleTask},
};

/// The sum of many reports.
#[derive(Debug, Default)]
pub struct RunSummary {
    /// The number of schedules.
    pub schedules: u64,
    /// Their I/O points.
    pub points: IoCoverage,
    /// The number of schedules with a violation.
    pub failures: u64,
    /// The number of violations of each invariant.
    pub violations: BTreeMap<Invariant, u64>,
    /// The first schedule with a violation, counted from 1, and the invariant.
    pub first: Option<(u64, Invariant)>,
}

/// A schedule that takes longer than this in real time is a loop without a call; its seed is printed and the process
/// ends.
const LONGEST_REAL_TIME: Duration = Duration::from_secs(120);

/// The size of a thread's stack: the futures of the SDK are large in a build without optimization.
pub const STACK_BYTES: usize = 16 << 20;

/// The number of failed schedules whose trace is printed.
const PRINTED_TRACES: u64 = 3;

/// Runs `tasks` and adds their reports; failed schedules are printed with their traces.
pub fn run(tasks: &[ScheduleTask], options: &SimulationOptions, initial: &InitialState, summary: &mut RunSummary) {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let started: Vec<_> = (0..options.threads).map(|_| Mutex::new(None::<(Instant, u64)>)).collect();
    let (reports, incoming) = mpsc::channel::<ScheduleReport>();
    thread::scope(|scope| {
        for slot in &started {
            let (next, stop, reports) = (&next, &stop, reports.clone());
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            let started = thread.spawn_scoped(scope, move || {
                while !stop.load(Ordering::Relaxed) {
                    let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
                    *lock(slot) = Some((Instant::now(), task.seed));
                    let mut report = schedule::run(task, initial);
                    *lock(slot) = None;
                    if report.violations.is_empty() {
                        report.trace = Vec::new();
                    }
                    let _ = reports.send(report);
                }
            });
            started.expect("a thread starts");
        }
        drop(reports);
        loop {
            match incoming.recv_timeout(Duration::from_secs(5)) {
                Ok(report) => {
                    summary.add(report);
                    stop.fetch_or(options.until_violated && summary.failures > 0, Ordering::Relaxed);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => started.iter().for_each(watch),
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
        }
    });
}

fn watch(slot: &Mutex<Option<(Instant, u64)>>) {
    if let Some((since, seed)) = *lock(slot)
        && since.elapsed() > LONGEST_REAL_TIME
    {
        println!("seed {seed} does not end");
        std::process::exit(2);
    }
}

static PRINTED: AtomicU64 = AtomicU64::new(0);

impl RunSummary {
    fn add(&mut self, report: ScheduleReport) {
        self.schedules += 1;
        match report.task.crash {
            None => self.points.add(report.task.seed, &report.points),
            Some(_) => self.points.add_known(&report.points),
        }
        let Some(first) = report.violations.first() else { return };
        self.failures += 1;
        self.first = self.first.or(Some((self.schedules, first.invariant)));
        for violation in &report.violations {
            *self.violations.entry(violation.invariant).or_default() += 1;
        }
        print_failure(&report);
    }

    /// The figures in one line.
    pub fn line(&self, since: Instant) -> String {
        let points = &self.points.0;
        let (mut before, mut after, mut crashes) = (0, 0, 0);
        for count in points.values() {
            before += u64::from(count.before > 0);
            after += u64::from(count.after > 0);
            crashes += count.before + count.after;
        }
        let seconds = since.elapsed().as_secs_f64().max(0.001);
        format!(
            "schedules={} points={} crashed_before={before} crashed_after={after} crashes={crashes} violated={} \
             in {seconds:.0} s",
            self.schedules,
            points.len(),
            self.failures,
        )
    }
}

fn print_failure(report: &ScheduleReport) {
    let printed = PRINTED.fetch_add(1, Ordering::Relaxed);
    println!("\n✗ seed {}", report.task.seed);
    for violation in &report.violations {
        println!("  {violation}");
    }
    if printed < PRINTED_TRACES {
        let crash = report.task.crash.as_ref().map(|(point, side)| format!(" --crash '{}: {point}'", side.name()));
        println!("  run again: simulation --seed {}{}", report.task.seed, crash.unwrap_or_default());
        report.trace.iter().for_each(|line| println!("    {line}"));
    }
}
