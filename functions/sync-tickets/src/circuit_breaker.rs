//! When to leave an account alone for the rest of a run: its vendor throttles it, refuses its keys, or does not answer.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::{
    error::{Error, ErrorKind, Retry},
    problem_code::ProblemCode,
};

/// After how many failures in a row the vendor counts as not answering.
const FAILURES: u32 = 3;

/// Watches the vendor's answers to one account during one run.
#[derive(Debug, Default)]
pub struct CircuitBreaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures_in_a_row: u32,
    has_answered: bool,
    is_stopped: bool,
    reason: Option<Stop>,
}

/// What is to be kept of an account: why it is left alone, or what its keys may not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What kind of failure it was.
    pub kind: ErrorKind,
    /// Our stable code of it.
    pub code: ProblemCode,
    /// A sentence that may be shown.
    pub detail: String,
    /// How long the vendor asks to wait.
    pub wait: Option<Duration>,
}

impl CircuitBreaker {
    /// Whether the account is left alone from now on.
    pub fn is_stopped(&self) -> bool {
        self.lock().is_stopped
    }

    /// Why, or what the keys may not do.
    pub fn reason(&self) -> Option<Stop> {
        self.lock().reason.clone()
    }

    /// Whether the vendor answered at all: then it took the account's keys.
    pub fn has_answered(&self) -> bool {
        self.lock().has_answered
    }

    /// Notes that the vendor answered.
    pub fn answered(&self) {
        let mut state = self.lock();
        state.failures_in_a_row = 0;
        state.has_answered = true;
    }

    /// Notes a failure: refused keys and throttling stop the account at once, a vendor that does not answer after three times in
    /// a row. Anything else is a matter of the one ticket, a missing right too: others may do.
    pub fn failed(&self, error: &Error) {
        let mut state = self.lock();
        let stops = match error.kind() {
            ErrorKind::CredentialInvalid | ErrorKind::RateLimited => true,
            ErrorKind::VendorUnavailable if gave_no_answer(error) => {
                state.failures_in_a_row += 1;
                state.failures_in_a_row >= FAILURES
            }
            _ => false,
        };
        let tells = stops || error.kind() == ErrorKind::PermissionDenied;
        if tells && !state.is_stopped {
            state.reason = Some(Stop::of(error));
        }
        state.is_stopped |= stops;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stop {
    fn of(error: &Error) -> Self {
        let wait = match error.retry() {
            Retry::Yes { after } if error.kind() == ErrorKind::RateLimited => after,
            _ => None,
        };
        Self { kind: error.kind(), code: error.problem_code(), detail: error.message().to_owned(), wait }
    }
}

/// Not so an answer that can't be used, or that is to come: the vendor answers others.
fn gave_no_answer(error: &Error) -> bool {
    matches!(
        error.problem_code(),
        ProblemCode::VendorUnavailable
            | ProblemCode::VendorUnreachable
            | ProblemCode::VendorOutcomeUnknown
            | ProblemCode::DeadlineReached
    )
}
