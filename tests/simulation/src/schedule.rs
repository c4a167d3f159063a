//! One schedule: runs the simulated world of a seed to its end and checks the invariants.

use std::{sync::Arc, time::Duration};

use shared::seeded_bugs::{self, SeededBug};
use tokio::time::timeout;

use crate::{
    actors::{
        account_admin, caller, copier, deleter, delivery,
        publisher::{self, Reader},
        rebuilder, refresher, rotator, sync_schedule, vendor_people, wait_ms,
    },
    coverage::IoCoverage,
    initial_state::InitialState,
    invariants::{self, Facts, Invariant, Violation},
    io::{injected_fault::FaultTiming, point::IoPoint},
    logs,
    plan::{MINUTE_MS, SchedulePlan},
    process::lock,
    quiesce::quiesce,
    rng::Rng,
    world::SimulatedWorld,
};

/// The longest schedule, in virtual time.
const LONGEST_VIRTUAL_TIME: Duration = Duration::from_hours(120);

/// A schedule to run.
#[derive(Clone, Debug)]
pub struct ScheduleTask {
    /// Its seed.
    pub seed: u64,
    /// A crash in addition to those of the seed.
    pub crash: Option<(IoPoint, FaultTiming)>,
    /// The seeded bug that the product runs with.
    pub bug: Option<SeededBug>,
}

/// The result of a schedule.
#[derive(Debug)]
pub struct ScheduleReport {
    /// The schedule.
    pub task: ScheduleTask,
    /// Violated invariants.
    pub violations: Vec<Violation>,
    /// Its I/O points.
    pub points: IoCoverage,
    /// The trace, line by line.
    pub trace: Vec<String>,
    /// The product's log.
    pub logs: String,
}

/// Runs a schedule on this thread.
pub fn run(task: &ScheduleTask, initial: &InitialState) -> ScheduleReport {
    seeded_bugs::select(task.bug);
    // The SDK draws its jitter and tokens from this thread's generator.
    fastrand::seed(task.seed);
    logs::take();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime starts");
    let mut rng = Rng::new(task.seed);
    let plan = SchedulePlan { crash: task.crash.clone(), ..SchedulePlan::draw(&mut rng) };
    runtime.block_on(async {
        let world = SimulatedWorld::new(plan, rng, initial);
        let ended = tokio::select! {
            biased;
            () = world.overrun.notified() => Err("it makes too many calls"),
            ended = timeout(LONGEST_VIRTUAL_TIME, live(&world)) => ended.map_err(|_| "it takes too much time"),
        };
        let logs = logs::take();
        match ended {
            Err(why) => world.report_violation(Violation::new(Invariant::NothingStuck, why)),
            Ok(()) => {
                for violation in invariants::check(&Facts::of(&world, logs.clone())) {
                    world.report_violation(violation);
                }
            }
        }
        // Processes and the world own each other.
        lock(&world.idle).clear();
        ScheduleReport {
            task: task.clone(),
            violations: lock(&world.violations).clone(),
            points: lock(&world.points).clone(),
            trace: world.trace(),
            logs,
        }
    })
}

async fn live(world: &Arc<SimulatedWorld>) {
    let plan = &world.plan;
    world.trace_line(&format!("{plan:?}"));
    let bus = tokio::spawn(delivery::run(Arc::clone(world)));
    let stream = tokio::spawn(publisher::run(Arc::clone(world), Reader::Publisher));
    let statistics = tokio::spawn(publisher::run(Arc::clone(world), Reader::Statistics));
    let minutes = tokio::spawn(sync_schedule::run(Arc::clone(world), world.fork()));
    let copies = tokio::spawn(copier::run(Arc::clone(world), world.fork()));
    let mut actors = Vec::new();
    for _ in 0..plan.callers {
        actors.push(tokio::spawn(caller::run(Arc::clone(world), world.fork())));
    }
    for _ in 0..plan.vendor_people {
        actors.push(tokio::spawn(vendor_people::run(Arc::clone(world), world.fork())));
    }
    for _ in 0..plan.vendors.console_tickets {
        actors.push(tokio::spawn(vendor_people::open_ticket(Arc::clone(world), world.fork())));
    }
    for _ in 0..plan.refreshes {
        actors.push(tokio::spawn(refresher::run(Arc::clone(world), world.fork())));
    }
    for _ in 0..plan.account_admins {
        actors.push(tokio::spawn(account_admin::run(Arc::clone(world), world.fork())));
    }
    for _ in 0..plan.rotators {
        actors.push(tokio::spawn(rotator::run(Arc::clone(world), world.fork())));
    }
    if plan.deletes {
        actors.push(tokio::spawn(deleter::run(Arc::clone(world), world.fork())));
    }
    for _ in 0..plan.rebuilds {
        actors.push(tokio::spawn(rebuilder::run(Arc::clone(world), world.fork())));
    }
    for actor in actors {
        if actor.await.is_err() {
            world.report_violation(Violation::new(Invariant::NothingStuck, "an actor of the simulation panicked"));
        }
    }
    // Requests in flight end by their deadlines.
    wait_ms(MINUTE_MS).await;
    minutes.abort();
    copies.abort();
    quiesce(world).await;
    bus.abort();
    stream.abort();
    statistics.abort();
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::runner::STACK_BYTES;

    fn on_a_large_stack(test: fn()) {
        let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(test).unwrap();
        thread.join().unwrap();
    }

    fn task(seed: u64) -> ScheduleTask {
        ScheduleTask { seed, crash: None, bug: None }
    }

    #[test]
    fn a_seed_repeats_its_schedule_exactly() {
        on_a_large_stack(seeds_are_repeated);
    }

    fn seeds_are_repeated() {
        logs::start();
        let initial = InitialState::build();
        for seed in 1..=6 {
            let (first, again) = (run(&task(seed), &initial), run(&task(seed), &initial));
            assert!(first.trace.len() > 20, "seed {seed} does nothing");
            assert_eq!(first.trace, again.trace, "seed {seed}");
        }
        assert_ne!(run(&task(1), &initial).trace, run(&task(2), &initial).trace);
    }

    #[test]
    fn an_added_crash_happens_at_its_point() {
        on_a_large_stack(an_added_crash_happens);
    }

    fn an_added_crash_happens() {
        logs::start();
        let initial = InitialState::build();
        let point: IoPoint = "create-ticket: GetSecretValue".to_owned();
        let crashed = |seed| {
            let crash = Some((point.clone(), FaultTiming::After));
            run(&ScheduleTask { crash, ..task(seed) }, &initial).points
        };
        let seed = (1..20).find(|seed| run(&task(*seed), &initial).points.0.contains_key(&point)).unwrap();
        assert!(crashed(seed).0[&point].after > 0);
    }
}
