//! Tests of the whole project, one module per area.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test")]

mod template;
