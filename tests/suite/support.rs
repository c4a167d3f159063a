//! A stack to test, and API Gateway events for its functions.

mod answer;
mod contract;
mod counting;
mod event;
mod simulated;
mod world;

pub use self::{
    answer::Answer,
    contract::{DOCUMENT, assert_kept, operation},
    event::Event,
    simulated::{Simulated, demo_keys, second_keys},
    world::{Desks, World},
};
