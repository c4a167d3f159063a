//! A stack to test, and API Gateway events for its functions.

mod answer;
mod counting;
mod documents;
mod event;
mod simulated;
mod world;

pub use self::{
    answer::Answer,
    documents::{Documents, Point},
    event::Event,
    simulated::{Simulated, demo_keys, second_keys},
    world::{Desks, World},
};
