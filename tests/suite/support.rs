//! A stack to test, and API Gateway events for its functions.

mod answer;
mod counting;
mod event;
mod world;

pub use self::{answer::Answer, event::Event, world::World};
