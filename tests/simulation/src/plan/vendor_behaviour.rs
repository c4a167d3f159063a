//! What the vendors and their customers do in a schedule, apart from calls that fail by chance.

use simulators::TextRewrite;

use crate::{
    io::injected_fault::{FaultTiming, InjectedFault, MalformedAnswer},
    plan::MINUTE_MS,
    rng::Rng,
};

/// What the vendors and their customers do.
#[derive(Clone, Debug, Default)]
pub struct VendorBehaviour {
    /// How the vendors change the texts of new tickets and messages.
    pub rewrite: Option<TextRewrite>,
    /// Whether they mask, cut, delete and repeat texts that they have shown.
    pub moderates: bool,
    /// Messages that a vendor without ids of messages accepts and loses, in a thousand.
    pub lost_messages: u64,
    /// New tickets and messages whose rows have a defect, in a thousand.
    pub odd_rows: u64,
    /// The longest time from when a list shows a new ticket until a search by text finds it.
    pub search_lag_ms: u64,
    /// The longest time for which the index of a list stops; 0 for never.
    pub index_stops_ms: u64,
    /// The number of tickets that customers open in the consoles.
    pub console_tickets: u64,
    /// How far the vendors' clock is ahead of ours.
    pub clock_ms: i64,
    /// How many calls a second a customer may make; `None` for any number.
    pub calls_per_second: Option<u32>,
    /// A ticket of which each call fails.
    pub failing_ticket: Option<FailingTicket>,
}

/// A ticket of which each call fails.
#[derive(Clone, Copy, Debug)]
pub struct FailingTicket {
    /// Its vendor.
    pub vendor: &'static str,
    /// Its place among the vendor's tickets, from 0.
    pub place: usize,
    /// The fault of the calls.
    pub fault: InjectedFault,
    /// Whether the calls fail until the end of the schedule, also after the other faults have stopped.
    pub is_lasting: bool,
}

/// A difference of clocks that vendors accept.
const CLOSE_CLOCKS_MS: [i64; 4] = [-60_000, -3_000, 3_000, 60_000];

/// A difference of clocks with which the vendors refuse each signature.
const FAR_CLOCK_MS: i64 = 20 * 60_000;

/// What a vendor may do with a text.
pub const REWRITES: [fn() -> TextRewrite; 6] = [
    || TextRewrite::Escape,
    || TextRewrite::RichText,
    || TextRewrite::Mask,
    || TextRewrite::Cut { chars: 12 },
    || TextRewrite::NoEmoji,
    || TextRewrite::Append { line: "-- sent by API".to_owned() },
];

impl VendorBehaviour {
    /// The behaviour of a seed. `list_lag_ms` is the longest lag of the lists.
    pub fn draw(rng: &mut Rng, list_lag_ms: u64) -> Self {
        let clock_ms = match rng.below(20) {
            0..=3 => *rng.pick(&CLOSE_CLOCKS_MS),
            4 => FAR_CLOCK_MS,
            _ => 0,
        };
        Self {
            rewrite: rng.chance(250).then(|| rng.pick(&REWRITES)()),
            moderates: rng.chance(150),
            lost_messages: if rng.chance(60) { 300 } else { 0 },
            odd_rows: if rng.chance(120) { 150 } else { 0 },
            search_lag_ms: if rng.chance(150) { rng.between(1, 30 * MINUTE_MS) } else { 0 },
            index_stops_ms: if rng.chance(150) { list_lag_ms.max(MINUTE_MS) } else { 0 },
            console_tickets: if rng.chance(250) { rng.between(1, 3) } else { 0 },
            clock_ms,
            calls_per_second: rng.chance(100).then(|| *rng.pick(&[1, 2, 5])),
            failing_ticket: rng.chance(100).then(|| FailingTicket::draw(rng)),
        }
    }

    /// Nothing but a ticket of which each call fails, and tickets of the console.
    pub fn failing_ticket_only(rng: &mut Rng) -> Self {
        let failing_ticket = Some(FailingTicket { place: 0, is_lasting: true, ..FailingTicket::draw(rng) });
        Self { console_tickets: rng.between(0, 2), failing_ticket, ..Self::default() }
    }
}

impl FailingTicket {
    fn draw(rng: &mut Rng) -> Self {
        let faults = [
            InjectedFault::Hang(FaultTiming::Before),
            InjectedFault::Malformed(MalformedAnswer::Status, FaultTiming::Before),
            InjectedFault::Malformed(MalformedAnswer::Html, FaultTiming::Before),
            InjectedFault::Malformed(MalformedAnswer::TruncatedJson, FaultTiming::Before),
        ];
        Self {
            vendor: *rng.pick(&["alibaba", "huawei"]),
            place: usize::try_from(rng.below(3)).unwrap_or_default(),
            fault: *rng.pick(&faults),
            is_lasting: rng.chance(300),
        }
    }
}
