//! After the faults: time passes, bounded, and what runs by itself runs on: a sync run each minute, fewer while they find nothing to do.

use std::sync::{Arc, atomic::Ordering};

use serde_json::Value;

use crate::{
    actors::{delivery, people::ended, publisher, ticker, wait_ms},
    functions,
    history::Answered,
    invoke::invoke,
    plan::{DAY_MS, MINUTE_MS},
    process::lock,
    world::World,
};

/// The most minutes between two sync runs while they find nothing to do: the next one would find nothing either, unless something
/// falls due or a vendor shows more, and both can wait so long.
const LONGEST_STEP: u64 = 4;

/// How many minutes may pass beside those that the settle time takes; what falls due may wait [`LONGEST_STEP`] each time.
const MINUTES: u64 = 20;

/// The same where a catalog refresh may have been lost: it counts as that after twenty minutes.
const MINUTES_WITH_REFRESH: u64 = 60;

/// How many settle times it takes until a ticket is found that its vendor lists late: one until it is given up, the lag, and the
/// pauses between looks.
const LATE_SETTLE_TIMES: u64 = 7;

/// The same in all other schedules: one until what is unknown or not shown yet is given up, and one between a close and the second look
/// at it.
const SETTLE_TIMES: u64 = 3;

/// Keys are forgotten after two days.
const KEY_LIFE_MS: u64 = 2 * DAY_MS + 60 * MINUTE_MS;

/// The longest that the stream's reader may take to catch up.
const MINUTES_TO_TELL: u64 = 90;

/// Lets everything come to its end.
pub async fn settle(world: &Arc<World>) {
    world.stop_faults();
    let settle_times = if world.plan.lags_beyond() { LATE_SETTLE_TIMES } else { SETTLE_TIMES };
    let minutes = settle_times * world.plan.settle_time_ms / MINUTE_MS
        + if world.plan.refreshes > 0 { MINUTES_WITH_REFRESH } else { MINUTES };
    let (mut minute, mut step) = (0, 1);
    while minute < minutes {
        let writes = world.table.writes();
        ticker::tick(Arc::clone(world)).await;
        let letters = std::mem::take(&mut *lock(&world.dead_letters));
        for letter in letters {
            delivery::deliver(Arc::clone(world), letter).await;
        }
        step = if world.table.writes() == writes { (step * 2).min(LONGEST_STEP) } else { 1 };
        wait_ms(step * MINUTE_MS).await;
        minute += step;
        if minute > 3 && is_quiet(world) {
            break;
        }
    }
    look(world).await;
    if world.plan.returns {
        return_later(world).await;
    }
    tell(world).await;
}

/// Long after, the first key is used again for something else: its life is over, whether the table has swept it or not.
async fn return_later(world: &Arc<World>) {
    let Some(first) = lock(&world.history).creates.first().cloned() else { return };
    wait_ms(KEY_LIFE_MS).await;
    let mut body = first.body;
    body["description"] = "something else".into();
    let ended = invoke(world, &functions::create(&first.key, &body)).await;
    let ticket = ended.body()["id"].as_str().map(str::to_owned);
    lock(&world.history).returned = Some(Answered { status: ended.status(), ticket });
}

/// Lets the stream be read to its end, and the letters in the queue be handed over again once the bus is back.
async fn tell(world: &Arc<World>) {
    if world.plan.bus_day {
        wait_ms(DAY_MS.saturating_sub(world.clock.elapsed_ms())).await;
    }
    for _ in 0..MINUTES_TO_TELL {
        wait_ms(MINUTE_MS).await;
        if *lock(&world.stream_idle) == Some(world.table.writes()) {
            break;
        }
    }
    if !lock(&world.queue).letters.is_empty() {
        world.letters_redriven.store(true, Ordering::Relaxed);
        publisher::redrive(world).await;
    }
}

/// Whether nothing is due any more, and what ended at a vendor is closed. What was given up is looked for two days long; there is
/// something to be found only where lists lag that much.
fn is_quiet(world: &World) -> bool {
    let mut due = world.table.of_index("GSI3", "DUE");
    due.retain(|item| item["SK"] != "ABANDONED" || world.plan.lags_beyond());
    let open = world.table.of_index("GSI2", "STATUS#1");
    let is_open = |id: &str| open.iter().any(|item| item["cloud_id"] == id && item["state"] == "open");
    let alibaba = world.vendors.alibaba.tickets().into_iter().map(|ticket| ("alibaba", ticket));
    let huawei = world.vendors.huawei.tickets().into_iter().map(|ticket| ("huawei", ticket));
    let mut ended = alibaba.chain(huawei).filter(|(vendor, ticket)| ended(vendor, ticket.status));
    due.is_empty() && !ended.any(|(_, ticket)| is_open(&ticket.id)) && lock(&world.dead_letters).is_empty()
}

/// Asks what became of each ticket that a create had named.
async fn look(world: &Arc<World>) {
    let creates = lock(&world.history).creates.clone();
    let mut ids: Vec<_> = creates
        .iter()
        .flat_map(|create| &create.answers)
        .filter_map(|answer| answer.ticket.clone())
        .collect();
    ids.sort();
    ids.dedup();
    for id in ids {
        let ended = invoke(world, &functions::get(&id)).await;
        let state = ended.body()["state"].as_str().unwrap_or_default().to_owned();
        lock(&world.history).looks.push((id, ended.status(), state));
    }
}

/// Whether an item of the table is a ticket.
pub fn is_ticket(item: &Value) -> bool {
    item["SK"] == "TICKET" && item["PK"].as_str().is_some_and(|pk| pk.starts_with("TICKET#"))
}
