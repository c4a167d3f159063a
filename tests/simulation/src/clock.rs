//! Virtual time: a fixed start plus the time of the runtime's paused clock, which advances only when no task can run.

use std::sync::Arc;

use tokio::time::Instant;

/// When every schedule begins, Unix milliseconds (2026-10-01, 08:00 UTC).
pub const EPOCH_MS: i64 = 1_790_841_600_000;

/// The clock of one schedule.
#[derive(Clone, Copy, Debug)]
pub struct VirtualClock {
    start: Instant,
    ahead_ms: i64,
}

impl VirtualClock {
    /// A clock that starts now. Must be called inside the schedule's runtime.
    pub fn start() -> Self {
        Self { start: Instant::now(), ahead_ms: 0 }
    }

    /// A clock that is ahead of this one.
    pub fn ahead(self, ahead_ms: i64) -> Self {
        Self { ahead_ms: self.ahead_ms + ahead_ms, ..self }
    }

    /// Milliseconds since the schedule began.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        EPOCH_MS.saturating_add_unsigned(self.elapsed_ms()) + self.ahead_ms
    }

    /// The same clock for the embedded DynamoDB.
    pub fn for_table(self) -> Arc<dyn dynoxide::storage_backend::Clock> {
        Arc::new(self)
    }
}

impl shared::clock::Clock for VirtualClock {
    fn now_ms(&self) -> i64 {
        VirtualClock::now_ms(self)
    }
}

impl dynoxide::storage_backend::Clock for VirtualClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.now_ms() / 1000).unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "a time of this century fits")]
    fn now_unix_secs_f64(&self) -> f64 {
        self.now_ms() as f64 / 1000.0
    }
}
