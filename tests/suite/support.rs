//! A stack to test, and API Gateway events for its functions.

mod answer;
mod counting;
mod event;
mod simulated;
mod world;

pub use self::{
    answer::Answer,
    event::Event,
    simulated::{Simulated, demo_keys, second_keys},
    world::{Desks, World},
};
