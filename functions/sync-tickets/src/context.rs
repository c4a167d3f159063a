//! What the steps of one account's sync share: its clients, its deadline, its circuit breaker, and the counts.

use std::{ops::Add, time::Duration};

use shared::{app::App, domain::Account, error::Result, invocation::Invocation, telemetry, vendors::Session};
use tokio::time::Instant;

use crate::circuit_breaker::CircuitBreaker;

/// The longest time of one reconciliation with its retries, so that a hanging vendor does not use a whole run.
pub const RECONCILE_TIME: Duration = Duration::from_secs(15);

/// The least remaining time with which a step may begin.
const LEAST_TIME: Duration = Duration::from_secs(3);

/// Numbers of steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncCounts {
    /// Unknown outcomes that were reconciled.
    pub reconciled: usize,
    /// Outcomes that are still unknown.
    pub unknown: usize,
    /// Tickets closed and archived.
    pub closed: usize,
    /// Status changes at the vendor.
    pub changed: usize,
    /// Tickets adopted from the vendor's console.
    pub adopted: usize,
    /// Steps that failed; the next run repeats them.
    pub failed: usize,
    /// Steps that were not begun: out of time, or the circuit breaker is open.
    pub left: usize,
}

impl SyncCounts {
    /// One step that was not begun.
    pub const LEFT: Self = Self { left: 1, ..Self::NONE };
    /// One unknown outcome that was reconciled.
    pub const RECONCILED: Self = Self { reconciled: 1, ..Self::NONE };
    /// One outcome that is still unknown.
    pub const UNKNOWN: Self = Self { unknown: 1, ..Self::NONE };
    /// One ticket closed and archived.
    pub const CLOSED: Self = Self { closed: 1, ..Self::NONE };
    /// One status change.
    pub const CHANGED: Self = Self { changed: 1, ..Self::NONE };
    /// One ticket adopted.
    pub const ADOPTED: Self = Self { adopted: 1, ..Self::NONE };
    /// Nothing to count.
    pub const NONE: Self = Self { reconciled: 0, unknown: 0, closed: 0, changed: 0, adopted: 0, failed: 0, left: 0 };
}

impl Add for SyncCounts {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            reconciled: self.reconciled + other.reconciled,
            unknown: self.unknown + other.unknown,
            closed: self.closed + other.closed,
            changed: self.changed + other.changed,
            adopted: self.adopted + other.adopted,
            failed: self.failed + other.failed,
            left: self.left + other.left,
        }
    }
}

/// The sync of one account.
pub struct AccountSync<'a> {
    /// The clients.
    pub app: &'a App,
    /// The account.
    pub account: &'a Account,
    /// The invocation, with the deadline of the sync's work.
    pub invocation: Invocation,
    /// Opens when the vendor throttles, refuses keys or does not answer.
    pub breaker: CircuitBreaker,
}

impl AccountSync<'_> {
    /// A session until the deadline of the sync's work.
    pub fn session(&self) -> Session<'_> {
        self.app.session(self.account, self.invocation.deadline)
    }

    /// A session for one reconciliation.
    pub fn reconcile_session(&self) -> Session<'_> {
        let deadline = self.invocation.deadline.min(Instant::now() + RECONCILE_TIME);
        self.app.session(self.account, deadline)
    }

    /// Whether another step may be begun.
    pub fn may_go_on(&self) -> bool {
        !self.breaker.is_open() && self.invocation.remaining() >= LEAST_TIME
    }

    /// The counts of a step. A failure is logged and counted; the next run does the step again.
    pub fn count(&self, step: &'static str, done: Result<SyncCounts>) -> SyncCounts {
        done.unwrap_or_else(|error| {
            self.breaker.record_failure(&error);
            telemetry::record_defect(&error);
            let Account { id, vendor, .. } = self.account;
            tracing::warn!(step, account.id = %id, %vendor, error = ?error, "A step of the sync failed.");
            SyncCounts { failed: 1, ..SyncCounts::NONE }
        })
    }
}
