//! Many schedules on several threads, and what they gave together.

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
    base::Base,
    coverage::Points,
    io::{fate::Side, point::Point},
    process::lock,
    schedule::{self, Report},
};

/// One schedule to be run.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its seed.
    pub seed: u64,
    /// One more crash.
    pub strike: Option<(Point, Side)>,
}

/// What many schedules gave together.
#[derive(Debug, Default)]
pub struct Figures {
    /// How many ran.
    pub schedules: u64,
    /// Their I/O points.
    pub points: Points,
    /// How many broke a promise.
    pub failures: u64,
    /// How often each promise was broken.
    pub promises: BTreeMap<&'static str, u64>,
    /// The number of the first schedule that broke one, counted from 1, and which.
    pub first: Option<(u64, &'static str)>,
}

/// A schedule that takes longer than this in real time is a loop that makes no call; it is told and everything ends.
const MOST_REAL_TIME: Duration = Duration::from_secs(120);

/// What a thread's stack may take: the futures of the SDK are large where nothing is optimised.
const STACK_BYTES: usize = 16 << 20;

/// How many failing schedules are shown in full.
const SHOWN: u64 = 3;

/// Runs `tasks` and adds what they gave; failing schedules are printed with their traces.
pub fn run(tasks: &[Task], threads: usize, until_broken: bool, base: &Base, figures: &mut Figures) {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let started: Vec<_> = (0..threads).map(|_| Mutex::new(None::<(Instant, u64)>)).collect();
    let (reports, incoming) = mpsc::channel::<Report>();
    thread::scope(|scope| {
        for slot in &started {
            let (next, stop, reports) = (&next, &stop, reports.clone());
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            let started = thread.spawn_scoped(scope, move || {
                while !stop.load(Ordering::Relaxed) {
                    let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
                    *lock(slot) = Some((Instant::now(), task.seed));
                    let mut report = schedule::run(task.seed, task.strike.clone(), base);
                    *lock(slot) = None;
                    if report.broken.is_empty() {
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
                    figures.take(report);
                    stop.fetch_or(until_broken && figures.failures > 0, Ordering::Relaxed);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => started.iter().for_each(watch),
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
        }
    });
}

fn watch(slot: &Mutex<Option<(Instant, u64)>>) {
    if let Some((since, seed)) = *lock(slot)
        && since.elapsed() > MOST_REAL_TIME
    {
        println!("seed {seed} does not come to an end");
        std::process::exit(2);
    }
}

static PRINTED: AtomicU64 = AtomicU64::new(0);

impl Figures {
    fn take(&mut self, report: Report) {
        self.schedules += 1;
        match report.strike {
            None => self.points.add(report.seed, &report.points),
            Some(_) => self.points.add_known(&report.points),
        }
        let Some(first) = report.broken.first() else { return };
        self.failures += 1;
        self.first = self.first.or(Some((self.schedules, first.promise)));
        for broken in &report.broken {
            *self.promises.entry(broken.promise).or_default() += 1;
        }
        print_failure(&report);
    }

    /// The one line of figures.
    pub fn line(&self, since: Instant) -> String {
        let points = &self.points.0;
        let (mut before, mut after, mut strikes) = (0, 0, 0);
        for count in points.values() {
            before += u64::from(count.before > 0);
            after += u64::from(count.after > 0);
            strikes += count.before + count.after;
        }
        let seconds = since.elapsed().as_secs_f64().max(0.001);
        format!(
            "schedules={} points={} struck_before={before} struck_after={after} crashes={strikes} broken={} in {seconds:.0} s",
            self.schedules,
            points.len(),
            self.failures,
        )
    }
}

fn print_failure(report: &Report) {
    let printed = PRINTED.fetch_add(1, Ordering::Relaxed);
    println!("\n✗ seed {}", report.seed);
    for broken in &report.broken {
        println!("  {broken}");
    }
    if printed < SHOWN {
        let strike =
            report.strike.as_ref().map(|(point, side)| format!(" --strike '{}: {point}'", side.name()));
        println!("  run again: faults --seed {}{}", report.seed, strike.unwrap_or_default());
        report.trace.iter().for_each(|line| println!("    {line}"));
    }
}
