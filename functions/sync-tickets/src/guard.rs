//! When to leave an account alone for the rest of a run: its vendor throttles it, refuses its keys, or does not answer.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::error::{Error, ErrorKind, Retry};

/// After how many failures in a row the vendor counts as not answering.
const FAILURES: u32 = 3;

/// Watches the vendor's answers to one account during one run.
#[derive(Debug, Default)]
pub struct Guard(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures_in_a_row: u32,
    has_answered: bool,
    stopped: Option<Stop>,
}

/// Why an account is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What kind of failure it was.
    pub kind: ErrorKind,
    /// Our stable code of it.
    pub code: &'static str,
    /// A sentence that may be shown.
    pub detail: String,
    /// How long the vendor asks to wait.
    pub wait: Option<Duration>,
}

impl Guard {
    /// Whether the account is left alone from now on.
    pub fn is_stopped(&self) -> bool {
        self.lock().stopped.is_some()
    }

    /// Why, if it is.
    pub fn stop(&self) -> Option<Stop> {
        self.lock().stopped.clone()
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

    /// Notes a failure: refused keys, a missing permission and throttling stop the account at once, a vendor that does not
    /// answer after three times in a row. Anything else is a matter of the one ticket.
    pub fn failed(&self, error: &Error) {
        let mut state = self.lock();
        let stops = match error.kind() {
            ErrorKind::CredentialInvalid | ErrorKind::PermissionDenied | ErrorKind::RateLimited => true,
            ErrorKind::VendorUnavailable => {
                state.failures_in_a_row += 1;
                state.failures_in_a_row >= FAILURES
            }
            _ => false,
        };
        if stops && state.stopped.is_none() {
            let wait = match error.retry() {
                Retry::Yes { after } if error.kind() == ErrorKind::RateLimited => after,
                _ => None,
            };
            let (kind, code, detail) = (error.kind(), error.code(), error.message().to_owned());
            state.stopped = Some(Stop { kind, code, detail, wait });
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
