//! The metrics and the log line of one operation at a vendor, with all its attempts.

use std::future::Future;

use tokio::time::Instant;

use super::Effect;
use crate::{
    domain::Vendor,
    error::{Error, Result},
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
        metrics::VENDOR_LATENCY.observe(self.of, ms_since(started).saturating_sub(pace.take_waited_ms()));
        let throttled = pace.take_throttled();
        if throttled > 0 {
            metrics::VENDOR_THROTTLES.add(self.of, throttled);
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
