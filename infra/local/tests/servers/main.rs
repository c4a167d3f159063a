//! The loopback servers, each driven as the functions and callers drive them: by the AWS SDKs and by plain HTTP.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test's helpers fail the test")]

mod events;
mod gateway;
mod queue;
mod secrets;
mod stream;
mod support;
mod table;
