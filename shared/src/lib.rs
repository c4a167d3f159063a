//! What Polydesk's functions share: domain types, vendor clients, the store, secrets, HTTP problems.
//!
//! Each layer imports only layers before it: `error` and `domain`; `audit`; `vendors`, `store`, `secrets` and `events`,
//! which do not import each other; `app`; `workflow`; `http`. No Lambda crate is used here.

pub mod app;
pub mod audit;
pub mod aws;
pub mod bucket;
pub mod clock;
pub mod config;
pub mod digest;
pub mod domain;
pub mod error;
pub mod events;
pub mod http;
pub mod https;
pub mod ids;
pub mod invocation;
pub mod logging;
pub mod problem_code;
pub mod secrets;
pub mod seeded_bugs;
pub mod start;
pub mod store;
pub mod telemetry;
pub mod vendors;
pub mod workflow;
