//! A stack to test, and API Gateway events for its functions.

mod answer;
mod clock;
mod contract;
mod counting;
mod documents;
mod event;
mod simulated;
mod world;

pub use self::{
    answer::Answer,
    clock::{DAY, LEASE, REFUSED_KEYS_PAUSE, SETTLE_TIME, TestClock, until},
    contract::{DOCUMENT, assert_kept, operation},
    documents::{Documents, Point},
    event::Event,
    simulated::{Simulated, create_operation, demo_keys, list_operation, second_keys},
    world::{Accounts, World},
};

/// A turn to close a ticket, named by its end.
pub fn turn(until_ms: i64) -> shared::store::ClosingTurn {
    shared::store::ClosingTurn { name: format!("turn-{until_ms}"), until_ms }
}
