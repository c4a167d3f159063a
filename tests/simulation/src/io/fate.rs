//! What becomes of one call: decided by the schedule's seed, carried out by the doors.

use crate::rng::Rng;

/// On which side of its effect a call is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Nothing was done.
    Before,
    /// It was done; nobody was told.
    After,
}

impl Side {
    /// As it stands on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done and answered.
    Pass,
    /// The process dies.
    Crash(Side),
    /// The connection is cut.
    Cut(Side),
    /// The connection is cut, and the call takes effect that many milliseconds later.
    Late(u64),
    /// No answer ever comes.
    Hang(Side),
    /// The vendor or service throttles it.
    Throttle,
    /// An answer that says nothing about what was done.
    Garbled(Garbled, Side),
    /// Only a part of a batch is done, or each entry of a `PutEvents` is refused by itself.
    Partial,
}

/// An answer that says nothing about what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garbled {
    /// A 5xx.
    Status,
    /// A proxy's HTML page.
    Html,
    /// No body.
    Empty,
    /// JSON that breaks off.
    Rubbish,
    /// JSON of another shape.
    WrongShape,
}

/// A call's fate, and how long it is on its way to its effect and back.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// What becomes of it.
    pub fate: Fate,
    /// Before the effect, milliseconds.
    pub there_ms: u64,
    /// After it, milliseconds.
    pub back_ms: u64,
}

/// How often what goes wrong, in a thousand calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// Calls to AWS that go wrong.
    pub aws: u64,
    /// Calls to vendors that go wrong.
    pub vendor: u64,
    /// Invocations that crash at some I/O.
    pub crash: u64,
    /// Calls that take long but go well.
    pub slow: u64,
}

const SIDES: [Side; 2] = [Side::Before, Side::After];

/// The longest that a cut call to DynamoDB may still be on its way. The SDK's own attempt ends after 3 s.
const LATE_AWS_MS: u64 = 4_000;

/// The fate of a call to AWS, crashes apart.
pub fn of_aws(rng: &mut Rng, rates: &Rates) -> Decision {
    let there_ms = rng.between(1, 6);
    let back_ms = rng.between(1, 6);
    let fate = if rng.chance(rates.aws) {
        let side = *rng.pick(&SIDES);
        match rng.below(7) {
            0 | 1 => Fate::Cut(side),
            2 => Fate::Late(rng.between(1, LATE_AWS_MS)),
            3 => Fate::Hang(side),
            4 => Fate::Throttle,
            5 => Fate::Partial,
            _ => Fate::Garbled(Garbled::Status, side),
        }
    } else if rng.chance(rates.slow) {
        return Decision { fate: Fate::Pass, there_ms: rng.between(1, 1500), back_ms: rng.between(1, 1500) };
    } else {
        Fate::Pass
    };
    Decision { fate, there_ms, back_ms }
}

/// The fate of a call to a vendor, crashes apart. A request whose connection is cut takes effect within `latest_ms`.
pub fn of_vendor(rng: &mut Rng, rates: &Rates, latest_ms: u64) -> Decision {
    let there_ms = rng.between(10, 150);
    let back_ms = rng.between(10, 150);
    let fate = if rng.chance(rates.vendor) {
        let side = *rng.pick(&SIDES);
        match rng.below(10) {
            0 | 1 => Fate::Cut(side),
            2 => Fate::Late(rng.between(1, latest_ms.max(1))),
            3 => Fate::Hang(side),
            4 => Fate::Throttle,
            5 => Fate::Garbled(Garbled::Status, side),
            6 => Fate::Garbled(Garbled::Html, side),
            7 => Fate::Garbled(Garbled::Empty, side),
            8 => Fate::Garbled(Garbled::Rubbish, side),
            _ => Fate::Garbled(Garbled::WrongShape, side),
        }
    } else if rng.chance(rates.slow) {
        return Decision {
            fate: Fate::Pass,
            there_ms: rng.between(100, 6000),
            back_ms: rng.between(100, 6000),
        };
    } else {
        Fate::Pass
    };
    Decision { fate, there_ms, back_ms }
}
