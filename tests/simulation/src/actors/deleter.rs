//! A person who deletes a ticket in its vendor's console, some time after support has written to it.

use std::sync::Arc;

use simulators::{SimulatedMessage, SimulatedTicket, Simulator, VendorRules};

use super::{sync_schedule::run_sync, vendor_people::ended, wait_ms};
use crate::{history::Deletion, plan::MINUTE_MS, process::lock, rng::Rng, world::SimulatedWorld};

/// How long the faults pause before the deletion, minutes: calls in flight end, the wait after a failed copy passes,
/// and the next copy is made.
const CALM_MINUTES: u64 = 9;

/// Support writes in one of these minutes of the pause: by then no lease of a crashed process is left.
const SUPPORT_WRITES: (u64, u64) = (6, 7);

/// A message of which the vendor does not tell is copied in a run that begins so long after it, milliseconds: there are
/// five minutes between two copies, and a minute between two runs.
const COPIED_AFTER_MS: i64 = 6 * 60_000;

/// Deletes a ticket that is open in the store, while no fault is injected.
pub async fn run(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.between(MINUTE_MS, 2 * world.plan.horizon_ms)).await;
    let open = world.table.of_index("GSI2", "STATUS#1");
    let open: Vec<_> = open.iter().filter(|item| item["state"] == "open").collect();
    if open.is_empty() {
        return;
    }
    let id = rng.pick(&open)["cloud_id"].as_str().unwrap_or_default().to_owned();
    let (alibaba, huawei) = (&world.vendors.alibaba, &world.vendors.huawei);
    if alibaba.ticket(&id).is_some() {
        delete(&world, alibaba, &id, &mut rng).await;
    } else {
        delete(&world, huawei, &id, &mut rng).await;
    }
}

async fn delete<R: VendorRules>(world: &Arc<SimulatedWorld>, vendor: &Simulator<R>, id: &str, rng: &mut Rng) {
    world.pause_faults(true);
    let support_writes = rng.between(SUPPORT_WRITES.0, SUPPORT_WRITES.1);
    let (mut told, mut last_run_ms) = (None, 0);
    for minute in 0..CALM_MINUTES {
        if minute == support_writes {
            wait_ms(rng.below(MINUTE_MS)).await;
            told = support_message(world, vendor, id);
        }
        last_run_ms = world.vendor_now_ms();
        tokio::join!(run_sync(Arc::clone(world)), wait_ms(MINUTE_MS));
    }
    let ticket = vendor.ticket(id);
    if let Some(ticket) = ticket.filter(|_| is_followed(world, id)) {
        let shown = shown_long_enough(&ticket, R::VENDOR, told, last_run_ms);
        world.trace_line(&format!("{} {id}: deleted in the console with {} messages", R::VENDOR, shown.len()));
        lock(&world.deletions).push(Deletion { cloud_id: id.to_owned(), shown });
    }
    vendor.delete_ticket(id);
    world.pause_faults(false);
}

/// Adds a message of support, and gives its id where the ticket's status tells of it.
fn support_message<R: VendorRules>(world: &SimulatedWorld, vendor: &Simulator<R>, id: &str) -> Option<u64> {
    let status = vendor.ticket(id)?.status;
    let text = format!("请提供日志 {}", world.number());
    let message = vendor.support_message(id, &text, world.vendor_now_ms())?;
    world.trace_line(&format!("{} {id}: support replies", R::VENDOR));
    let ticket = vendor.ticket(id)?;
    let is_listed = ticket.defect.is_none() && ticket.visible_at_ms <= world.vendor_now_ms();
    (ticket.status != status && is_listed && world.plan.vendors.index_stops_ms == 0).then_some(message)
}

/// Whether the store has the ticket, and no close is under way. One that was reopened after its archive may not be
/// followed yet, and an added crash happens also while faults pause.
fn is_followed(world: &SimulatedWorld, id: &str) -> bool {
    if lock(&world.reopenings).iter().any(|reopening| reopening.cloud_id == id) {
        return false;
    }
    let items = world.table.dump();
    let mut tickets = items.values().filter(|item| item["SK"] == "TICKET" && item["cloud_id"] == id);
    world.plan.crash.is_none() && tickets.any(|item| item["state"] == "open" || item["state"] == "closed")
}

/// The messages that the vendor told of before the last run of the sync, and those that it has shown for the time
/// between two copies. A closed ticket is no longer followed, only rechecked once: what it showed after the close need
/// not be there.
fn shown_long_enough(
    ticket: &SimulatedTicket,
    vendor: &str,
    told: Option<u64>,
    last_run_ms: i64,
) -> Vec<SimulatedMessage> {
    let messages = ticket.messages.iter().filter(|one| !one.deleted && one.copy_of.is_none());
    let shown_ms = |message: &SimulatedMessage| message.at_ms.max(message.visible_at_ms);
    let is_long_enough = |message: &&SimulatedMessage| {
        let is_told = vendor == "huawei" || told == Some(message.id);
        let copied_after_ms = if is_told { 0 } else { COPIED_AFTER_MS };
        shown_ms(message) + copied_after_ms <= last_run_ms
    };
    let is_before_close = |message: &&SimulatedMessage| {
        !ended(vendor, ticket.status) || ticket.closed_at_ms.is_some_and(|closed_ms| shown_ms(message) <= closed_ms)
    };
    messages.filter(is_long_enough).filter(is_before_close).cloned().collect()
}
