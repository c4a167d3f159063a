//! The metrics and the log line of one operation at a vendor, with all its attempts.

use std::future::Future;

use tokio::time::Instant;

use super::Effect;
use crate::{
    domain::Vendor,
    error::{Error, ErrorKind, Result},
    telemetry::{metrics, ms_since},
    vendors::Access,
};

/// Measures one operation from its first attempt to its end.
pub(super) struct CallMetrics<'a> {
    access: &'a Access,
    of: [&'static str; 2],
    started: Instant,
    attempts: u32,
}

impl<'a> CallMetrics<'a> {
    pub fn begin(access: &'a Access, vendor: Vendor, operation: &'static str) -> Self {
        let of = [vendor.as_str(), operation];
        // Counted before the call, so that a call that is cancelled counts too.
        metrics::VENDOR_CALLS.add(of, 1);
        Self { access, of, started: Instant::now(), attempts: 0 }
    }

    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Measures one attempt.
    pub async fn attempt<T>(&mut self, call: impl Future<Output = Result<T>>) -> Result<T> {
        if self.attempts > 0 {
            metrics::VENDOR_RETRIES.add(self.of, 1);
        }
        self.attempts += 1;
        let started = Instant::now();
        let done = call.await;
        let pace = &self.access.pace;
        // Every throttled call is an attempt; the last one was not repeated where its refusal is the result.
        let throttled = pace.take_throttled_ms();
        let is_throttled = done.as_ref().is_err_and(|error| error.kind() == ErrorKind::RateLimited);
        let repeated = throttled.len().saturating_sub(usize::from(is_throttled));
        let took_ms = ms_since(started).saturating_sub(pace.take_waited_ms() + throttled.iter().sum::<u64>());
        let last = (!is_throttled).then_some(took_ms);
        throttled.iter().copied().chain(last).for_each(|ms| metrics::VENDOR_LATENCY.observe(self.of, ms));
        for (metric, count) in [(metrics::VENDOR_THROTTLES, throttled.len()), (metrics::VENDOR_RETRIES, repeated)] {
            if count > 0 {
                metric.add(self.of, u64::try_from(count).unwrap_or(u64::MAX));
            }
        }
        done
    }

    /// Ends with `done`. Writes and failures are logged as information; reads, of which there are many, for debugging.
    pub fn end<T>(self, effect: Effect, done: Result<T>) -> Result<T> {
        let [vendor, operation] = self.of;
        let code = done.as_ref().err().map(Error::code);
        if let Some(class) = code {
            metrics::VENDOR_ERRORS.add([vendor, operation, class], 1);
        }
        let (account, attempts, duration_ms) = (&self.access.account, self.attempts, ms_since(self.started));
        if code.is_some() || effect == Effect::Write {
            tracing::info!(
                vendor, operation, account.id = %account, attempts, duration_ms, code,
                "A vendor was called."
            );
        } else {
            tracing::debug!(vendor, operation, account.id = %account, attempts, duration_ms, "A vendor was called.");
        }
        done
    }
}
