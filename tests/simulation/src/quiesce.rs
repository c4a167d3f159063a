//! The end of a schedule: faults stop, and the sync, the stream and the retries run on until nothing is unfinished
//! or the bounded time is over.

use std::sync::{Arc, atomic::Ordering};

use serde_json::Value;
use simulators::SimulatedTicket;

use crate::{
    actors::{copier, delivery, publisher, sync_schedule, vendor_people::ended, wait_ms},
    functions,
    history::RecordedAnswer,
    invariants::{Invariant, Violation},
    invoke::invoke,
    io::injected_fault::InjectedFault,
    plan::{DAY_MS, MINUTE_MS},
    process::lock,
    world::SimulatedWorld,
};

/// The most minutes between two sync runs that found no work. Work that falls due in between waits that long.
const LONGEST_STEP: u64 = 4;

/// The most minutes in addition to the settle times.
const MINUTES: u64 = 20;

/// The same with a catalog refresh: a lost one counts as failed after twenty minutes.
const MINUTES_WITH_REFRESH: u64 = 60;

/// The minutes in addition where keys are refused: the sync leaves such an account out for an hour.
const MINUTES_OF_REFUSED_KEYS: u64 = 65;

/// Longer than the time between two checks for reopened tickets.
const REOPENING_CHECK_MS: u64 = 61 * MINUTE_MS;

/// The settle times until an abandoned ticket is found that its vendor lists beyond the settle time: one until it is
/// abandoned, the lag, and the pauses between reads.
const LONG_LAG_SETTLE_TIMES: u64 = 7;

/// The same in all other schedules: one until an unknown outcome is decided, and one between a close and its recheck.
const SETTLE_TIMES: u64 = 3;

/// A time after the lifetime of an idempotency key, which is two days.
const AFTER_KEY_LIFETIME_MS: u64 = 2 * DAY_MS + 60 * MINUTE_MS;

/// The longest time until a rebuild of the statistics ends.
const LONGEST_REBUILD_MINUTES: u64 = 10;

/// The longest time until the stream is read to its end.
const MINUTES_TO_PUBLISH: u64 = 90;

/// How often files are copied until none is due.
const MOST_COPY_ROUNDS: usize = 3;

/// Runs the schedule to its end.
pub async fn quiesce(world: &Arc<SimulatedWorld>) {
    world.stop_faults();
    // Nothing is due for an account that the sync leaves out.
    let pause = if world.plan.refuses_keys() { MINUTES_OF_REFUSED_KEYS } else { 0 };
    let settle_times = if world.plan.lag_exceeds_settle_time() { LONG_LAG_SETTLE_TIMES } else { SETTLE_TIMES };
    let minutes = settle_times * world.plan.settle_time_ms / MINUTE_MS
        + if world.plan.refreshes > 0 { MINUTES_WITH_REFRESH } else { MINUTES }
        + pause;
    sync_until_quiescent(world, minutes, pause).await;
    if !lock(&world.reopenings).is_empty() {
        // Every hour the sync looks for closed tickets that are open at their vendors.
        wait_ms(REOPENING_CHECK_MS).await;
        sync_until_quiescent(world, minutes, pause).await;
    }
    // A closed ticket is committed again with the files that came later. A recheck may find further files.
    for _ in 0..MOST_COPY_ROUNDS {
        if !copier::copy_rest(world).await {
            break;
        }
        sync_until_quiescent(world, minutes, pause).await;
    }
    read_named_tickets(world).await;
    if world.plan.reuses_key {
        reuse_key_later(world).await;
    }
    publish_rest(world).await;
    rebuild_statistics(world).await;
}

/// Runs the sync until nothing is unfinished, or these minutes are over.
async fn sync_until_quiescent(world: &Arc<SimulatedWorld>, minutes: u64, pause: u64) {
    let (mut minute, mut step) = (0, 1);
    while minute < minutes {
        let writes = world.table.writes();
        let due = due_work_of_failing_ticket(world);
        sync_schedule::run_sync(Arc::clone(world)).await;
        check_due_times(world, &due);
        let failed = std::mem::take(&mut *lock(&world.failed_deliveries));
        for event in failed {
            delivery::deliver(Arc::clone(world), event).await;
        }
        step = if world.table.writes() == writes { (step * 2).min(LONGEST_STEP) } else { 1 };
        wait_ms(step * MINUTE_MS).await;
        minute += step;
        if minute > 3 + pause && is_quiescent(world) {
            break;
        }
    }
}

/// Rebuilds the statistics. What the stream has counted stays beside them.
async fn rebuild_statistics(world: &Arc<SimulatedWorld>) {
    // A run that fell asleep has the lease for its whole time.
    for _ in 0..LONGEST_REBUILD_MINUTES {
        let ended = invoke(world, &functions::rebuild_statistics()).await;
        if ended.body()["state"] == "complete" {
            return;
        }
        wait_ms(MINUTE_MS).await;
    }
    let what = "the rebuild of the statistics does not end";
    world.report_violation(Violation::new(Invariant::StatisticsAreOfTickets, what));
}

/// What is due now, by its keys, where one ticket of which each call fails is the only fault. Calls without an answer
/// may leave no time for a second one.
fn due_work_of_failing_ticket(world: &SimulatedWorld) -> Vec<(Value, Value, Value)> {
    if !world.plan.one_failing_ticket {
        return Vec::new();
    }
    let keys = |item: &Value| (item["PK"].clone(), item["SK"].clone(), item["GSI3SK"].clone());
    let due_ms = |item: &Value| item["GSI3SK"].as_str()?.split('#').next()?.parse::<i64>().ok();
    let now_ms = world.clock.now_ms();
    let due = world.table.of_index("GSI3", "DUE");
    let due: Vec<_> = due.iter().filter(|item| due_ms(item).is_some_and(|due_ms| due_ms <= now_ms)).map(keys).collect();
    let hangs = world.plan.vendors.failing_ticket.is_some_and(|ticket| matches!(ticket.fault, InjectedFault::Hang(_)));
    if hangs && due.len() > 1 { Vec::new() } else { due }
}

/// Checks that a run of the sync has ended the work or given it a later due time.
fn check_due_times(world: &SimulatedWorld, due: &[(Value, Value, Value)]) {
    let later = world.table.of_index("GSI3", "DUE");
    for (pk, sk, _) in due.iter().filter(|(pk, sk, due)| {
        later.iter().any(|item| item["PK"] == *pk && item["SK"] == *sk && item["GSI3SK"].as_str() <= due.as_str())
    }) {
        let what = format!("{pk} {sk} is due at the same time after a run of the sync");
        world.report_violation(Violation::new(Invariant::DueTimesGrow, what));
    }
}

/// Uses the first key again for another request after its lifetime. DynamoDB may not have deleted the record yet.
async fn reuse_key_later(world: &Arc<SimulatedWorld>) {
    let Some(first) = lock(&world.history).creates.first().cloned() else { return };
    wait_ms(AFTER_KEY_LIFETIME_MS).await;
    let mut body = first.body;
    body["description"] = "something else".into();
    // An upload is removed before that.
    body["attachments"] = Value::Null;
    let ended = invoke(world, &functions::create(&first.key, &body)).await;
    lock(&world.history).key_reuse = Some(RecordedAnswer::of(&ended));
}

/// Waits until the stream is read to its end, and then redrives the dead-letter queue.
async fn publish_rest(world: &Arc<SimulatedWorld>) {
    if world.plan.day_long_bus_outage {
        wait_ms(DAY_MS.saturating_sub(world.clock.elapsed_ms())).await;
    }
    for _ in 0..MINUTES_TO_PUBLISH {
        wait_ms(MINUTE_MS).await;
        if world.streams_are_idle() {
            break;
        }
    }
    if !lock(&world.queue).messages.is_empty() {
        world.dead_letters_redriven.store(true, Ordering::Relaxed);
        publisher::redrive(world).await;
    }
}

/// Whether nothing is due, and every ticket that ended at a vendor is closed. Abandoned tickets stay due for a long
/// time; they count only where lists lag beyond the settle time.
fn is_quiescent(world: &SimulatedWorld) -> bool {
    let mut due = world.table.of_index("GSI3", "DUE");
    due.retain(|item| item["SK"] != "ABANDONED" || world.plan.lag_exceeds_settle_time());
    let failing = world.lasting_failure();
    let of_failing = failing.as_ref().and_then(|id| {
        let open = world.table.of_index("GSI2", "STATUS#1");
        open.into_iter().find(|item| item["cloud_id"] == id.as_str()).map(|item| item["PK"].clone())
    });
    due.retain(|item| of_failing.as_ref() != Some(&item["PK"]));
    let open = world.table.of_index("GSI2", "STATUS#1");
    let is_open = |id: &str| open.iter().any(|item| item["cloud_id"] == id && item["state"] == "open");
    let alibaba = world.vendors.alibaba.tickets().into_iter().map(|ticket| ("alibaba", ticket));
    let huawei = world.vendors.huawei.tickets().into_iter().map(|ticket| ("huawei", ticket));
    let is_read =
        |ticket: &SimulatedTicket| ticket.has_readable_id() && !ticket.deleted && failing.as_ref() != Some(&ticket.id);
    let tickets = alibaba.chain(huawei).filter(|(_, ticket)| is_read(ticket));
    let mut ended = tickets.filter(|(vendor, ticket)| ended(vendor, ticket.status));
    due.is_empty() && !ended.any(|(_, ticket)| is_open(&ticket.id)) && lock(&world.failed_deliveries).is_empty()
}

/// Reads each ticket whose id was in an answer to a create.
async fn read_named_tickets(world: &Arc<SimulatedWorld>) {
    let creates = lock(&world.history).creates.clone();
    let mut ids: Vec<_> =
        creates.iter().flat_map(|create| &create.answers).filter_map(|answer| answer.ticket.clone()).collect();
    ids.sort();
    ids.dedup();
    for id in ids {
        let ended = invoke(world, &functions::get(&id)).await;
        let state = ended.body()["state"].as_str().unwrap_or_default().to_owned();
        lock(&world.history).final_reads.push((id, ended.status(), state));
    }
}

/// Whether an item of the table is a ticket.
pub fn is_ticket(item: &Value) -> bool {
    item["SK"] == "TICKET" && item["PK"].as_str().is_some_and(|pk| pk.starts_with("TICKET#"))
}
