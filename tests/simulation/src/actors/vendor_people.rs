//! People at the vendors: support that replies, and a customer in the console who writes, closes or reopens.

use std::sync::Arc;

use simulators::{Fault, FaultRule, Simulator, VendorRules};

use super::wait_ms;
use crate::{rng::Rng, world::SimulatedWorld};

/// Whether that status of a vendor means an ended ticket.
pub fn ended(vendor: &str, status: i64) -> bool {
    if vendor == "alibaba" { status == 6 } else { matches!(status, 3 | 4 | 12 | 13) }
}

/// Does a few things at the vendors, at a random time.
pub async fn run(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.below(world.plan.horizon_ms)).await;
    for _ in 0..rng.between(1, 4) {
        if rng.chance(500) {
            perform_one(&world, &world.vendors.alibaba, &mut rng);
        } else {
            perform_one(&world, &world.vendors.huawei, &mut rng);
        }
        // Short pauses: an action often happens during a close, sometimes in the same millisecond.
        wait_ms(rng.below(2_000)).await;
    }
}

fn perform_one<R: VendorRules>(world: &SimulatedWorld, vendor: &Simulator<R>, rng: &mut Rng) {
    let tickets = vendor.tickets();
    if tickets.is_empty() {
        return;
    }
    let ticket = rng.pick(&tickets);
    let (id, now_ms) = (ticket.id.as_str(), world.clock.now_ms());
    let (done, what) = match rng.below(10) {
        0..=3 => {
            let text = format!("您好，正在核实 {}", world.number());
            let write = || vendor.reply(id, None, &text, now_ms).is_some();
            (with_visibility_lag(world, vendor, rng, write), "support replies")
        }
        4..=5 => {
            let text = format!("补充说明 {}", world.number());
            let write = || vendor.customer_message(id, &text, now_ms).is_some();
            (with_visibility_lag(world, vendor, rng, write), "the customer writes in the console")
        }
        6..=7 => (vendor.close_in_console(id, now_ms), "closed in the console"),
        8 if !ended(R::VENDOR, ticket.status) => {
            (vendor.set_status(id, if R::VENDOR == "alibaba" { 2 } else { 1 }), "support starts work")
        }
        9 if rng.chance(300) && vendor.reopen_in_console(id) => {
            world.reopened(id, ticket.closed_at_ms.unwrap_or(now_ms));
            (true, "reopened in the console")
        }
        _ => (false, ""),
    };
    if done {
        world.trace_line(&format!("{} {id}: {what}", R::VENDOR));
    }
}

/// Writes a message, in half of the cases with a lag until the conversation shows it.
fn with_visibility_lag<R: VendorRules>(
    world: &SimulatedWorld,
    vendor: &Simulator<R>,
    rng: &mut Rng,
    write: impl FnOnce() -> bool,
) -> bool {
    let lag_ms = rng.below(world.plan.longest_lag_ms(true) + 1);
    if rng.chance(500) && lag_ms > 0 {
        vendor.add_faults([FaultRule::times("Console", 1, Fault::ListLag { ms: lag_ms })]);
    }
    let done = write();
    vendor.clear_faults();
    done
}
