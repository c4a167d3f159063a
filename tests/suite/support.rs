//! A stack to test, and API Gateway events for its functions.

mod answer;
mod contract;
mod counting;
mod documents;
mod event;
mod simulated;
mod world;

pub use self::{
    answer::Answer,
    contract::{DOCUMENT, assert_kept, operation},
    documents::{Documents, Point},
    event::Event,
    simulated::{Simulated, create_operation, demo_keys, list_operation, second_keys},
    world::{Accounts, World},
};

/// A lease to that time, whose token is made of it.
pub fn turn(until_ms: i64) -> shared::store::Lease {
    shared::store::Lease { token: format!("token-{until_ms}"), until_ms }
}
