//! One schedule: a seed's world from its start to its end, and the promises checked.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{
    actors::{caller, delivery, people, publisher, refresher, ticker, wait_ms},
    base::Base,
    broken::Broken,
    coverage::Points,
    invariants::{self, Facts},
    io::{fate::Side, point::Point},
    logs,
    plan::{MINUTE_MS, Plan},
    process::lock,
    rng::Rng,
    settle::settle,
    world::World,
};

/// The longest a schedule may take, in virtual time.
const MOST_TIME: Duration = Duration::from_hours(120);

/// What a schedule gave.
#[derive(Debug, Default)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// The crash that was added to it.
    pub strike: Option<(Point, Side)>,
    /// Promises that did not hold.
    pub broken: Vec<Broken>,
    /// Its I/O points.
    pub points: Points,
    /// What happened, line by line.
    pub trace: Vec<String>,
    /// The product's log.
    pub logs: String,
}

/// Runs the schedule of `seed` on this thread; `strike` adds one crash to it.
pub fn run(seed: u64, strike: Option<(Point, Side)>, base: &Base) -> Report {
    // The SDK draws its jitter and tokens from this thread's generator.
    fastrand::seed(seed);
    logs::take();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime starts");
    let mut rng = Rng::new(seed);
    let plan = Plan { strike: strike.clone(), ..Plan::draw(&mut rng) };
    runtime.block_on(async {
        let world = World::new(plan, rng, base);
        let ended = tokio::select! {
            biased;
            () = world.overrun.notified() => Err("it makes calls without end"),
            ended = timeout(MOST_TIME, live(&world)) => ended.map_err(|_| "it takes time without end"),
        };
        let logs = logs::take();
        match ended {
            Err(why) => world.broke(Broken::new("I3", why)),
            Ok(()) => {
                for broken in invariants::check(&Facts::of(&world, logs.clone())) {
                    world.broke(broken);
                }
            }
        }
        // Processes hold the world and the world holds them.
        lock(&world.idle).clear();
        Report {
            strike,
            seed,
            broken: lock(&world.broken).clone(),
            points: lock(&world.points).clone(),
            trace: world.trace(),
            logs,
        }
    })
}

async fn live(world: &Arc<World>) {
    let plan = &world.plan;
    world.note(&format!("{plan:?}"));
    let bus = tokio::spawn(delivery::run(Arc::clone(world)));
    let stream = tokio::spawn(publisher::run(Arc::clone(world)));
    let minutes = tokio::spawn(ticker::run(Arc::clone(world), world.fork()));
    let mut actors = Vec::new();
    for _ in 0..plan.callers {
        actors.push(tokio::spawn(caller::run(Arc::clone(world), world.fork())));
    }
    for _ in 0..plan.people {
        actors.push(tokio::spawn(people::run(Arc::clone(world), world.fork())));
    }
    for _ in 0..plan.refreshes {
        actors.push(tokio::spawn(refresher::run(Arc::clone(world), world.fork())));
    }
    for actor in actors {
        if actor.await.is_err() {
            world.broke(Broken::new("machine", "an actor panicked"));
        }
    }
    // What callers still had under way has ended, or ends by its deadline.
    wait_ms(MINUTE_MS).await;
    minutes.abort();
    settle(world).await;
    bus.abort();
    stream.abort();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_runs_again_step_by_step_the_same() {
        logs::start();
        let base = Base::make();
        for seed in 1..=6 {
            let (first, again) = (run(seed, None, &base), run(seed, None, &base));
            assert!(first.trace.len() > 20, "seed {seed} does nothing");
            assert_eq!(first.trace, again.trace, "seed {seed}");
        }
        assert_ne!(run(1, None, &base).trace, run(2, None, &base).trace);
    }

    #[test]
    fn a_strike_kills_where_it_says() {
        logs::start();
        let base = Base::make();
        let point: Point = "create-ticket: GetSecretValue".to_owned();
        let struck = |seed| run(seed, Some((point.clone(), Side::After)), &base).points;
        let seed = (1..20).find(|seed| run(*seed, None, &base).points.0.contains_key(&point)).unwrap();
        assert!(struck(seed).0[&point].after > 0);
    }
}
