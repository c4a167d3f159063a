//! Simulates Lambda: runs an invocation in a warm or new process, ends it at its timeout, and drops crashed processes.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use shared::invocation::Invocation;
use tokio::time::Instant;

use crate::{
    functions::InvocationRequest,
    history::InvocationEnd,
    invariants::{Invariant, Violation},
    process::{FunctionProcess, RunningInvocation, lock},
    world::SimulatedWorld,
};

/// Invocations in a thousand that get a new process although a warm one is idle.
const COLD_PERMILLE: u64 = 150;

/// Runs `request` until it ends, crashes or times out.
pub async fn invoke(world: &Arc<SimulatedWorld>, request: &InvocationRequest) -> InvocationEnd {
    let id = world.number();
    let mut rng = world.fork();
    let warm =
        (!rng.chance(COLD_PERMILLE)).then(|| lock(&world.idle).get_mut(request.function).and_then(Vec::pop)).flatten();
    let process = warm.unwrap_or_else(|| FunctionProcess::start(world, id));
    let ends = Instant::now() + request.timeout;
    let run = Arc::new(RunningInvocation::new(world, id, request.function, ends, rng));
    process.context.set_run(Some(Arc::clone(&run)));
    world.trace_line(&format!("{}#{id} {} (process {})", request.function, request.title, process.context.process));

    let ends_at_ms = world.clock.now_ms().saturating_add_unsigned(run.left_ms());
    let ends_at_ms = u64::try_from(ends_at_ms).unwrap_or_default();
    let invocation = Invocation::new(ends_at_ms, &format!("request-{id}"), &world.clock);
    let ended = {
        let work = AssertUnwindSafe(request.run(&process, &invocation)).catch_unwind();
        tokio::select! {
            biased;
            () = run.crashed.notified() => InvocationEnd::Crashed,
            done = tokio::time::timeout_at(ends, work) => match done {
                Ok(Ok(ended)) => ended,
                Ok(Err(_)) => InvocationEnd::Panicked,
                Err(_) => InvocationEnd::TimedOut,
            },
        }
    };
    trace_end(world, request, id, &ended);
    match &ended {
        InvocationEnd::Answered(answer) => lock(&world.history).texts.push(answer.text.clone()),
        InvocationEnd::Panicked => {
            world.report_violation(Violation::new(Invariant::NothingStuck, format!("{} panicked", request.function)))
        }
        _ => {}
    }
    if matches!(ended, InvocationEnd::Answered(_) | InvocationEnd::Failed(_)) {
        process.context.set_run(None);
        lock(&world.idle).entry(request.function).or_default().push(process);
    }
    ended
}

fn trace_end(world: &SimulatedWorld, request: &InvocationRequest, id: u64, ended: &InvocationEnd) {
    let what = match ended {
        InvocationEnd::Answered(answer) => {
            let text = |name: &str| answer.body[name].as_str().unwrap_or_default();
            format!("{} {}{} {}", answer.status, text("state"), text("code"), text("id"))
        }
        InvocationEnd::Failed(code) => format!("failed: {code}"),
        other => format!("{other:?}"),
    };
    world.trace_line(&format!("{}#{id} ⇒ {}", request.function, what.trim_end()));
}
