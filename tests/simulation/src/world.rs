//! Everything there is in one schedule, apart from the processes: the table, the vendors, the bus, time, chance, and what is
//! written down of it all.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use serde_json::Value;
use simulators::Vendors;
use tokio::sync::Notify;

use crate::{
    base::{Account, Base},
    broken::Broken,
    budget::Budget,
    clock::Virtual,
    coverage::Points,
    history::{History, Reopening},
    io::{bus::Bus, fate::Side, point::Point, queue::Queue, secrets::Secrets, stream::Stream, table::Table},
    plan::Plan,
    process::{Process, Run, fresh_region, lock},
    rng::{Rng, Seeded},
};

/// The most calls of one schedule: more is a loop.
const MAX_CALLS: u64 = 60_000;

/// A call to a vendor.
#[derive(Clone, Debug)]
pub struct VendorCall {
    /// The invocation.
    pub run: u64,
    /// Its function.
    pub function: &'static str,
    /// The vendor.
    pub vendor: &'static str,
    /// How long after the invocation's start it was made, milliseconds.
    pub after_ms: u64,
}

/// One schedule's world.
pub struct World {
    /// What the seed decided.
    pub plan: Plan,
    /// Virtual time.
    pub clock: Virtual,
    /// The product's randomness.
    pub random: Arc<Seeded>,
    /// The AWS region that is this schedule's alone.
    pub region: String,
    /// DynamoDB.
    pub table: Table,
    /// Secrets Manager.
    pub secrets: Mutex<Secrets>,
    /// EventBridge.
    pub bus: Mutex<Bus>,
    /// The vendors.
    pub vendors: Vendors,
    /// The accounts that are registered.
    pub accounts: Vec<Account>,
    /// What callers were told.
    pub history: Mutex<History>,
    /// The I/O points that were seen and struck.
    pub points: Mutex<Points>,
    /// Promises that were seen broken while it ran.
    pub broken: Mutex<Vec<Broken>>,
    /// Events that no invocation took.
    pub dead_letters: Mutex<Vec<Value>>,
    /// Tickets that people opened again at the vendor.
    pub reopenings: Mutex<Vec<Reopening>>,
    /// The queue of dead letters.
    pub queue: Mutex<Queue>,
    /// Whether letters of the queue were handed over.
    pub letters_redriven: AtomicBool,
    /// How many writes the table had when its stream was last found empty.
    pub stream_idle: Mutex<Option<u64>>,
    stream: Mutex<(u64, Option<Stream>, Vec<Value>)>,
    /// The calls to vendors, where they are kept.
    pub vendor_calls: Mutex<Vec<VendorCall>>,
    /// Told when the table may have changed.
    pub written: Notify,
    /// Told when the bus took something.
    pub arrived: Notify,
    /// Told when the schedule must stop.
    pub overrun: Notify,
    /// Warm processes by function.
    pub idle: Mutex<HashMap<&'static str, Vec<Process>>>,
    budgets: Mutex<BTreeMap<(u64, String), Budget>>,
    trace: Mutex<Vec<String>>,
    rng: Mutex<Rng>,
    faults: AtomicBool,
    struck: AtomicBool,
    calls: AtomicU64,
    numbers: AtomicU64,
}

impl World {
    /// The world at the start of a schedule: accounts and catalogs are there, nothing else. Must be made inside the schedule's
    /// runtime.
    pub fn new(plan: Plan, mut rng: Rng, base: &Base) -> Arc<Self> {
        let clock = Virtual::start();
        let random = Arc::new(Seeded::new(rng.fork()));
        let table = Table::new(clock);
        base.restore_table(&table);
        Arc::new(Self {
            plan,
            clock,
            random,
            region: fresh_region(),
            table: table.clone(),
            secrets: Mutex::new(base.secrets()),
            bus: Mutex::default(),
            vendors: base.vendors(),
            accounts: base.accounts.clone(),
            history: Mutex::default(),
            points: Mutex::default(),
            broken: Mutex::default(),
            dead_letters: Mutex::default(),
            reopenings: Mutex::default(),
            queue: Mutex::default(),
            letters_redriven: AtomicBool::new(false),
            stream_idle: Mutex::default(),
            stream: Mutex::new((0, table.stream(), Vec::new())),
            vendor_calls: Mutex::default(),
            written: Notify::new(),
            arrived: Notify::new(),
            overrun: Notify::new(),
            idle: Mutex::default(),
            budgets: Mutex::default(),
            trace: Mutex::default(),
            rng: Mutex::new(rng),
            faults: AtomicBool::new(true),
            struck: AtomicBool::new(false),
            calls: AtomicU64::new(0),
            numbers: AtomicU64::new(0),
        })
    }

    /// A stream of chance of its own.
    pub fn fork(&self) -> Rng {
        lock(&self.rng).fork()
    }

    /// A number that nothing else in the schedule has.
    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Whether things still go wrong.
    pub fn faults_on(&self) -> bool {
        self.faults.load(Ordering::Relaxed)
    }

    /// From now on nothing goes wrong any more.
    pub fn stop_faults(&self) {
        self.faults.store(false, Ordering::Relaxed);
        self.note("— faults stop —");
    }

    /// Counts a call; `false` when there were too many and the schedule is stopped.
    pub fn step(&self) -> bool {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        if calls == MAX_CALLS {
            self.overrun.notify_one();
        }
        calls < MAX_CALLS
    }

    /// The side on which the call at `point` is struck, where this run is about just that and it was not done yet.
    pub fn strike_now(&self, point: &Point) -> Option<Side> {
        let (wanted, side) = self.plan.strike.as_ref()?;
        let now = wanted == point && !self.struck.swap(wanted == point, Ordering::Relaxed);
        now.then_some(*side)
    }

    /// Adds a line to the trace.
    pub fn note(&self, line: &str) {
        let ms = self.clock.elapsed_ms();
        lock(&self.trace).push(format!("{:>8}.{:03} {line}", ms / 1000, ms % 1000));
    }

    /// Adds what became of a call to the trace.
    pub fn tell(&self, run: &Run, point: &Point, what: &str) {
        let call = point.split_once(": ").map_or(point.as_str(), |(_, call)| call);
        self.note(&format!("  {}#{} {call} → {what}", run.function, run.id));
    }

    /// The trace so far.
    pub fn trace(&self) -> Vec<String> {
        lock(&self.trace).clone()
    }

    /// Notes that a person opened a ticket again now that had been closed at `closed_ms`.
    pub fn reopened(&self, cloud_id: &str, closed_ms: i64) {
        let at_ms = self.clock.now_ms();
        lock(&self.reopenings).push(Reopening { cloud_id: cloud_id.to_owned(), closed_ms, at_ms });
    }

    /// The changes that were committed since this was asked last.
    pub fn changes(&self) -> Vec<Value> {
        let (writes, stream, all) = &mut *lock(&self.stream);
        let now = self.table.writes();
        if now == *writes {
            return Vec::new();
        }
        *writes = now;
        let new = stream.as_mut().map(Stream::next).unwrap_or_default();
        all.extend(new.iter().cloned());
        new
    }

    /// Every change that was committed, in the order of the stream, as far as it was read.
    pub fn all_changes(&self) -> Vec<Value> {
        lock(&self.stream).2.clone()
    }

    /// Notes a broken promise.
    pub fn broke(&self, broken: Broken) {
        self.note(&format!("BROKEN {broken}"));
        lock(&self.broken).push(broken);
    }

    /// I9: what Huawei answers with 401 was sent again in one invocation.
    pub fn broke_refused(&self, run: &Run) {
        self.broke(Broken::new("I9", format!("{} sent again what Huawei refused with 401", run.function)));
    }

    /// An operation sends again what failed. I9: the retries of a process for one account stay within the budget.
    pub fn note_retry(&self, process: u64, run: &Run, vendor: &str, key_id: &str) {
        let now_ms = self.clock.elapsed_ms();
        let mut budgets = lock(&self.budgets);
        let budget = budgets.entry((process, key_id.to_owned())).or_insert_with(|| Budget::new(now_ms));
        if !budget.spend(now_ms) {
            let what = format!("{}#{} retried past the budget at {vendor}", run.function, run.id);
            drop(budgets);
            self.broke(Broken::new("I9", what));
        }
    }
}
