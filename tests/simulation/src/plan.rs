//! What a seed decides before anything runs: how bad the world is, how long things take, and who will act.

use crate::{
    io::{
        fate::{Fate, Garbled, Rates, Side},
        point::Point,
    },
    process::Peer,
    rng::Rng,
};

/// A minute, milliseconds.
pub const MINUTE_MS: u64 = 60_000;

/// A day, milliseconds.
pub const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// The plan of one schedule.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often what goes wrong.
    pub rates: Rates,
    /// The product's setting.
    pub settle_time_ms: u64,
    /// How much later than its creation a ticket may appear in its vendor's list, or a message in its conversation, at the most.
    pub list_lag_ms: u64,
    /// Until when actors begin something new.
    pub horizon_ms: u64,
    /// Times when somebody does not answer.
    pub outages: Vec<Outage>,
    /// The operation of DynamoDB that fails more often than not.
    pub ailing: Option<&'static str>,
    /// How many callers create a ticket.
    pub callers: u64,
    /// How many things people do at the vendors.
    pub people: u64,
    /// How many catalog refreshes are started.
    pub refreshes: u64,
    /// Whether a caller uses a key again, for something else, once its life is over.
    pub returns: bool,
    /// Whether the bus is down for a day, whatever else has ended.
    pub bus_day: bool,
    /// The vendor that does not answer, where nothing else goes wrong.
    pub only_dead: Option<&'static str>,
    /// The one crash that this run is about, beside those of the seed.
    pub strike: Option<(Point, Side)>,
}

/// A time when somebody does not answer.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    peer: Peer,
    from_ms: u64,
    to_ms: u64,
    fate: Fate,
}

/// Operations that may ail. Where all calls fail alike, a failure that is swallowed is mended by the next one that is not; here the
/// rest of the invocation goes well.
const AILING: [&str; 6] =
    ["BatchGetItem", "BatchWriteItem", "GetItem", "Query", "TransactWriteItems", "UpdateItem"];

/// How often a call to an ailing operation goes wrong, in a thousand.
const AILING_PERMILLE: u64 = 600;

/// Settle times: from shorter than an invocation to the usual one.
const SETTLE_TIMES_MS: [u64; 4] = [20_000, MINUTE_MS, 3 * MINUTE_MS, 10 * MINUTE_MS];

impl Plan {
    /// The plan of a seed; `rng` is drawn from.
    pub fn draw(rng: &mut Rng) -> Self {
        let calm = rng.chance(60);
        let rates = match rng.below(4) {
            _ if calm => Rates::default(),
            0 => Rates { aws: 0, vendor: 0, crash: 500, slow: 30 },
            1 => Rates { aws: 25, vendor: 120, crash: 350, slow: 30 },
            2 => Rates { aws: 60, vendor: 60, crash: 150, slow: 100 },
            _ => Rates { aws: 10, vendor: 350, crash: 150, slow: 30 },
        };
        let settle_time_ms = *rng.pick(&SETTLE_TIMES_MS);
        let list_lag_ms = match rng.below(10) {
            0..=3 => 0,
            4..=8 => rng.between(0, settle_time_ms),
            _ => rng.between(settle_time_ms, 3 * settle_time_ms),
        };
        let horizon_ms = rng.between(MINUTE_MS, 5 * MINUTE_MS);
        let bus_day = !calm && rng.chance(8);
        let only_dead = calm.then(|| *rng.pick(&["alibaba", "huawei"]));
        let outages = match only_dead {
            Some(vendor) => vec![Outage {
                peer: Peer::Vendor(vendor),
                from_ms: 0,
                to_ms: horizon_ms,
                fate: Fate::Hang(Side::Before),
            }],
            None if bus_day => vec![Outage {
                peer: Peer::Bus,
                from_ms: 0,
                to_ms: DAY_MS,
                fate: *rng.pick(&[Fate::Garbled(Garbled::Status, Side::Before), Fate::Partial]),
            }],
            None => outages(rng, horizon_ms),
        };
        Self {
            rates,
            settle_time_ms,
            list_lag_ms,
            horizon_ms,
            outages,
            ailing: (!calm && rng.chance(150)).then(|| *rng.pick(&AILING)),
            callers: rng.between(1, 3),
            people: rng.below(8),
            refreshes: u64::from(rng.chance(350)),
            returns: rng.chance(80),
            bus_day,
            only_dead,
            strike: None,
        }
    }

    /// How often what goes wrong at `point`.
    pub fn rates_at(&self, point: &Point) -> Rates {
        let operation = point.split_once(": ").and_then(|(_, call)| call.split(' ').next());
        let ails = self.ailing.is_some() && self.ailing == operation;
        let aws = if ails { AILING_PERMILLE } else { self.rates.aws };
        Rates { aws, ..self.rates }
    }

    /// Whether a list may lag more than the settle time allows for.
    pub fn lags_beyond(&self) -> bool {
        self.list_lag_ms > self.settle_time_ms
    }

    /// How long after its connection was cut a request may take effect, at the most, where its invocation has `left_ms` left.
    /// What lies between the cut and the list is lag, so the settle time covers it unless this schedule goes beyond.
    pub fn latest_ms(&self, left_ms: u64) -> u64 {
        if self.lags_beyond() { left_ms } else { left_ms.min(self.settle_time_ms) }
    }

    /// How much later than its effect a ticket may be listed, or a message shown, whose request took effect `late_ms` after the cut.
    pub fn lag_after(&self, late_ms: u64, lag_ms: u64, is_message: bool) -> u64 {
        if self.lags_beyond() && !is_message {
            lag_ms
        } else {
            lag_ms.min(self.settle_time_ms.saturating_sub(late_ms))
        }
    }

    /// The longest lag. A message lags no longer than the settle time: after that nobody looks for it again.
    pub fn longest_lag_ms(&self, is_message: bool) -> u64 {
        if is_message { self.list_lag_ms.min(self.settle_time_ms) } else { self.list_lag_ms }
    }

    /// What a call to `peer` meets now, where nobody answers it.
    pub fn outage(&self, peer: Peer, now_ms: u64) -> Option<Fate> {
        let hit = |outage: &&Outage| outage.peer == peer && (outage.from_ms..outage.to_ms).contains(&now_ms);
        self.outages.iter().find(hit).map(|outage| outage.fate)
    }
}

fn outages(rng: &mut Rng, horizon_ms: u64) -> Vec<Outage> {
    let mut outages = Vec::new();
    let mut add = |rng: &mut Rng, peer, longest_ms, fates: &[Fate]| {
        let from_ms = rng.below(horizon_ms);
        let to_ms = from_ms + rng.between(1000, longest_ms);
        outages.push(Outage { peer, from_ms, to_ms, fate: *rng.pick(fates) });
    };
    let dead =
        [Fate::Hang(Side::Before), Fate::Cut(Side::Before), Fate::Garbled(Garbled::Html, Side::Before)];
    for vendor in ["alibaba", "huawei"] {
        if rng.chance(100) {
            add(rng, Peer::Vendor(vendor), horizon_ms, &dead);
        }
    }
    if rng.chance(60) {
        add(rng, Peer::Aws, MINUTE_MS, &[Fate::Garbled(Garbled::Status, Side::Before), Fate::Throttle]);
    }
    if rng.chance(100) {
        let fates = [Fate::Garbled(Garbled::Status, Side::Before), Fate::Throttle, Fate::Partial];
        add(rng, Peer::Bus, 20 * MINUTE_MS, &fates);
    }
    outages
}
