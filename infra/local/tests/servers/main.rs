//! The loopback servers, driven by the AWS SDKs and by plain HTTP, as functions and clients do.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test's helpers fail the test")]

mod callers;
mod events;
mod gateway;
mod queue;
mod secrets;
mod stream;
mod support;
mod table;
