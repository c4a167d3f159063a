//! The pace of an account's calls to its vendor: calls are spaced in time, and the space adapts to the vendor's limit.
//!
//! No vendor publishes its limits. The pace starts at 5 calls a second, halves when the vendor throttles a call, and
//! grows by one call a second in each minute of use while it does not (additive increase, multiplicative decrease).
//! It is kept at the account, which every function reads anyway. Several functions may call for one account at once;
//! each spaces its own calls. When their sum is more than the vendor takes, each of them is throttled and halves,
//! until the sum fits.

mod account_pace;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::{Instant, sleep_until};

use self::account_pace::AccountPace;
pub use self::account_pace::{FASTEST, SLOWEST, START};
use crate::{
    clock::Clock,
    domain::{Account, AccountId},
    ids::{self, Random},
};

/// Where an account's pace is kept.
#[async_trait]
pub trait PaceStore: Send + Sync {
    /// Keeps the pace, in calls a minute, and until when the vendor asks to wait, Unix milliseconds. A failure is only
    /// logged: the next throttled call writes it again.
    async fn store_pace(&self, account: &AccountId, calls_per_minute: u32, wait_until_ms: Option<i64>);
}

/// The paces of all accounts in this process.
pub struct Paces {
    accounts: Mutex<HashMap<AccountId, Arc<AccountPace>>>,
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn PaceStore>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Paces {
    /// Paces that are kept in `store`; `random` gives the jitter.
    pub fn new(store: Arc<dyn PaceStore>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { accounts: Mutex::default(), shared: Arc::new(Shared { store, clock, random }) }
    }

    /// The pace of the account, with what is stored there if that is new.
    pub fn of(&self, account: &Account) -> CallPace {
        let pace = {
            let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(accounts.entry(account.id.clone()).or_default())
        };
        pace.adopt(account.calls_per_minute);
        let wait_ms = account.wait_until.unwrap_or_default() - self.shared.clock.now_ms();
        let asked_to_wait = u64::try_from(wait_ms).ok().filter(|wait_ms| *wait_ms > 0);
        CallPace {
            account: account.id.clone(),
            pace,
            shared: Arc::clone(&self.shared),
            not_before: asked_to_wait.map(|wait_ms| Instant::now() + Duration::from_millis(wait_ms)),
            yields: false,
            counters: Arc::default(),
        }
    }

    /// The account's pace, calls a minute, where it differs notably from the stored one.
    pub fn changed(&self, account: &Account) -> Option<u32> {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = accounts.get(&account.id)?.calls_per_minute();
        let stored = account.calls_per_minute.unwrap_or(START);
        (now.abs_diff(stored) * 4 >= stored).then_some(now)
    }

    /// Records that the account's pace was stored.
    pub fn kept(&self, account: &AccountId, calls_per_minute: u32) {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pace) = accounts.get(account) {
            pace.kept(calls_per_minute);
        }
    }
}

/// The pace as the calls of one operation use it.
#[derive(Clone)]
pub struct CallPace {
    account: AccountId,
    pace: Arc<AccountPace>,
    shared: Arc<Shared>,
    /// The end of the wait that the vendor asked for.
    not_before: Option<Instant>,
    /// Whether it leaves half of the calls to others.
    yields: bool,
    counters: Arc<Counters>,
}

/// What the calls of one operation met.
#[derive(Debug, Default)]
struct Counters {
    /// How long each throttled call took, milliseconds.
    throttled_ms: Mutex<Vec<u64>>,
    waited_ms: AtomicU64,
}

impl fmt::Debug for CallPace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallPace").field("pace", &self.pace).field("yields", &self.yields).finish_non_exhaustive()
    }
}

/// Why a call can't be made in time.
#[derive(Clone, Copy, Debug)]
pub struct NoTimeForCall {
    /// The rest of the wait that the vendor asked for, if that is the reason.
    pub asked_to_wait: Option<Duration>,
}

impl CallPace {
    /// The same pace for calls of the least importance: they take every second slot only, and keep nothing at the
    /// account.
    #[must_use]
    pub fn yielding(self) -> Self {
        Self { yields: true, ..self }
    }

    /// The same pace with counters of its own.
    #[must_use]
    pub fn for_operation(&self) -> Self {
        Self { counters: Arc::default(), ..self.clone() }
    }

    /// Waits for the slot of the next call, and gives the time then.
    ///
    /// # Errors
    /// When the slot is not before `deadline`; it is left to others.
    pub async fn next_slot(&self, deadline: Instant) -> Result<Instant, NoTimeForCall> {
        let now = Instant::now();
        if let Some(end) = self.not_before.filter(|end| *end > now && *end >= deadline) {
            return Err(NoTimeForCall { asked_to_wait: Some(end - now) });
        }
        let slots = if self.yields { 2 } else { 1 };
        let slot = self.pace.take_slot(self.not_before.unwrap_or(now).max(now), deadline, slots);
        let slot = slot.ok_or(NoTimeForCall { asked_to_wait: None })?;
        if slot > now {
            // The shortest sleep takes a millisecond.
            sleep_until(slot).await;
        }
        let waited_ms = u64::try_from(now.elapsed().as_millis()).unwrap_or_default();
        self.counters.waited_ms.fetch_add(waited_ms, Ordering::Relaxed);
        Ok(slot.max(now))
    }

    /// Records a call that was not throttled.
    pub fn record_success(&self) {
        self.pace.grow();
    }

    /// Records that the call of `sent` was throttled, and gives the slot of the next try: after the vendor's hint,
    /// and after a part of the pace, so that several processes don't meet again. A hint beyond `deadline` is kept at
    /// the account.
    pub async fn record_throttled(&self, sent: Instant, hint: Option<Duration>, deadline: Instant) -> Option<Instant> {
        let took_ms = u64::try_from(sent.elapsed().as_millis()).unwrap_or_default();
        self.counters.throttled_ms.lock().unwrap_or_else(PoisonError::into_inner).push(took_ms);
        let jitter = 0.5 + ids::fraction(&*self.shared.random).unwrap_or(0.5) / 2.0;
        let next = self.pace.slow_down(sent, hint.unwrap_or_default(), jitter);
        let wait_until_ms = hint.filter(|_| next.at >= deadline).map(|hint| {
            let hint_ms = i64::try_from(hint.as_millis()).unwrap_or(i64::MAX);
            self.shared.clock.now_ms().saturating_add(hint_ms)
        });
        if !self.yields && (next.is_slower || wait_until_ms.is_some()) {
            // The call waits all the same, so this delays nobody.
            let per_minute = self.pace.calls_per_minute();
            self.pace.kept(per_minute);
            self.shared.store.store_pace(&self.account, per_minute, wait_until_ms).await;
        }
        if next.at >= deadline {
            return None;
        }
        self.pace.not_before(next.at);
        Some(next.at)
    }

    /// How long each throttled call of this operation took since this was last asked for, milliseconds.
    pub fn take_throttled_ms(&self) -> Vec<u64> {
        std::mem::take(&mut *self.counters.throttled_ms.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How long the calls of this operation waited for their slots since this was last asked for, milliseconds.
    pub fn take_waited_ms(&self) -> u64 {
        self.counters.waited_ms.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
