//! Lambda: runs an invocation in a warm process or a new one, ends it at its deadline, and buries what crashed.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use shared::invocation::Invocation;
use tokio::time::Instant;

use crate::{
    broken::Broken,
    functions::Job,
    history::Ended,
    process::{Process, Run, lock},
    world::World,
};

/// How often, in a thousand, a warm process is not used again.
const COLD_PERMILLE: u64 = 150;

/// Runs `job` to its end, whatever that is.
pub async fn invoke(world: &Arc<World>, job: &Job) -> Ended {
    let id = world.number();
    let mut rng = world.fork();
    let warm = (!rng.chance(COLD_PERMILLE))
        .then(|| lock(&world.idle).get_mut(job.function).and_then(Vec::pop))
        .flatten();
    let process = warm.unwrap_or_else(|| Process::start(world, id));
    let ends = Instant::now() + job.timeout;
    let run = Arc::new(Run::new(world, id, job.function, ends, rng));
    process.seat.set_run(Some(Arc::clone(&run)));
    world.note(&format!("{}#{id} {} (process {})", job.function, job.title, process.seat.process));

    let ends_at_ms = world.clock.now_ms().saturating_add_unsigned(run.left_ms());
    let ends_at_ms = u64::try_from(ends_at_ms).unwrap_or_default();
    let invocation = Invocation::new(ends_at_ms, &format!("request-{id}"), &world.clock);
    let ended = {
        let work = AssertUnwindSafe(job.serve(&process, &invocation)).catch_unwind();
        tokio::select! {
            biased;
            () = run.crashed.notified() => Ended::Crashed,
            done = tokio::time::timeout_at(ends, work) => match done {
                Ok(Ok(ended)) => ended,
                Ok(Err(_)) => Ended::Panicked,
                Err(_) => Ended::TimedOut,
            },
        }
    };
    tell(world, job, id, &ended);
    match &ended {
        Ended::Answered(answer) => lock(&world.history).texts.push(answer.text.clone()),
        Ended::Panicked => world.broke(Broken::new("I3", format!("{} panicked", job.function))),
        _ => {}
    }
    if matches!(ended, Ended::Answered(_) | Ended::Failed(_)) {
        process.seat.set_run(None);
        lock(&world.idle).entry(job.function).or_default().push(process);
    }
    ended
}

fn tell(world: &World, job: &Job, id: u64, ended: &Ended) {
    let what = match ended {
        Ended::Answered(answer) => {
            let text = |name: &str| answer.body[name].as_str().unwrap_or_default();
            format!("{} {}{} {}", answer.status, text("state"), text("code"), text("id"))
        }
        Ended::Failed(code) => format!("failed: {code}"),
        other => format!("{other:?}"),
    };
    world.note(&format!("{}#{id} ⇒ {}", job.function, what.trim_end()));
}
