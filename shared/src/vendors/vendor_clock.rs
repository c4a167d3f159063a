//! The time that requests to a vendor are signed with: ours, corrected by what the vendor's clock says.
//!
//! A vendor refuses a signature whose time is too far from its own. That is a matter of the clock and not of the
//! keys, so the offset is learned from the `Date` of the refusal, and the next call is right.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use http::header;
use jiff::fmt::rfc2822;

use super::answer::VendorAnswer;
use crate::{
    clock::Clock,
    error::Error,
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    telemetry::metrics,
};

/// The largest offset that is learned, milliseconds: a clock that is further off is a defect that must be seen.
const MAX_OFFSET_MS: i64 = 24 * 60 * 60 * 1000;

/// Our clock with the offset of one vendor's.
pub struct VendorClock {
    clock: Arc<dyn Clock>,
    offset_ms: AtomicI64,
}

impl VendorClock {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, offset_ms: AtomicI64::new(0) }
    }

    /// The time by our clock, Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The time to sign with, Unix milliseconds.
    pub fn signing_ms(&self) -> i64 {
        self.now_ms() + self.offset_ms.load(Ordering::Relaxed)
    }

    /// Learns the offset if `answer`, with that `refusal`, refuses the request's time. `true`: the request, which did
    /// nothing, may be signed and sent again. An answer without a readable `Date` teaches nothing.
    pub fn learn(&self, answer: &VendorAnswer, refusal: &Error) -> bool {
        if seeded_bugs::enabled(SeededBug::VendorTimeIgnored) || !refusal.is(ProblemCode::VendorClockRefused) {
            return false;
        }
        let date = answer.response.headers().get(header::DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| rfc2822::parse(date).ok()) else { return false };
        let offset_ms = date.timestamp().as_millisecond() - self.now_ms();
        let vendor = answer.operation.vendor;
        if offset_ms.abs() > MAX_OFFSET_MS {
            tracing::error!(%vendor, offset_ms, "The vendor's clock differs by more than a day; ours must be wrong.");
            return false;
        }
        metrics::CLOCKS_CORRECTED.add([], 1);
        tracing::warn!(%vendor, offset_ms, "The vendor refuses our time; requests are signed with its time now.");
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
        true
    }
}
