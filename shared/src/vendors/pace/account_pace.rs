//! The pace of one account in this process: the time of the next call, and the calls a minute.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::seeded_bugs::{self, SeededBug};

/// Calls a minute of an account that was never throttled: 5 a second.
pub const START: u32 = 300;
/// The fewest calls a minute: one in 5 seconds.
pub const SLOWEST: u32 = 12;
/// The most calls a minute: 100 a second.
pub const FASTEST: u32 = 6_000;
/// After a pause, the calls of this time are made at once: 10 at the fastest pace, one at a pace of 10 a second or
/// less. A vendor that counts the calls of each second sees at most a tenth more than the pace.
const BURST: Duration = Duration::from_millis(100);
/// How many calls a minute are added in each minute of use.
const GROWTH: f64 = 60.0;

/// The pace of one account.
#[derive(Debug)]
pub struct AccountPace(Mutex<State>);

#[derive(Debug)]
struct State {
    per_minute: f64,
    /// The time of the next call if no burst is due.
    next_call: Option<Instant>,
    slowed_at: Option<Instant>,
    /// The pace in the account's item when that was last read.
    read: Option<u32>,
    /// The pace that this process stored last.
    kept: Option<u32>,
}

/// When a throttled call may be sent again.
#[derive(Clone, Copy, Debug)]
pub struct NextTry {
    pub at: Instant,
    /// Whether the pace is another one now.
    pub is_slower: bool,
}

impl Default for AccountPace {
    fn default() -> Self {
        let per_minute = f64::from(START);
        Self(Mutex::new(State { per_minute, next_call: None, slowed_at: None, read: None, kept: None }))
    }
}

impl AccountPace {
    /// Takes over the pace in the account's item, if another process wrote it since it was last read. An account that
    /// was read before this process wrote its own pace has an old one.
    pub fn adopt(&self, stored: Option<u32>) {
        let mut state = self.lock();
        if stored == state.read || stored.is_none() {
            return;
        }
        state.read = stored;
        if let Some(per_minute) = stored.filter(|_| stored != state.kept) {
            state.per_minute = f64::from(per_minute.clamp(SLOWEST, FASTEST));
        }
    }

    /// Takes the next slot from `earliest` on, and leaves `slots - 1` behind it free. `None` when that would not be
    /// before `deadline`.
    pub fn take_slot(&self, earliest: Instant, deadline: Instant, slots: u32) -> Option<Instant> {
        let mut state = self.lock();
        let next_call = state.next_call.map_or(earliest, |next| next.max(earliest));
        let slot = next_call.checked_sub(state.burst()).map_or(earliest, |slot| slot.max(earliest));
        if slot > earliest && slot >= deadline {
            return None;
        }
        state.next_call = Some(next_call + state.gap() * slots);
        Some(slot)
    }

    pub fn grow(&self) {
        let mut state = self.lock();
        state.per_minute = (state.per_minute + GROWTH / state.per_minute).min(f64::from(FASTEST));
    }

    /// Halves the pace, once for all calls that were under way together. `jitter`: the part of the pace that a call
    /// waits at least before it is sent again.
    pub fn slow_down(&self, sent: Instant, hint: Duration, jitter: f64) -> NextTry {
        let (mut state, now) = (self.lock(), Instant::now());
        let is_slower = state.slowed_at.is_none_or(|at| sent >= at);
        let is_slower = is_slower && !seeded_bugs::enabled(SeededBug::ThrottlingIgnored);
        if is_slower {
            state.per_minute = (state.per_minute / 2.0).max(f64::from(SLOWEST));
            state.slowed_at = Some(now);
        }
        NextTry { at: now + hint.max(state.gap().mul_f64(jitter)), is_slower }
    }

    /// No call begins before `at`, and no burst then.
    pub fn not_before(&self, at: Instant) {
        let mut state = self.lock();
        let at = at + state.burst();
        state.next_call = Some(state.next_call.map_or(at, |next| next.max(at)));
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between SLOWEST and FASTEST")]
    pub fn calls_per_minute(&self) -> u32 {
        self.lock().per_minute.round() as u32
    }

    pub fn kept(&self, per_minute: u32) {
        self.lock().kept = Some(per_minute);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The time between two calls.
    fn gap(&self) -> Duration {
        Duration::from_secs_f64(60.0 / self.per_minute)
    }

    /// How much earlier than spaced a call may be.
    fn burst(&self) -> Duration {
        BURST.saturating_sub(self.gap())
    }
}
