//! Vendors that show a text in another form than it was sent: nothing is sent twice, and what nobody can tell is
//! decided by a person.

mod replies;
pub mod tickets;

use std::time::Duration;

use simulators::{Fault, FaultRule, TextRewrite};

use crate::support::World;

/// Longer than the settle time and the lease of a call.
pub const SETTLED: Duration = Duration::from_mins(18);

fn rewrites(world: &World, vendor: &str, operation: &str, rewrite: TextRewrite) {
    world.simulated(vendor).fault(FaultRule::times(operation, 1, Fault::Rewrite(rewrite)));
}

fn lose_answer(world: &World, vendor: &str, operation: &str) {
    world.simulated(vendor).fault(FaultRule::times(operation, 1, Fault::CutAfter));
}
