//! One account's share of a run.

use std::{ops::Add, pin::pin, time::Duration};

use futures_util::future::{join, join3};
use shared::{
    app::App,
    domain::{Account, AccountHealth, HealthError},
    error::{ErrorKind, Result},
    invocation::Invocation,
    problem_code::ProblemCode,
    store::OpenTicket,
    telemetry,
};
use tokio::time::{Instant, timeout};

use crate::{
    adopt,
    circuit_breaker::{CircuitBreaker, Stop},
    due,
    run::AccountWorkload,
    status_changes,
};

/// The longest that one look at a vendor may take with its retries, so that a vendor that hangs does not take a whole run.
const LOOK_TIME: Duration = Duration::from_secs(15);

/// How much of a run a piece of work needs at least to be begun.
const LEAST_TIME: Duration = Duration::from_secs(3);

/// How long an account whose keys were refused is left alone, milliseconds: Huawei locks a key after five bad signatures. New keys
/// end it at once.
const REFUSED_KEYS_PAUSE_MS: i64 = 60 * 60 * 1000;

/// What was done, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncCounts {
    /// Unknown outcomes settled.
    pub settled: usize,
    /// Unknown outcomes that could not be settled yet.
    pub waiting: usize,
    /// Tickets closed and archived.
    pub closed: usize,
    /// Status changes seen at the vendor.
    pub changed: usize,
    /// Tickets taken in from the vendor's console.
    pub adopted: usize,
    /// Steps that failed; they come again.
    pub failed: usize,
    /// Steps that were not begun: out of time, or the account is left alone.
    pub left: usize,
}

impl Add for SyncCounts {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            settled: self.settled + other.settled,
            waiting: self.waiting + other.waiting,
            closed: self.closed + other.closed,
            changed: self.changed + other.changed,
            adopted: self.adopted + other.adopted,
            failed: self.failed + other.failed,
            left: self.left + other.left,
        }
    }
}

/// What the steps of one account share.
pub struct AccountSync<'a> {
    /// The clients.
    pub app: &'a App,
    /// The account.
    pub account: &'a Account,
    /// The run of the function, ending at the run's own deadline.
    pub invocation: Invocation,
    /// Watches the vendor's answers.
    pub breaker: CircuitBreaker,
}

impl AccountSync<'_> {
    /// Until when one look at the vendor may take.
    pub fn look_deadline(&self) -> Instant {
        self.invocation.deadline.min(Instant::now() + LOOK_TIME)
    }

    /// Whether another step may be begun.
    pub fn may_go_on(&self) -> bool {
        !self.breaker.is_stopped() && self.invocation.remaining() >= LEAST_TIME
    }

    /// Counts a step: its failure is logged and left to the next run.
    pub fn count(&self, step: &'static str, done: Result<SyncCounts>) -> SyncCounts {
        match done {
            Ok(done) => done,
            Err(error) => {
                self.breaker.failed(&error);
                telemetry::record_defect(&error);
                tracing::warn!(step, account.id = %self.account.id, vendor = %self.account.vendor, error = ?error, "A step of the sync failed.");
                SyncCounts { failed: 1, ..SyncCounts::default() }
            }
        }
    }
}

/// Does what is due and compares with the vendor's list. Left alone while the vendor asked to wait, and for an hour after it refused
/// the keys.
///
/// The first piece goes alone: if the vendor refuses the keys, it refuses them once. One that hangs keeps nothing else waiting.
pub async fn sync(
    app: &App,
    invocation: &Invocation,
    work: AccountWorkload,
    deadline: Instant,
) -> SyncCounts {
    let AccountWorkload { account, due, open } = work;
    if is_left_alone(&account, app.clock.now_ms()) {
        return SyncCounts { left: due.len(), ..SyncCounts::default() };
    }
    let invocation = Invocation { deadline, ..invocation.clone() };
    let sync = AccountSync { app, account: &account, invocation, breaker: CircuitBreaker::default() };
    let mut due = due.into_iter();
    let mut first = pin!(due::begin(&sync, due.next()));
    let (first, rest, seen) = match timeout(LOOK_TIME, &mut first).await {
        Ok(first) => {
            let (rest, seen) = join(due::run_due(&sync, due), compare(&sync, open)).await;
            (first, rest, seen)
        }
        Err(_) => join3(first, due::run_due(&sync, due), compare(&sync, open)).await,
    };
    note(&sync).await;
    first + rest + seen
}

async fn compare(sync: &AccountSync<'_>, open: Vec<OpenTicket>) -> SyncCounts {
    let mut done = SyncCounts::default();
    if sync.may_go_on() && !open.is_empty() {
        done = done + status_changes::track(sync, open).await;
    }
    if let Some(since_ms) = sync.account.adopt_since.filter(|_| sync.may_go_on()) {
        done = done + adopt::adopt(sync, since_ms).await;
    }
    done
}

/// Writes what the run learned of the account's keys and of the vendor's wish to wait. If that fails the next run learns it again.
async fn note(sync: &AccountSync<'_>) {
    let (app, account) = (sync.app, sync.account);
    let noted = match sync.breaker.reason() {
        Some(Stop {
            kind: ErrorKind::CredentialInvalid | ErrorKind::PermissionDenied, code, detail, ..
        }) => {
            let last_error = Some(HealthError { code: code.as_str().to_owned(), detail });
            app.store.record_account_health(account, &checked(app, last_error)).await
        }
        Some(Stop { wait: Some(wait), .. }) => {
            let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
            app.store.set_account_wait(&account.id, app.clock.now_ms().saturating_add(wait_ms)).await
        }
        None if sync.breaker.has_answered() && keys_were_refused(account) => {
            app.store.record_account_health(account, &checked(app, None)).await
        }
        _ => Ok(()),
    };
    if let Err(error) = noted {
        tracing::warn!(account.id = %account.id, error = ?error, "What the sync learned of an account could not be written.");
    }
}

fn is_left_alone(account: &Account, now_ms: i64) -> bool {
    let last_check = account.health.last_check.unwrap_or_default();
    let refused = keys_were_refused(account) && last_check + REFUSED_KEYS_PAUSE_MS > now_ms;
    refused || account.wait_until.is_some_and(|until| until > now_ms)
}

/// Other errors are about a right, which another step may still lack.
fn keys_were_refused(account: &Account) -> bool {
    account
        .health
        .last_error
        .as_ref()
        .is_some_and(|error| error.code == ProblemCode::AccountKeysRefused.as_str())
}

fn checked(app: &App, last_error: Option<HealthError>) -> AccountHealth {
    AccountHealth { last_check: Some(app.clock.now_ms()), last_error }
}
