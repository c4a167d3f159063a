//! The program `local`: its command line, and what `serve` prints.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test's helpers fail the test")]

mod arguments;
mod greeting;
