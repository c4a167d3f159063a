//! The circuit breaker of one account: it stops the calls of a run when the vendor throttles, refuses the keys, or does
//! not answer.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::{
    domain::HealthError,
    error::{Error, ErrorKind, Retry},
    problem_code::ProblemCode,
};

/// The number of failures in a row after which the vendor counts as not answering.
const FAILURES: u32 = 3;

/// Counts the vendor's answers to one account during one run.
#[derive(Debug, Default)]
pub struct CircuitBreaker(Mutex<Counters>);

#[derive(Debug, Default)]
struct Counters {
    failures_in_a_row: u32,
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
    /// Nothing that is stored at the account.
    Other,
}

impl CircuitBreaker {
    /// Whether the account gets no more calls in this run.
    pub fn is_open(&self) -> bool {
        self.lock().is_open
    }

    pub fn failure(&self) -> Option<Failure> {
        self.lock().failure.clone()
    }

    /// Whether the vendor answered at all: then it accepted the account's keys.
    pub fn has_success(&self) -> bool {
        self.lock().has_success
    }

    /// Records that the vendor answered.
    pub fn record_success(&self) {
        let mut state = self.lock();
        state.failures_in_a_row = 0;
        state.has_success = true;
    }

    /// Records a failure. Refused keys and throttling open the breaker at once; a vendor that does not answer opens it
    /// after three failures in a row. Any other failure, also a missing permission, concerns one ticket only.
    pub fn record_failure(&self, error: &Error) {
        let mut state = self.lock();
        let opens = match error.kind() {
            ErrorKind::CredentialInvalid | ErrorKind::RateLimited => true,
            ErrorKind::VendorUnavailable if gave_no_answer(error) => {
                state.failures_in_a_row += 1;
                state.failures_in_a_row >= FAILURES
            }
            _ => false,
        };
        let is_stored = opens || error.kind() == ErrorKind::PermissionDenied;
        if is_stored && !state.is_open {
            state.failure = Some(Failure::of(error));
        }
        state.is_open |= opens;
    }

    fn lock(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failure {
    fn of(error: &Error) -> Self {
        match (error.kind(), error.retry()) {
            (ErrorKind::CredentialInvalid | ErrorKind::PermissionDenied, _) => {
                Self::Keys(HealthError { code: error.problem_code(), detail: error.message().to_owned() })
            }
            (ErrorKind::RateLimited, Retry::Yes { after: Some(wait) }) => Self::Wait(wait),
            _ => Self::Other,
        }
    }
}

/// An unusable or pending answer is an answer: the vendor serves other calls.
fn gave_no_answer(error: &Error) -> bool {
    matches!(
        error.problem_code(),
        ProblemCode::VendorUnavailable
            | ProblemCode::VendorUnreachable
            | ProblemCode::VendorOutcomeUnknown
            | ProblemCode::DeadlineReached
    )
}
