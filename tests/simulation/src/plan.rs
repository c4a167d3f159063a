//! The plan of a schedule, drawn from its seed: fault rates, delays, outages and actors.

mod vendor_behaviour;

use simulators::TextRewrite;

pub use self::vendor_behaviour::{FailingTicket, REWRITES, VendorBehaviour};
use crate::{
    io::{
        injected_fault::{FaultRates, FaultTiming, InjectedFault, MalformedAnswer},
        point::IoPoint,
    },
    process::CallTarget,
    rng::Rng,
};

/// A minute, milliseconds.
pub const MINUTE_MS: u64 = 60_000;

/// A day, milliseconds.
pub const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// The plan of one schedule.
#[derive(Clone, Debug)]
pub struct SchedulePlan {
    /// The fault rates.
    pub rates: FaultRates,
    /// The product's settle time.
    pub settle_time_ms: u64,
    /// The longest lag of a new ticket in its vendor's list, or of a new message in its conversation.
    pub list_lag_ms: u64,
    /// The latest start of an actor.
    pub horizon_ms: u64,
    /// The outages.
    pub outages: Vec<Outage>,
    /// The operation of DynamoDB that mostly fails.
    pub degraded: Option<&'static str>,
    /// The number of callers.
    pub callers: u64,
    /// The number of people who act at the vendors.
    pub vendor_people: u64,
    /// The number of catalog refreshes.
    pub refreshes: u64,
    /// The number of people who rotate keys.
    pub rotators: u64,
    /// The number of people who register and remove accounts.
    pub account_admins: u64,
    /// How many rebuilds of the statistics an operator starts meanwhile.
    pub rebuilds: u64,
    /// Whether a caller uses a key again, for another request, after its lifetime.
    pub reuses_key: bool,
    /// Whether the bus has an outage of a day, which lasts longer than all other faults.
    pub day_long_bus_outage: bool,
    /// The vendor that does not answer, in a schedule without other faults.
    pub unresponsive: Option<&'static str>,
    /// Whether one ticket of which each call fails is the only fault.
    pub one_failing_ticket: bool,
    /// Requests and messages of support that have files, in a thousand.
    pub files: u64,
    /// Whether somebody deletes a ticket in its vendor's console.
    pub deletes: bool,
    /// What the vendors and their customers do.
    pub vendors: VendorBehaviour,
    /// The largest difference between the clock of a process and the true time.
    pub process_clock_ms: u64,
    /// Calls at which the process sleeps, in a thousand.
    pub sleeps: u64,
    /// A crash in addition to those of the seed.
    pub crash: Option<(IoPoint, FaultTiming)>,
}

/// A time in which every call to a target has the same fault.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    target: CallTarget,
    from_ms: u64,
    to_ms: u64,
    fault: InjectedFault,
}

/// Operations that may be degraded. Where all calls fail equally often, a later failure hides that an earlier one was
/// ignored. With one degraded operation the rest of the invocation succeeds. `BatchWriteItem` is there twice: it is
/// called less often than the others.
const DEGRADABLE: [&str; 7] =
    ["BatchGetItem", "BatchWriteItem", "BatchWriteItem", "GetItem", "Query", "TransactWriteItems", "UpdateItem"];

/// Faults in a thousand calls of a degraded operation: the SDK's repetitions often fail, too.
const DEGRADED_PERMILLE: u64 = 800;

/// Settle times: from shorter than an invocation to the usual one.
const SETTLE_TIMES_MS: [u64; 4] = [20_000, MINUTE_MS, 3 * MINUTE_MS, 10 * MINUTE_MS];

impl SchedulePlan {
    /// The plan of a seed; `rng` is drawn from.
    pub fn draw(rng: &mut Rng) -> Self {
        let few_faults = rng.chance(60);
        let rates = match rng.below(4) {
            _ if few_faults => FaultRates::default(),
            0 => FaultRates { aws: 0, vendor: 0, crash: 500, slow: 30 },
            1 => FaultRates { aws: 25, vendor: 120, crash: 350, slow: 30 },
            2 => FaultRates { aws: 60, vendor: 60, crash: 150, slow: 100 },
            _ => FaultRates { aws: 10, vendor: 350, crash: 150, slow: 30 },
        };
        let settle_time_ms = *rng.pick(&SETTLE_TIMES_MS);
        let list_lag_ms = match rng.below(10) {
            0..=3 => 0,
            4..=8 => rng.between(0, settle_time_ms),
            _ => rng.between(settle_time_ms, 3 * settle_time_ms),
        };
        let horizon_ms = rng.between(MINUTE_MS, 5 * MINUTE_MS);
        let day_long_bus_outage = !few_faults && rng.chance(8);
        let one_failing_ticket = few_faults && rng.chance(500);
        let list_lag_ms = if one_failing_ticket { 0 } else { list_lag_ms };
        let unresponsive = (few_faults && !one_failing_ticket).then(|| *rng.pick(&["alibaba", "huawei"]));
        let outages = match unresponsive {
            Some(vendor) => vec![Outage {
                target: CallTarget::Vendor(vendor),
                from_ms: 0,
                to_ms: horizon_ms,
                fault: InjectedFault::Hang(FaultTiming::Before),
            }],
            None if day_long_bus_outage => vec![Outage {
                target: CallTarget::Bus,
                from_ms: 0,
                to_ms: DAY_MS,
                fault: *rng.pick(&[
                    InjectedFault::Malformed(MalformedAnswer::Status, FaultTiming::Before),
                    InjectedFault::Partial,
                ]),
            }],
            None if one_failing_ticket => Vec::new(),
            None => outages(rng, horizon_ms),
        };
        let mut plan = Self {
            rates,
            settle_time_ms,
            list_lag_ms,
            horizon_ms,
            outages,
            degraded: (!few_faults && rng.chance(150)).then(|| *rng.pick(&DEGRADABLE)),
            callers: rng.between(1, 3),
            vendor_people: rng.below(8),
            refreshes: u64::from(rng.chance(350)),
            reuses_key: rng.chance(80),
            day_long_bus_outage,
            unresponsive,
            one_failing_ticket,
            files: 0,
            deletes: false,
            vendors: VendorBehaviour::default(),
            process_clock_ms: 0,
            sleeps: 0,
            rotators: 0,
            account_admins: 0,
            rebuilds: 0,
            crash: None,
        };
        if one_failing_ticket {
            plan.vendors = VendorBehaviour::failing_ticket_only(rng);
        } else if !few_faults {
            plan.vendors = VendorBehaviour::draw(rng, list_lag_ms);
            plan.process_clock_ms = if rng.chance(200) { rng.between(1, settle_time_ms / 10) } else { 0 };
            plan.sleeps = if rng.chance(200) { 15 } else { 0 };
        }
        plan.rotators = u64::from(rng.chance(200));
        plan.account_admins = u64::from(!few_faults && rng.chance(150));
        plan.rebuilds = u64::from(rng.chance(250));
        // A close waits for files, which are tried again later than a ticket.
        plan.files = if !one_failing_ticket && rng.chance(400) { 400 } else { 0 };
        plan.deletes = plan.may_rest() && rng.chance(120);
        plan
    }

    /// The fault rates at `point`.
    pub fn rates_at(&self, point: &IoPoint) -> FaultRates {
        let operation = point.split_once(": ").and_then(|(_, call)| call.split(' ').next());
        let is_degraded = self.degraded.is_some() && self.degraded == operation;
        let aws = if is_degraded { DEGRADED_PERMILLE } else { self.rates.aws };
        FaultRates { aws, ..self.rates }
    }

    /// How many texts of support are longer than an item of the table, in a thousand. Nearly nothing but their parts is
    /// written by `BatchWriteItem`.
    pub fn long_texts_permille(&self) -> u64 {
        if self.degraded == Some("BatchWriteItem") { 500 } else { 10 }
    }

    /// Whether a list may lag longer than the settle time.
    pub fn lag_exceeds_settle_time(&self) -> bool {
        self.list_lag_ms > self.settle_time_ms
    }

    /// Whether every text stays in a form that decoding makes equal, with its time and its row.
    pub fn texts_stay_readable(&self) -> bool {
        let VendorBehaviour { rewrite, moderates, odd_rows, clock_ms, .. } = &self.vendors;
        let is_decoded = matches!(rewrite, None | Some(TextRewrite::Escape | TextRewrite::RichText));
        is_decoded && !moderates && *odd_rows == 0 && *clock_ms == 0 && self.process_clock_ms == 0 && self.sleeps == 0
    }

    /// The settle time by the worst clocks.
    fn shortest_settle_time_ms(&self) -> u64 {
        self.settle_time_ms.saturating_sub(2 * self.process_clock_ms)
    }

    /// The longest time between a disconnect and the effect of its request, where the invocation has `left_ms` left.
    /// Together with the lag it stays within the settle time, unless the lags of this schedule exceed it.
    pub fn longest_effect_delay_ms(&self, left_ms: u64) -> u64 {
        if self.lag_exceeds_settle_time() { left_ms } else { left_ms.min(self.shortest_settle_time_ms()) }
    }

    /// The longest sleep of a process that has `left_ms` left: what it sent wakes up, and becomes visible, within the
    /// settle time after its lease.
    pub fn longest_sleep_ms(&self, left_ms: u64) -> u64 {
        left_ms + self.shortest_settle_time_ms() / 2
    }

    /// The lag of a ticket or message whose process slept.
    pub fn lag_after_sleep_ms(&self, lag_ms: u64) -> u64 {
        lag_ms.min(self.shortest_settle_time_ms() / 2)
    }

    /// The lag of a ticket or message whose request took effect `effect_after_ms` after the disconnect.
    pub fn lag_after_delayed_effect(&self, effect_after_ms: u64, lag_ms: u64, is_message: bool) -> u64 {
        if self.lag_exceeds_settle_time() && !is_message {
            lag_ms
        } else {
            lag_ms.min(self.shortest_settle_time_ms().saturating_sub(effect_after_ms))
        }
    }

    /// The longest lag. A message lags no longer than the settle time: after that the product does not read it again.
    pub fn longest_lag_ms(&self, is_message: bool) -> u64 {
        if is_message || !self.lag_exceeds_settle_time() {
            self.list_lag_ms.min(self.shortest_settle_time_ms())
        } else {
            self.list_lag_ms
        }
    }

    /// Whether every account works as soon as the faults pause.
    fn may_rest(&self) -> bool {
        let is_slow = self.vendors.calls_per_second.is_some() || self.vendors.failing_ticket.is_some();
        !is_slow && self.unresponsive.is_none() && !self.refuses_keys()
    }

    /// Whether a vendor refuses keys for a time.
    pub fn refuses_keys(&self) -> bool {
        self.outages.iter().any(|outage| outage.fault == InjectedFault::RefusedKeys)
    }

    /// The fault of an outage of `target` at `now_ms`, if there is one.
    pub fn outage(&self, target: CallTarget, now_ms: u64) -> Option<InjectedFault> {
        let hit = |outage: &&Outage| outage.target == target && (outage.from_ms..outage.to_ms).contains(&now_ms);
        self.outages.iter().find(hit).map(|outage| outage.fault)
    }
}

fn outages(rng: &mut Rng, horizon_ms: u64) -> Vec<Outage> {
    let mut outages = Vec::new();
    let mut add = |rng: &mut Rng, target, longest_ms, faults: &[InjectedFault]| {
        let from_ms = rng.below(horizon_ms);
        let to_ms = from_ms + rng.between(1000, longest_ms);
        outages.push(Outage { target, from_ms, to_ms, fault: *rng.pick(faults) });
    };
    let unreachable = [
        InjectedFault::Hang(FaultTiming::Before),
        InjectedFault::Disconnect(FaultTiming::Before),
        InjectedFault::Malformed(MalformedAnswer::Html, FaultTiming::Before),
    ];
    for vendor in ["alibaba", "huawei"] {
        if rng.chance(100) {
            add(rng, CallTarget::Vendor(vendor), horizon_ms, &unreachable);
        }
    }
    if rng.chance(40) {
        let vendor = *rng.pick(&["alibaba", "huawei"]);
        add(rng, CallTarget::Vendor(vendor), horizon_ms, &[InjectedFault::RefusedKeys]);
    }
    if rng.chance(60) {
        add(
            rng,
            CallTarget::Aws,
            MINUTE_MS,
            &[InjectedFault::Malformed(MalformedAnswer::Status, FaultTiming::Before), InjectedFault::Throttle],
        );
    }
    if rng.chance(100) {
        let faults = [
            InjectedFault::Malformed(MalformedAnswer::Status, FaultTiming::Before),
            InjectedFault::Throttle,
            InjectedFault::Partial,
        ];
        add(rng, CallTarget::Bus, 20 * MINUTE_MS, &faults);
    }
    outages
}
