//! A promise that did not hold.

use std::fmt;

/// A broken promise: which, and how it shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The promise, as `I1`.
    pub promise: &'static str,
    /// What is wrong.
    pub what: String,
}

impl Broken {
    /// `promise` is broken by `what`.
    pub fn new(promise: &'static str, what: impl Into<String>) -> Self {
        Self { promise, what: what.into() }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.what)
    }
}
