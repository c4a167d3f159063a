//! What the steps of one account's sync share: its clients, its deadline, its circuit breaker, and their outcomes.

use std::{
    future::ready,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use shared::{
    app::App,
    domain::{Account, AccountId, BlockedClose, TicketId},
    error::{Error, Result},
    invocation::Invocation,
    telemetry,
    vendors::Session,
};
use tokio::time::Instant;

use crate::circuit_breaker::CircuitBreaker;

/// The longest time of one reconciliation with its retries, so that a hanging vendor does not use a whole run.
pub const RECONCILE_TIME: Duration = Duration::from_secs(15);

/// A pace with which a reconciliation can take longer than that, calls a minute.
const SLOW_PACE: u32 = 120;

/// The least remaining time with which a step may begin.
const LEAST_TIME: Duration = Duration::from_secs(3);

/// How many steps of one kind run at once for one account.
const AT_ONCE: usize = 4;

/// What became of a step, for the numbers in the log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StepOutcome {
    /// An unknown outcome was reconciled.
    Reconciled,
    /// An outcome is still unknown.
    Unknown,
    /// A ticket was closed and archived.
    Closed,
    /// A status change at the vendor was stored.
    Changed,
    /// New messages of an open ticket were copied.
    Copied,
    /// A ticket of the vendor's console was adopted.
    Adopted,
    /// It failed; the next run repeats it.
    Failed,
    /// It was not begun, or not ended: out of time, throttled, or the circuit breaker is open.
    Left,
}

/// The sync of one account.
pub struct AccountSync<'a> {
    pub app: &'a App,
    pub account: &'a Account,
    /// The other accounts whose customer is, or may be, the same.
    pub others: &'a [AccountId],
    /// The invocation, with the deadline of the sync's work.
    pub invocation: Invocation,
    /// Opens when the vendor asks to wait, refuses keys or does not answer.
    pub breaker: CircuitBreaker,
    /// The close that can't go on, as this run saw it.
    pub blocked_close: &'a Mutex<Option<BlockedClose>>,
}

impl AccountSync<'_> {
    /// A session until the deadline of the sync's work.
    pub fn session(&self) -> Session<'_> {
        self.app.session(self.account, self.invocation.deadline)
    }

    /// A session for one reconciliation. At a vendor that takes few calls it has the time of the whole run.
    pub fn reconcile_session(&self) -> Session<'_> {
        if self.account.calls_per_minute.is_some_and(|pace| pace < SLOW_PACE) {
            return self.session();
        }
        let deadline = self.invocation.deadline.min(Instant::now() + RECONCILE_TIME);
        self.app.session(self.account, deadline)
    }

    /// Whether another step may be begun.
    pub fn may_go_on(&self) -> bool {
        !self.breaker.is_open() && self.invocation.remaining() >= LEAST_TIME
    }

    /// Runs `step` on each item of the pages of a list, as far as time and the circuit breaker allow. `None` of a step:
    /// there is nothing to count. A list that fails is used as far as it was read, and counts as one failed step.
    /// `list_name` and `step_name` are the log's `step` of a failed list and of a failed item. `subject`: the id of
    /// what an item is about.
    pub async fn run_steps<T, F>(
        &self,
        (list_name, step_name): (&'static str, &'static str),
        pages: impl Stream<Item = Result<Vec<T>>>,
        subject: impl Fn(&T) -> String,
        step: impl Fn(T) -> F,
    ) -> Vec<StepOutcome>
    where
        F: Future<Output = Result<Option<StepOutcome>>>,
    {
        pages
            .map_ok(|items| stream::iter(items.into_iter().map(Ok)))
            .try_flatten()
            .map(async |item| match item {
                Ok(item) if self.may_go_on() => {
                    let subject = subject(&item);
                    self.logged(step_name, &subject, Box::pin(step(item)).await)
                }
                Ok(_) => Some(StepOutcome::Left),
                Err(error) => self.logged(list_name, list_name, Err(error)),
            })
            .buffer_unordered(AT_ONCE)
            .filter_map(ready)
            .collect()
            .await
    }

    /// Records the first close of this run that can't go on, to be shown at the account.
    pub fn record_blocked(&self, ticket: &TicketId, error: &Error) {
        let mut blocked_close = self.blocked_close.lock().unwrap_or_else(PoisonError::into_inner);
        blocked_close.get_or_insert_with(|| BlockedClose {
            ticket_id: ticket.clone(),
            code: error.problem_code(),
            detail: error.message().to_owned(),
        });
    }

    /// Logs a step that failed; the next run does it again.
    pub fn logged(&self, step: &'static str, subject: &str, done: Result<Option<StepOutcome>>) -> Option<StepOutcome> {
        done.unwrap_or_else(|error| {
            self.breaker.record_failure(subject, &error);
            telemetry::record_defect(&error);
            let Account { id, vendor, .. } = self.account;
            tracing::warn!(step, subject, account.id = %id, %vendor, error = ?error, "A step of the sync failed.");
            Some(StepOutcome::Failed)
        })
    }
}
