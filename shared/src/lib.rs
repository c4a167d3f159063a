//! What Polydesk's functions share: domain types, vendor clients, the store, secrets, HTTP problems.
//!
//! Each layer imports only layers before it: `error` and `domain`; `audit`; `vendors`, `store`, `secrets` and `events`,
//! which do not import each other; `app`; `workflow`; `http`. No Lambda crate is used here.

/// The tag or commit that a program was built from; of a build outside a release, the version of its package. A macro,
/// so that a new version compiles only the crates that show it.
#[macro_export]
macro_rules! version {
    () => {
        option_env!("POLYDESK_VERSION").unwrap_or(env!("CARGO_PKG_VERSION"))
    };
}

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
