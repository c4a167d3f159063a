//! Injected faults: drawn from the schedule's seed, carried out by the clients in this folder.

use crate::rng::Rng;

/// Whether a fault comes before or after the effect of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultTiming {
    /// Nothing was done.
    Before,
    /// It was done; the caller got no answer.
    After,
}

impl FaultTiming {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// The fault of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectedFault {
    /// The call is done and answered.
    NoFault,
    /// The process crashes.
    Crash(FaultTiming),
    /// The connection is reset.
    Disconnect(FaultTiming),
    /// The connection is reset, and the call takes effect that many milliseconds later.
    DelayedEffect(u64),
    /// There is no answer.
    Hang(FaultTiming),
    /// The process sleeps that many milliseconds, before or after the effect, and then goes on.
    Sleep(FaultTiming, u64),
    /// The vendor or service throttles it.
    Throttle,
    /// The vendor refuses the keys.
    RefusedKeys,
    /// An answer that does not say what was done.
    Malformed(MalformedAnswer, FaultTiming),
    /// Only a part of a batch is done, or each entry of a `PutEvents` is refused by itself.
    Partial,
}

/// An answer that does not say what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MalformedAnswer {
    /// A 5xx.
    Status,
    /// A proxy's HTML page.
    Html,
    /// No body.
    Empty,
    /// Truncated JSON.
    TruncatedJson,
    /// JSON of another shape.
    WrongShape,
}

/// The fault of a call and its durations.
#[derive(Clone, Copy, Debug)]
pub struct CallPlan {
    /// The fault.
    pub fault: InjectedFault,
    /// From the request to the effect, milliseconds.
    pub request_ms: u64,
    /// From the effect to the response, milliseconds.
    pub response_ms: u64,
}

/// Fault rates, in a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub struct FaultRates {
    /// Calls to AWS with a fault.
    pub aws: u64,
    /// Calls to vendors with a fault.
    pub vendor: u64,
    /// Invocations that crash at some call.
    pub crash: u64,
    /// Slow calls without a fault.
    pub slow: u64,
}

const SIDES: [FaultTiming; 2] = [FaultTiming::Before, FaultTiming::After];

/// The longest time between a disconnect and the effect of a call to AWS. The SDK's own attempt ends after 3 s.
const LONGEST_AWS_EFFECT_DELAY_MS: u64 = 4_000;

/// The plan of a call to AWS, without crashes.
pub fn draw_for_aws(rng: &mut Rng, rates: &FaultRates) -> CallPlan {
    let request_ms = rng.between(1, 6);
    let response_ms = rng.between(1, 6);
    let fault = if rng.chance(rates.aws) {
        let timing = *rng.pick(&SIDES);
        match rng.below(7) {
            0 | 1 => InjectedFault::Disconnect(timing),
            2 => InjectedFault::DelayedEffect(rng.between(1, LONGEST_AWS_EFFECT_DELAY_MS)),
            3 => InjectedFault::Hang(timing),
            4 => InjectedFault::Throttle,
            5 => InjectedFault::Partial,
            _ => InjectedFault::Malformed(MalformedAnswer::Status, timing),
        }
    } else if rng.chance(rates.slow) {
        return CallPlan {
            fault: InjectedFault::NoFault,
            request_ms: rng.between(1, 1500),
            response_ms: rng.between(1, 1500),
        };
    } else {
        InjectedFault::NoFault
    };
    CallPlan { fault, request_ms, response_ms }
}

/// The plan of a call to a vendor, without crashes. A delayed effect comes within `longest_effect_delay_ms`.
pub fn draw_for_vendor(rng: &mut Rng, rates: &FaultRates, longest_effect_delay_ms: u64) -> CallPlan {
    let request_ms = rng.between(10, 150);
    let response_ms = rng.between(10, 150);
    let fault = if rng.chance(rates.vendor) {
        let timing = *rng.pick(&SIDES);
        match rng.below(10) {
            0 | 1 => InjectedFault::Disconnect(timing),
            2 => InjectedFault::DelayedEffect(rng.between(1, longest_effect_delay_ms.max(1))),
            3 => InjectedFault::Hang(timing),
            4 => InjectedFault::Throttle,
            5 => InjectedFault::Malformed(MalformedAnswer::Status, timing),
            6 => InjectedFault::Malformed(MalformedAnswer::Html, timing),
            7 => InjectedFault::Malformed(MalformedAnswer::Empty, timing),
            8 => InjectedFault::Malformed(MalformedAnswer::TruncatedJson, timing),
            _ => InjectedFault::Malformed(MalformedAnswer::WrongShape, timing),
        }
    } else if rng.chance(rates.slow) {
        return CallPlan {
            fault: InjectedFault::NoFault,
            request_ms: rng.between(100, 6000),
            response_ms: rng.between(100, 6000),
        };
    } else {
        InjectedFault::NoFault
    };
    CallPlan { fault, request_ms, response_ms }
}
