//! A process of a function, as Lambda keeps one: its own clients and caches, one invocation at a time. A crash ends it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_sdk_dynamodb::config::SharedHttpClient;
use publish_events::DeadLetterQueue;
use shared::{
    app::{App, Dependencies},
    config::Config,
};
use tokio::{sync::Notify, time::Instant};

use crate::{
    io::{
        aws::AwsDoor,
        bus::BUS,
        fate::{self, Decision, Fate, Side},
        operation::Numbered,
        point::Point,
        queue,
        secrets::PREFIX,
        table::TABLE,
        vendor::VendorDoor,
    },
    logs,
    rng::Rng,
    world::{VendorCall, World},
};

/// Locks, also after a panic elsewhere.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process that can run invocations.
pub struct Process {
    /// The function's clients.
    pub app: App,
    /// The queue that `publish-events` has beside them.
    pub dead_letters: DeadLetterQueue,
    /// Where its doors find the invocation that they serve.
    pub seat: Arc<Seat>,
}

/// What a process's doors share.
pub struct Seat {
    /// Everything there is.
    pub world: Arc<World>,
    /// Numbers the processes.
    pub process: u64,
    run: Mutex<Option<Arc<Run>>>,
}

impl Seat {
    /// The invocation that is running; `None`: the schedule itself prepares or checks.
    pub fn run(&self) -> Option<Arc<Run>> {
        lock(&self.run).clone()
    }

    /// Begins or ends an invocation.
    pub fn set_run(&self, run: Option<Arc<Run>>) {
        *lock(&self.run) = run;
    }
}

/// One invocation, as its doors know it.
pub struct Run {
    /// Its number.
    pub id: u64,
    /// The function.
    pub function: &'static str,
    /// When Lambda ends it.
    pub ends: Instant,
    /// When it began.
    pub began: Instant,
    /// Told when the process dies.
    pub crashed: Notify,
    /// The I/O at which the process dies, counted from 1.
    crash_at: Option<(u64, Side)>,
    rng: Mutex<Rng>,
    calls: AtomicU64,
    /// Vendor requests whose last answer was a failure, with its status (0: no answer), for counting retries.
    pub failed: Mutex<HashMap<Sent, u16>>,
}

/// A request as an operation sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sent {
    /// The same for the same request, whenever it was signed.
    pub fingerprint: u64,
    /// The operation's number.
    pub operation: Option<u64>,
}

/// To whom a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// DynamoDB or Secrets Manager.
    Aws,
    /// EventBridge.
    Bus,
    /// The vendor of that name.
    Vendor(&'static str),
}

/// An invocation that crashes does so within so many calls, drawn evenly: early calls come in every invocation.
const CRASH_WITHIN: [u64; 3] = [6, 16, 40];

impl Run {
    /// An invocation of `function` that Lambda ends at `ends`; `rng` is its own.
    pub fn new(world: &World, id: u64, function: &'static str, ends: Instant, mut rng: Rng) -> Self {
        let crashes = rng.chance(world.plan.rates.crash);
        let within = *rng.pick(&CRASH_WITHIN);
        let at = rng.between(1, within);
        let side = *rng.pick(&[Side::Before, Side::After]);
        Self {
            id,
            function,
            ends,
            began: Instant::now(),
            crashed: Notify::new(),
            crash_at: crashes.then_some((at, side)),
            rng: Mutex::new(rng),
            calls: AtomicU64::new(0),
            failed: Mutex::default(),
        }
    }

    /// Milliseconds until Lambda ends it.
    pub fn left_ms(&self) -> u64 {
        u64::try_from(self.ends.saturating_duration_since(Instant::now()).as_millis()).unwrap_or_default()
    }

    /// A draw of the invocation's own.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut lock(&self.rng))
    }

    /// What becomes of the call at `point`.
    pub fn decide(&self, world: &World, point: &Point, peer: Peer) -> Decision {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let rates = &world.plan.rates_at(point);
        let mut decision = match peer {
            Peer::Aws | Peer::Bus => self.draw(|rng| fate::of_aws(rng, rates)),
            Peer::Vendor(_) => {
                self.draw(|rng| fate::of_vendor(rng, rates, world.plan.latest_ms(self.left_ms())))
            }
        };
        if !world.step() {
            decision.fate = Fate::Hang(Side::Before);
            return decision;
        }
        let now_ms = world.clock.elapsed_ms();
        if let Some(side) = world.strike_now(point) {
            // Also after the faults stopped: some points are come to only then.
            decision.fate = Fate::Crash(side);
        } else if let Some(fate) =
            world.plan.outage(peer, now_ms).filter(|_| peer == Peer::Bus && world.plan.bus_day)
        {
            decision.fate = fate;
        } else if !world.faults_on() {
            decision = Decision { fate: Fate::Pass, there_ms: 2, back_ms: 2 };
        } else if let Some((_, side)) = self.crash_at.filter(|(at, _)| *at == number) {
            decision.fate = Fate::Crash(side);
        } else if let Some(fate) = world.plan.outage(peer, now_ms) {
            decision.fate = fate;
        }
        if let (Peer::Vendor(vendor), Some(_)) = (peer, world.plan.only_dead) {
            let after_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            lock(&world.vendor_calls).push(VendorCall {
                run: self.id,
                function: self.function,
                vendor,
                after_ms,
            });
        }
        lock(&world.points).note(point, decision.fate);
        decision
    }

    /// The process dies here: the invocation is told, and the call never comes back.
    pub async fn die(&self) {
        self.crashed.notify_one();
        std::future::pending::<()>().await;
    }
}

/// Numbers AWS regions: the SDK keeps its retry quota per service and region for the life of the test's process, and one
/// schedule must not eat another's.
static REGIONS: AtomicU64 = AtomicU64::new(0);

/// A region name that no schedule had before.
pub fn fresh_region() -> String {
    format!("faults-{}", REGIONS.fetch_add(1, Ordering::Relaxed))
}

impl Process {
    /// A new process with nothing in its caches.
    pub fn start(world: &Arc<World>, process: u64) -> Self {
        let seat = Arc::new(Seat { world: Arc::clone(world), process, run: Mutex::default() });
        let aws_http = Some(SharedHttpClient::new(AwsDoor(Arc::clone(&seat))));
        let config = config(world);
        let dead_letters = DeadLetterQueue::new(&config, aws_http.clone()).expect("the queue is named");
        let io = Dependencies {
            sender: Arc::new(VendorDoor(Arc::clone(&seat))),
            aws_http,
            clock: Arc::new(world.clock),
            random: world.random.clone(),
            metrics: Arc::new(logs::Documents),
        };
        let mut app = App::new(config, io);
        app.vendors = app.vendors.wrapped(|client| Box::new(Numbered::new(client)));
        Self { app, dead_letters, seat }
    }
}

fn config(world: &World) -> Config {
    let settle_time_ms = world.plan.settle_time_ms.to_string();
    let lookup = |name: &str| {
        let value = match name {
            "TABLE_NAME" => TABLE,
            "SECRETS_PREFIX" => PREFIX,
            "EVENT_BUS_NAME" => BUS,
            "CURSOR_KEY" => "faults",
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
