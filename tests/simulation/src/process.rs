//! A process of a function, as Lambda runs it: own clients and caches, one invocation at a time. A crash ends it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::config::SharedHttpClient;
use publish_events::DeadLetterQueue;
use shared::{
    app::{App, Dependencies},
    config::Config,
};
use tokio::{sync::Notify, time::Instant};

use crate::{
    clock::VirtualClock,
    io::{
        aws::FaultyAwsClient,
        bucket::{BUCKET, FaultyBucketSender},
        bus::BUS,
        injected_fault::{self, CallPlan, FaultTiming, InjectedFault},
        point::IoPoint,
        queue,
        secrets::PREFIX,
        table::TABLE,
        vendor::FaultyVendorSender,
    },
    logs,
    rng::Rng,
    world::{RecordedVendorCall, SimulatedWorld},
};

/// Locks, also after a panic elsewhere.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process that can run invocations.
pub struct FunctionProcess {
    /// The function's clients.
    pub app: App,
    /// The dead-letter queue of `publish-events`.
    pub dead_letters: DeadLetterQueue,
    /// What its clients share.
    pub context: Arc<ProcessContext>,
}

/// What the clients of a process share.
pub struct ProcessContext {
    /// The simulated world.
    pub world: Arc<SimulatedWorld>,
    /// Numbers the processes.
    pub process: u64,
    /// The clock of its machine.
    pub clock: VirtualClock,
    run: Mutex<Option<Arc<RunningInvocation>>>,
}

impl ProcessContext {
    /// The running invocation; `None` while the schedule prepares the table.
    pub fn run(&self) -> Option<Arc<RunningInvocation>> {
        lock(&self.run).clone()
    }

    /// Sets the running invocation.
    pub fn set_run(&self, run: Option<Arc<RunningInvocation>>) {
        *lock(&self.run) = run;
    }
}

/// One invocation, as the clients of its process see it.
pub struct RunningInvocation {
    /// Its number.
    pub id: u64,
    /// The function.
    pub function: &'static str,
    /// When Lambda ends it.
    pub ends: Instant,
    /// Its start.
    pub began: Instant,
    /// Notified when the process crashes.
    pub crashed: Notify,
    /// Notified when the process falls asleep.
    pub asleep: Notify,
    sleeps_until: Mutex<Option<Instant>>,
    /// The call at which the process crashes, counted from 1.
    crash_at: Option<(u64, FaultTiming)>,
    rng: Mutex<Rng>,
    calls: AtomicU64,
    /// Vendor requests whose last answer was a failure, with its status (0: no answer), for counting retries.
    pub failed: Mutex<HashMap<SentRequest, u16>>,
}

/// A request of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SentRequest {
    /// Equal for equal requests, whatever their signatures.
    pub fingerprint: u64,
    /// The operation's number.
    pub operation: Option<u64>,
}

/// The receiver of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallTarget {
    /// DynamoDB, S3 or Secrets Manager.
    Aws,
    /// EventBridge.
    Bus,
    /// The vendor of that name.
    Vendor(&'static str),
}

/// A crash happens within one of these numbers of calls: each invocation has early calls, few have late ones.
const CRASH_WITHIN: [u64; 3] = [6, 16, 40];

impl RunningInvocation {
    /// An invocation of `function` that Lambda ends at `ends`.
    pub fn new(world: &SimulatedWorld, id: u64, function: &'static str, ends: Instant, mut rng: Rng) -> Self {
        let crashes = rng.chance(world.plan.rates.crash);
        let within = *rng.pick(&CRASH_WITHIN);
        let at = rng.between(1, within);
        let timing = *rng.pick(&[FaultTiming::Before, FaultTiming::After]);
        Self {
            id,
            function,
            ends,
            began: Instant::now(),
            crashed: Notify::new(),
            asleep: Notify::new(),
            sleeps_until: Mutex::default(),
            crash_at: crashes.then_some((at, timing)),
            rng: Mutex::new(rng),
            calls: AtomicU64::new(0),
            failed: Mutex::default(),
        }
    }

    /// Milliseconds until Lambda ends it.
    pub fn left_ms(&self) -> u64 {
        u64::try_from(self.ends.saturating_duration_since(Instant::now()).as_millis()).unwrap_or_default()
    }

    /// A draw from the invocation's own random numbers.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut lock(&self.rng))
    }

    /// Decides about the call at `point`.
    pub fn plan_call(&self, world: &SimulatedWorld, point: &IoPoint, target: CallTarget) -> CallPlan {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let rates = &world.plan.rates_at(point);
        let mut plan = match target {
            CallTarget::Aws | CallTarget::Bus => self.draw(|rng| injected_fault::draw_for_aws(rng, rates)),
            CallTarget::Vendor(_) => self.draw(|rng| {
                injected_fault::draw_for_vendor(rng, rates, world.plan.longest_effect_delay_ms(self.left_ms()))
            }),
        };
        if !world.step() {
            plan.fault = InjectedFault::Hang(FaultTiming::Before);
            return plan;
        }
        let now_ms = world.clock.elapsed_ms();
        if let Some(timing) = world.targeted_crash(point) {
            // Also after the faults stopped: some points are reached only then.
            plan.fault = InjectedFault::Crash(timing);
        } else if let Some(fault) =
            world.plan.outage(target, now_ms).filter(|_| target == CallTarget::Bus && world.plan.day_long_bus_outage)
        {
            plan.fault = fault;
        } else if !world.faults_on() {
            plan = CallPlan { fault: InjectedFault::NoFault, request_ms: 2, response_ms: 2 };
        } else if let Some((_, timing)) = self.crash_at.filter(|(at, _)| *at == number) {
            plan.fault = InjectedFault::Crash(timing);
        } else if let Some(fault) = world.plan.outage(target, now_ms) {
            plan.fault = fault;
        } else if let Some(fault) = self.draw_sleep(world) {
            plan.fault = fault;
        }
        if let (CallTarget::Vendor(vendor), Some(_)) = (target, world.plan.unresponsive) {
            let after_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            lock(&world.vendor_calls).push(RecordedVendorCall {
                run: self.id,
                function: self.function,
                vendor,
                after_ms,
            });
        }
        lock(&world.points).count(point, plan.fault);
        plan
    }

    /// A process sleeps once in an invocation.
    fn draw_sleep(&self, world: &SimulatedWorld) -> Option<InjectedFault> {
        let sleeps = world.plan.sleeps;
        if sleeps == 0 || lock(&self.sleeps_until).is_some() || !self.draw(|rng| rng.chance(sleeps)) {
            return None;
        }
        let longest_ms = world.plan.longest_sleep_ms(self.left_ms());
        Some(self.draw(|rng| {
            InjectedFault::Sleep(*rng.pick(&[FaultTiming::Before, FaultTiming::After]), rng.between(1, longest_ms))
        }))
    }

    /// Puts the process to sleep: nothing of it runs for `ms`.
    pub async fn sleep(&self, ms: u64) {
        *lock(&self.sleeps_until) = Some(Instant::now() + Duration::from_millis(ms));
        self.asleep.notify_one();
        tokio::task::yield_now().await;
    }

    /// When the process wakes up.
    pub fn wakes_at(&self) -> Option<Instant> {
        *lock(&self.sleeps_until)
    }

    /// Crashes the process: the call never returns.
    pub async fn crash(&self) {
        self.crashed.notify_one();
        std::future::pending::<()>().await;
    }
}

/// Numbers AWS regions: the SDK has one retry quota per service and region for the lifetime of this process, and one
/// schedule must not use up another's.
static REGIONS: AtomicU64 = AtomicU64::new(0);

/// A region name of no other schedule.
pub fn fresh_region() -> String {
    format!("simulation-{}", REGIONS.fetch_add(1, Ordering::Relaxed))
}

impl FunctionProcess {
    /// A new process with nothing in its caches.
    pub fn start(world: &Arc<SimulatedWorld>, process: u64) -> Self {
        let clock = clock_of(world, process);
        let context = Arc::new(ProcessContext { world: Arc::clone(world), process, clock, run: Mutex::default() });
        let aws_http = SharedHttpClient::new(FaultyAwsClient(Arc::clone(&context)));
        let config = config(world);
        let dead_letters = DeadLetterQueue::new(&config, aws_http.clone()).expect("the queue is named");
        let io = Dependencies {
            sender: Arc::new(FaultyVendorSender(Arc::clone(&context))),
            aws_http,
            bucket_http: Arc::new(FaultyBucketSender(Arc::clone(&context))),
            clock: Arc::new(clock),
            random: world.random.clone(),
            metrics: Arc::new(logs::MetricsToLog),
        };
        Self { app: App::new(config, io), dead_letters, context }
    }
}

/// The clock of a process, which may be ahead or behind.
fn clock_of(world: &SimulatedWorld, process: u64) -> VirtualClock {
    let largest_ms = world.plan.process_clock_ms;
    let ahead_ms = Rng::new(process).between(0, 2 * largest_ms);
    world.clock.ahead(i64::try_from(ahead_ms).unwrap_or_default() - i64::try_from(largest_ms).unwrap_or_default())
}

fn config(world: &SimulatedWorld) -> Config {
    let settle_time_ms = world.plan.settle_time_ms.to_string();
    let lookup = |name: &str| {
        let value = match name {
            "TABLE_NAME" => TABLE,
            "SECRETS_PREFIX" => PREFIX,
            "EVENT_BUS_NAME" => BUS,
            "FILES_BUCKET" => BUCKET,
            "CURSOR_KEY" => "simulation",
            "AWS_REGION" => &world.region,
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "local",
            "DEAD_LETTER_QUEUE_URL" => queue::URL,
            "AWS_ENDPOINT_URL" => "http://aws.invalid",
            "SETTLE_TIME_MS" => &settle_time_ms,
            _ => return None,
        };
        Some(value.to_owned())
    };
    Config::from_lookup(lookup).expect("the settings are complete")
}
