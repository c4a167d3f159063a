//! What an operation at a vendor tells of itself: its metrics and its log line.

use std::future::Future;

use tokio::time::Instant;

use super::Repeat;
use crate::{
    domain::Vendor,
    error::{Error, ErrorKind, Result},
    telemetry::{metrics, ms_since},
    vendors::Access,
};

/// One operation under way.
pub(super) struct Watch<'a> {
    access: &'a Access,
    of: [&'static str; 2],
    started: Instant,
    attempts: u32,
}

impl<'a> Watch<'a> {
    pub fn begin(access: &'a Access, vendor: Vendor, operation: &'static str) -> Self {
        let of = [vendor.as_str(), operation];
        // Counted before it is made, so that one that is cut off counts too.
        metrics::VENDOR_CALLS.add(of, 1);
        Self { access, of, started: Instant::now(), attempts: 0 }
    }

    /// How many attempts were made.
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
        metrics::VENDOR_LATENCY.observe(self.of, ms_since(started));
        if done.as_ref().is_err_and(|error| error.kind() == ErrorKind::RateLimited) {
            metrics::VENDOR_THROTTLES.add(self.of, 1);
        }
        done
    }

    /// Ends with `done`. Writes and failures are told at once; of reads there are too many.
    pub fn end<T>(self, repeat: Repeat, done: Result<T>) -> Result<T> {
        let code = done.as_ref().err().map(Error::code);
        if let Some(class) = code {
            let [vendor, operation] = self.of;
            metrics::VENDOR_ERRORS.add([vendor, operation, class], 1);
        }
        let [vendor, operation] = self.of;
        let (account, attempts, duration_ms) = (&self.access.account, self.attempts, ms_since(self.started));
        if code.is_some() || repeat == Repeat::Write {
            tracing::info!(vendor, operation, account.id = %account, attempts, duration_ms, code, "A vendor was called.");
        } else {
            tracing::debug!(vendor, operation, account.id = %account, attempts, duration_ms, "A vendor was called.");
        }
        done
    }
}
