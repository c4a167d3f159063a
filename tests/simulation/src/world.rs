//! The state of one schedule, apart from the processes: table, vendors, bus, clock, random numbers, and records for the
//! invariants.

mod checks;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use serde_json::Value;
use simulators::SimulatedVendors;
use tokio::sync::Notify;

use crate::{
    clock::VirtualClock,
    coverage::IoCoverage,
    history::{CallHistory, Deletion, Reopening, WithdrawalCall},
    initial_state::{InitialState, RegisteredAccount},
    invariants::Violation,
    io::{
        bucket::SimulatedBucket, bus::SimulatedBus, injected_fault::FaultTiming, point::IoPoint, queue::SimulatedQueue,
        secrets::SimulatedSecrets, stream::StreamReader, table::SimulatedTable,
    },
    plan::{FailingTicket, SchedulePlan},
    process::{FunctionProcess, RunningInvocation, fresh_region, lock},
    retry_budget::RetryBudgetModel,
    rng::{Rng, SeededRandom},
};

/// The most calls of one schedule: more means an endless loop.
const MAX_CALLS: u64 = 60_000;

/// A call to a vendor.
#[derive(Clone, Debug)]
pub struct RecordedVendorCall {
    /// The invocation.
    pub run: u64,
    /// Its function.
    pub function: &'static str,
    /// The vendor.
    pub vendor: &'static str,
    /// Milliseconds since the invocation's start.
    pub after_ms: u64,
}

/// The state of one schedule.
pub struct SimulatedWorld {
    /// The plan.
    pub plan: SchedulePlan,
    /// Virtual time.
    pub clock: VirtualClock,
    /// The product's random numbers.
    pub random: Arc<SeededRandom>,
    /// The AWS region, which no other schedule has.
    pub region: String,
    /// DynamoDB.
    pub table: SimulatedTable,
    /// Secrets Manager.
    pub secrets: Mutex<SimulatedSecrets>,
    /// The bucket for files.
    pub bucket: Mutex<SimulatedBucket>,
    /// EventBridge.
    pub bus: Mutex<SimulatedBus>,
    /// The vendors.
    pub vendors: SimulatedVendors,
    /// The accounts that are registered.
    pub accounts: Vec<RegisteredAccount>,
    /// The requests of callers and their answers.
    pub history: Mutex<CallHistory>,
    /// The I/O points and their crashes.
    pub points: Mutex<IoCoverage>,
    /// The violations so far.
    pub violations: Mutex<Vec<Violation>>,
    /// Events whose delivery failed.
    pub failed_deliveries: Mutex<Vec<Value>>,
    /// The vendors' ids of tickets that customers opened in the consoles, with the time.
    pub console_tickets: Mutex<Vec<(String, i64)>>,
    /// The starts and ends of the runs of the sync, milliseconds since the schedule began.
    pub sync_runs: Mutex<Vec<(u64, u64)>>,
    /// Tickets that were reopened at the vendor.
    pub reopenings: Mutex<Vec<Reopening>>,
    /// The vendors' ids of tickets of which support was urged, each time.
    pub urges: Mutex<Vec<String>>,
    /// The calls that withdrew a message at its vendor, or found it withdrawn.
    pub withdrawals: Mutex<Vec<WithdrawalCall>>,
    /// The messages that a ticket showed for long enough before it was deleted at its vendor.
    pub deletions: Mutex<Vec<Deletion>>,
    /// The dead-letter queue.
    pub queue: Mutex<SimulatedQueue>,
    /// Whether the dead-letter queue was redriven.
    pub dead_letters_redriven: AtomicBool,
    /// The table's number of writes when the stream of each function that reads it was last empty.
    pub stream_idle: Mutex<HashMap<&'static str, u64>>,
    stream: Mutex<(u64, Option<StreamReader>, Vec<Value>)>,
    /// The calls to vendors, in schedules with an unresponsive vendor.
    pub vendor_calls: Mutex<Vec<RecordedVendorCall>>,
    /// The texts of messages that their vendor accepted and lost.
    pub lost_messages: Mutex<Vec<String>>,
    /// At a vendor with a limit of calls: all calls, and the throttled ones, by the id of their key.
    pub limited_calls: Mutex<BTreeMap<String, (u64, u64)>>,
    /// Notified when the table may have changed, one for each function that reads its stream.
    pub written: [Notify; 2],
    /// Notified when the bus accepted an event.
    pub new_events: Notify,
    /// Notified when the schedule must stop.
    pub overrun: Notify,
    /// Warm processes by function.
    pub idle: Mutex<HashMap<&'static str, Vec<Arc<FunctionProcess>>>>,
    budgets: Mutex<BTreeMap<(u64, String), RetryBudgetModel>>,
    trace: Mutex<Vec<String>>,
    rng: Mutex<Rng>,
    faults: AtomicBool,
    faults_paused: AtomicBool,
    crash_injected: AtomicBool,
    calls: AtomicU64,
    numbers: AtomicU64,
}

impl SimulatedWorld {
    /// The state at the start of a schedule: accounts and catalogs. Must be called inside the schedule's runtime.
    pub fn new(plan: SchedulePlan, mut rng: Rng, initial: &InitialState) -> Arc<Self> {
        let clock = VirtualClock::start();
        let random = Arc::new(SeededRandom::new(rng.fork()));
        let table = SimulatedTable::new(clock);
        let vendors = initial.vendors();
        limit_calls(&vendors, plan.vendors.calls_per_second);
        initial.restore_table(&table);
        Arc::new(Self {
            plan,
            clock,
            random,
            region: fresh_region(),
            table: table.clone(),
            secrets: Mutex::new(initial.secrets()),
            bucket: Mutex::default(),
            bus: Mutex::default(),
            vendors,
            accounts: initial.accounts.clone(),
            history: Mutex::default(),
            points: Mutex::default(),
            violations: Mutex::default(),
            failed_deliveries: Mutex::default(),
            console_tickets: Mutex::default(),
            sync_runs: Mutex::default(),
            reopenings: Mutex::default(),
            urges: Mutex::default(),
            withdrawals: Mutex::default(),
            deletions: Mutex::default(),
            queue: Mutex::default(),
            dead_letters_redriven: AtomicBool::new(false),
            stream_idle: Mutex::default(),
            stream: Mutex::new((0, table.stream(initial.last_record.clone()), Vec::new())),
            vendor_calls: Mutex::default(),
            limited_calls: Mutex::default(),
            lost_messages: Mutex::default(),
            written: [Notify::new(), Notify::new()],
            new_events: Notify::new(),
            overrun: Notify::new(),
            idle: Mutex::default(),
            budgets: Mutex::default(),
            trace: Mutex::default(),
            rng: Mutex::new(rng),
            faults: AtomicBool::new(true),
            faults_paused: AtomicBool::new(false),
            crash_injected: AtomicBool::new(false),
            calls: AtomicU64::new(0),
            numbers: AtomicU64::new(0),
        })
    }

    /// The vendors' time, Unix milliseconds.
    pub fn vendor_now_ms(&self) -> i64 {
        self.clock.now_ms() + self.plan.vendors.clock_ms
    }

    /// The vendor's id of the ticket of which each call fails, once it exists.
    pub fn failing_cloud_id(&self) -> Option<String> {
        let FailingTicket { vendor, place, .. } = self.plan.vendors.failing_ticket?;
        let tickets = match vendor {
            "alibaba" => self.vendors.alibaba.tickets(),
            _ => self.vendors.huawei.tickets(),
        };
        tickets.into_iter().nth(place).map(|ticket| ticket.id)
    }

    /// The vendor's id of a ticket of which each call fails until the end.
    pub fn lasting_failure(&self) -> Option<String> {
        self.plan.vendors.failing_ticket.filter(|ticket| ticket.is_lasting)?;
        self.failing_cloud_id()
    }

    /// An independent stream of random numbers.
    pub fn fork(&self) -> Rng {
        lock(&self.rng).fork()
    }

    /// A number that is unique in the schedule.
    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Whether faults are injected now.
    pub fn faults_on(&self) -> bool {
        self.faults.load(Ordering::Relaxed) && !self.faults_paused.load(Ordering::Relaxed)
    }

    /// Stops the injection of faults, or lets it go on.
    pub fn pause_faults(&self, is_paused: bool) {
        self.faults_paused.store(is_paused, Ordering::Relaxed);
        self.trace_line(if is_paused { "— faults pause —" } else { "— faults go on —" });
    }

    /// Ends the injection of faults.
    pub fn stop_faults(&self) {
        self.faults.store(false, Ordering::Relaxed);
        limit_calls(&self.vendors, None);
        self.trace_line("— faults stop —");
    }

    /// Counts a call; `false` after too many, when the schedule is stopped.
    pub fn step(&self) -> bool {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        if calls == MAX_CALLS {
            self.overrun.notify_one();
        }
        calls < MAX_CALLS
    }

    /// The timing of the added crash, at the first call of its point.
    pub fn targeted_crash(&self, point: &IoPoint) -> Option<FaultTiming> {
        let (wanted, timing) = self.plan.crash.as_ref()?;
        let now = wanted == point && !self.crash_injected.swap(wanted == point, Ordering::Relaxed);
        now.then_some(*timing)
    }

    /// Adds a line to the trace.
    pub fn trace_line(&self, line: &str) {
        let ms = self.clock.elapsed_ms();
        lock(&self.trace).push(format!("{:>8}.{:03} {line}", ms / 1000, ms % 1000));
    }

    /// Adds the result of a call to the trace.
    pub fn trace_call(&self, run: &RunningInvocation, point: &IoPoint, what: &str) {
        let call = point.split_once(": ").map_or(point.as_str(), |(_, call)| call);
        self.trace_line(&format!("  {}#{} {call} → {what}", run.function, run.id));
    }

    /// The trace so far.
    pub fn trace(&self) -> Vec<String> {
        lock(&self.trace).clone()
    }

    /// Records that a ticket, closed at `closed_ms`, was reopened now.
    pub fn reopened(&self, cloud_id: &str, closed_ms: i64) {
        let at_ms = self.vendor_now_ms();
        lock(&self.reopenings).push(Reopening { cloud_id: cloud_id.to_owned(), closed_ms, at_ms });
    }

    /// The wanted ones of the changes after the first `seen`, which then counts all.
    pub fn changes(&self, seen: &mut usize, is_wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let (writes, stream, all) = &mut *lock(&self.stream);
        let now = self.table.writes();
        if now != *writes {
            *writes = now;
            all.extend(stream.as_mut().map(StreamReader::next).unwrap_or_default());
        }
        let new = all.iter().skip(*seen);
        *seen = all.len();
        new.filter(|record| is_wanted(record)).cloned().collect()
    }

    /// Whether every function has read the stream to its end.
    pub fn streams_are_idle(&self) -> bool {
        let writes = self.table.writes();
        let idle = lock(&self.stream_idle);
        idle.len() == self.written.len() && idle.values().all(|at| *at == writes)
    }

    /// Every committed change in the order of the stream, at the end of the schedule.
    pub fn take_changes(&self) -> Vec<Value> {
        self.changes(&mut 0, |_| false);
        std::mem::take(&mut lock(&self.stream).2)
    }

    /// Records a violation.
    pub fn report_violation(&self, violation: Violation) {
        self.trace_line(&format!("VIOLATION {violation}"));
        lock(&self.violations).push(violation);
    }
}

fn limit_calls(vendors: &SimulatedVendors, calls_per_second: Option<u32>) {
    vendors.alibaba.limit_calls(calls_per_second);
    vendors.huawei.limit_calls(calls_per_second);
}
