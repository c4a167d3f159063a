//! The circuit breaker of one account: it stops the calls of a run when the vendor asks to wait, refuses the keys, or
//! gives several tickets in a row no answer.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::{
    domain::HealthError,
    error::{Error, ErrorKind, Retry},
    problem_code::ProblemCode,
};

/// The number of tickets without an answer in a row after which the vendor counts as not answering.
const FAILURES: usize = 3;

/// Counts the vendor's answers to one account during one run.
///
/// What concerns the account is shared by all its steps. Tickets without an answer are counted apart for the due work
/// and for the comparison with the list: tickets whose due work fails never keep the list from being read.
#[derive(Debug, Default)]
pub struct CircuitBreaker {
    account: Arc<Mutex<AccountState>>,
    /// The subjects without an answer since the last answer.
    failed: Mutex<HashSet<String>>,
}

#[derive(Debug, Default)]
struct AccountState {
    has_success: bool,
    is_open: bool,
    failure: Option<Failure>,
}

/// The failure that opened the breaker, or a permission that the account's keys lack.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The keys were refused, or lack a permission.
    Keys(HealthError),
    /// The vendor asks to wait that long.
    Wait(Duration),
}

impl CircuitBreaker {
    /// A breaker of the same account for other steps.
    pub fn for_other_steps(&self) -> Self {
        Self { account: Arc::clone(&self.account), failed: Mutex::default() }
    }

    /// Whether these steps get no more calls in this run.
    pub fn is_open(&self) -> bool {
        lock(&self.account).is_open || lock(&self.failed).len() >= FAILURES
    }

    pub fn failure(&self) -> Option<Failure> {
        lock(&self.account).failure.clone()
    }

    /// Whether the vendor answered at all: then it accepted the account's keys.
    pub fn has_success(&self) -> bool {
        lock(&self.account).has_success
    }

    /// Records that the vendor answered.
    pub fn record_success(&self) {
        lock(&self.failed).clear();
        lock(&self.account).has_success = true;
    }

    /// Records a failure of the work on `subject`, a ticket or a list. Refused keys, and a vendor that asks to wait,
    /// open the breaker at once; a vendor that does not answer opens it after three subjects in a row. Any other
    /// failure, also a missing permission, concerns one ticket only.
    pub fn record_failure(&self, subject: &str, error: &Error) {
        let opens = match (error.kind(), error.retry()) {
            (ErrorKind::CredentialInvalid, _) | (ErrorKind::RateLimited, Retry::Yes { after: Some(_) }) => true,
            (ErrorKind::RateLimited | ErrorKind::VendorUnavailable, _) if gave_no_answer(error) => {
                lock(&self.failed).insert(subject.to_owned());
                false
            }
            _ => false,
        };
        let mut account = lock(&self.account);
        if let Some(failure) = Failure::of(error).filter(|_| !account.is_open) {
            account.failure = Some(failure);
        }
        account.is_open |= opens;
    }
}

impl Failure {
    /// What is stored at the account.
    fn of(error: &Error) -> Option<Self> {
        match (error.kind(), error.retry()) {
            (ErrorKind::CredentialInvalid | ErrorKind::PermissionDenied, _) => {
                Some(Self::Keys(HealthError { code: error.problem_code(), detail: error.message().to_owned() }))
            }
            (ErrorKind::RateLimited, Retry::Yes { after: Some(wait) }) => Some(Self::Wait(wait)),
            _ => None,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An unusable or pending answer is an answer: the vendor serves other calls.
fn gave_no_answer(error: &Error) -> bool {
    matches!(
        error.problem_code(),
        ProblemCode::VendorThrottled
            | ProblemCode::VendorUnavailable
            | ProblemCode::VendorUnreachable
            | ProblemCode::VendorOutcomeUnknown
            | ProblemCode::DeadlineReached
    )
}
