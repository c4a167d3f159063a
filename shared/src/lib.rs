//! What Polydesk's functions share: domain types, vendor clients, the store, secrets, HTTP problems.
//!
//! `domain` knows nothing of the rest; `vendors` and `store` know `domain` and `error`, not each other. No Lambda
//! crate is used here.

pub mod app;
pub mod aws;
pub mod clock;
pub mod config;
pub mod digest;
pub mod domain;
pub mod error;
pub mod events;
pub mod http;
pub mod ids;
pub mod invocation;
pub mod logging;
pub mod problem_code;
pub mod refresh_outcome;
pub mod secrets;
pub mod seeded_bugs;
pub mod store;
pub mod telemetry;
pub mod vendors;
pub mod workflow;
