//! Time that a test lets pass.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use shared::clock::{Clock, SystemClock};

/// Longer than the lease of any invocation.
pub const LEASE: Duration = Duration::from_mins(1);
/// Longer than a lease and the default settle time after it.
pub const SETTLE_TIME: Duration = Duration::from_mins(17);
/// The setting of a stack without settle time: what the vendor does not show does not exist.
pub const NO_SETTLE_TIME: [(&str, &str); 1] = [("SETTLE_TIME_MS", "0")];
/// Longer than the pause of an account whose keys were refused.
pub const REFUSED_KEYS_PAUSE: Duration = Duration::from_mins(61);
/// The time for which the conversation of an open ticket is not read again.
pub const CACHED: Duration = Duration::from_secs(10);
/// A day.
pub const DAY: Duration = Duration::from_hours(24);

/// The machine's clock, set forward. Deadlines of invocations stay on the machine's clock.
#[derive(Clone, Default)]
pub struct TestClock {
    ahead_ms: Arc<AtomicI64>,
}

impl TestClock {
    /// Lets time pass at once.
    pub fn advance(&self, by: Duration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap();
        self.ahead_ms.fetch_add(by_ms, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        SystemClock.now_ms() + self.ahead_ms.load(Ordering::Relaxed)
    }
}

/// Waits until `done`, and fails the test when that takes too long.
#[track_caller]
pub fn until(what: &str, done: impl Fn() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        for _ in 0..4_000 {
            if done() {
                return;
            }
            // Another task works meanwhile, on the machine's clock.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{what}: not seen in time, at {caller}");
    }
}
