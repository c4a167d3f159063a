//! Retries of a vendor's operations. Knows kinds of errors, no vendor.

mod budget;
mod call_metrics;

pub use budget::{CAPACITY, REFILL_EVERY, RetryBudgets};

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use self::call_metrics::CallMetrics;
use super::Access;
use crate::{
    domain::Vendor,
    error::{Error, ErrorKind, Result, Retry},
    ids::{self, Random},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
};

/// The most attempts of one operation.
const MAX_ATTEMPTS: u32 = 3;
/// The upper bound of the first wait; it doubles with every attempt.
const BASE_WAIT: Duration = Duration::from_millis(200);

tokio::task_local! {
    /// The number of the vendor operation that this task runs. The simulation reads it, to distinguish a retry from
    /// another operation with an equal request.
    pub static OPERATION: u64;
}

/// Whether an operation changes anything at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing.
    Read,
    /// It can change something.
    Write,
}

/// Repeats operations when that is safe.
///
/// *Reads* are repeated on [`Retry::Yes`]. *Writes* are repeated only when the vendor certainly did nothing, because
/// the call did not reach it. Calls with refused keys are never repeated (Huawei locks a key after five bad
/// signatures), nor are throttled ones, which the [pace](super::pace) has repeated as long as there was time. There are
/// at most three attempts, with full jitter between them or the vendor's hint when that is longer. A wait that would
/// pass [`Access::deadline`] does not start: the error is returned, with the hint in its [`Retry::Yes`].
///
/// Every attempt after the first costs one token of the account's [`RetryBudgets`]: 10 at once, one more each 6 s,
/// over all operations of the account in this process. Without a token the error is returned.
pub struct Retries {
    random: Arc<dyn Random>,
    budgets: RetryBudgets,
    operations: AtomicU64,
}

impl Retries {
    /// Full budgets; `random` gives the jitter.
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self { random, budgets: RetryBudgets::default(), operations: AtomicU64::new(0) }
    }

    /// Runs `call` until it succeeds or must not be repeated, and records the metrics of `operation`.
    ///
    /// # Errors
    /// That of the last attempt.
    pub async fn run<T, F>(
        &self,
        access: &Access,
        vendor: Vendor,
        operation: &'static str,
        effect: Effect,
        mut call: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let attempts = if seeded_bugs::enabled(SeededBug::RetryWithoutBudget) { 12 } else { MAX_ATTEMPTS };
        let number = self.operations.fetch_add(1, Ordering::Relaxed);
        let mut metrics = CallMetrics::begin(access, vendor, operation);
        loop {
            let done = metrics.attempt(OPERATION.scope(number, call())).await;
            let wait = match &done {
                Err(error) if metrics.attempts() < attempts => self.wait(access, effect, metrics.attempts(), error),
                _ => None,
            };
            let Some(wait) = wait else {
                return metrics.end(effect, done);
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// The wait before the next attempt, paid with a token; `None` when the call must not be repeated.
    fn wait(&self, access: &Access, effect: Effect, attempt: u32, error: &Error) -> Option<Duration> {
        let hint = may_repeat(error, effect)?;
        // Without a source of randomness the vendor's error is returned, not retried.
        let jitter = BASE_WAIT.saturating_mul(1 << (attempt - 1)).mul_f64(ids::fraction(&*self.random).ok()?);
        let wait = jitter.max(hint);
        if wait >= access.remaining() {
            return None;
        }
        // The last check, so that only a real retry costs a token.
        let granted = self.budgets.take(&access.account);
        if !granted {
            tracing::info!(account.id = %access.account, "The account's budget of retries is used up.");
        }
        granted.then_some(wait)
    }
}

/// The shortest wait before the call may be repeated; `None` when it must not be.
fn may_repeat(error: &Error, effect: Effect) -> Option<Duration> {
    let Retry::Yes { after } = error.retry() else {
        let is_repeated = seeded_bugs::enabled(SeededBug::RepeatWriteWithoutAnswer)
            && error.retry() == Retry::OutcomeUnknown
            && error.kind() == ErrorKind::VendorUnavailable;
        return is_repeated.then_some(Duration::ZERO);
    };
    // The client itself repeats a throttled call, and a call once after it has learned the vendor's time.
    let is_final = matches!(error.kind(), ErrorKind::CredentialInvalid | ErrorKind::RateLimited);
    if is_final || error.is(ProblemCode::VendorClockRefused) {
        return None;
    }
    let nothing_done = error.is(ProblemCode::VendorUnreachable);
    match effect {
        Effect::Write if !nothing_done => None,
        Effect::Read | Effect::Write => Some(after.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests;
