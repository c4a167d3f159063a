//! People at the vendors: support that answers, a customer in the console who answers, closes, or opens again.

use std::sync::Arc;

use simulators::{Fault, FaultRule, Rules, Simulator};

use super::wait_ms;
use crate::{rng::Rng, world::World};

/// Status codes that mean an ended ticket, and those to set, by vendor.
pub fn ended(vendor: &str, status: i64) -> bool {
    if vendor == "alibaba" { status == 6 } else { matches!(status, 3 | 4 | 12 | 13) }
}

/// Does one thing at one of the vendors, at some time.
pub async fn run(world: Arc<World>, mut rng: Rng) {
    wait_ms(rng.below(world.plan.horizon_ms)).await;
    for _ in 0..rng.between(1, 4) {
        if rng.chance(500) {
            act(&world, &world.vendors.alibaba, &mut rng);
        } else {
            act(&world, &world.vendors.huawei, &mut rng);
        }
        // Often in the very time of a close, sometimes in the same millisecond.
        wait_ms(rng.below(2_000)).await;
    }
}

fn act<R: Rules>(world: &World, vendor: &Simulator<R>, rng: &mut Rng) {
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
            (shown_late(world, vendor, rng, write), "support replies")
        }
        4..=5 => {
            let text = format!("补充说明 {}", world.number());
            let write = || vendor.customer_message(id, &text, now_ms).is_some();
            (shown_late(world, vendor, rng, write), "the customer replies by hand")
        }
        6..=7 => (vendor.close_by_hand(id, now_ms), "closed by hand"),
        8 if !ended(R::VENDOR, ticket.status) => {
            (vendor.set_status(id, if R::VENDOR == "alibaba" { 2 } else { 1 }), "support takes it up")
        }
        9 if rng.chance(300) && vendor.reopen_by_hand(id) => {
            world.reopened(id, ticket.closed_at_ms.unwrap_or(now_ms));
            (true, "opened again by hand")
        }
        _ => (false, ""),
    };
    if done {
        world.note(&format!("{} {id}: {what}", R::VENDOR));
    }
}

/// Writes a message that the conversation shows later, up to the longest lag of a message, or at once.
fn shown_late<R: Rules>(
    world: &World,
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
