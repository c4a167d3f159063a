//! Simulates Lambda: runs an invocation in a warm or new process, ends it at its timeout, and drops crashed processes.

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use futures_util::FutureExt;
use shared::invocation::Invocation;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{
    functions::InvocationRequest,
    history::InvocationEnd,
    invariants::{Invariant, Violation},
    process::{FunctionProcess, RunningInvocation, lock},
    world::SimulatedWorld,
};

/// Invocations in a thousand that get a new process although a warm one is idle.
const COLD_PERMILLE: u64 = 150;

/// How long a process that wakes up after its timeout still runs: Lambda ends it only once it is awake.
const AFTER_WAKING: Duration = Duration::from_secs(5);

/// Runs `request` until it ends, crashes or times out.
pub async fn invoke(world: &Arc<SimulatedWorld>, request: &InvocationRequest) -> InvocationEnd {
    let id = world.number();
    let mut rng = world.fork();
    let warm =
        (!rng.chance(COLD_PERMILLE)).then(|| lock(&world.idle).get_mut(request.function).and_then(Vec::pop)).flatten();
    let process = warm.unwrap_or_else(|| Arc::new(FunctionProcess::start(world, id)));
    let ends = Instant::now() + request.timeout;
    let run = Arc::new(RunningInvocation::new(world, id, request.function, ends, rng));
    process.context.set_run(Some(Arc::clone(&run)));
    world.trace_line(&format!("{}#{id} {} (process {})", request.function, request.title, process.context.process));

    let mut work = Box::pin(work(Arc::clone(&run), Arc::clone(&process), request.clone()));
    let ended = tokio::select! {
        biased;
        () = run.crashed.notified() => InvocationEnd::Crashed,
        done = timeout_at(ends, &mut work) => done.unwrap_or(InvocationEnd::TimedOut),
    };
    if let (InvocationEnd::TimedOut, Some(wakes_at)) = (&ended, run.wakes_at().filter(|wakes_at| *wakes_at >= ends)) {
        tokio::spawn(timeout_at(wakes_at + AFTER_WAKING, work));
    }
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

/// The handler's work. Nothing of it runs while the process sleeps.
async fn work(run: Arc<RunningInvocation>, process: Arc<FunctionProcess>, request: InvocationRequest) -> InvocationEnd {
    let clock = process.context.clock;
    let ends_at_ms = clock.now_ms().saturating_add_unsigned(run.left_ms());
    let ends_at_ms = u64::try_from(ends_at_ms).unwrap_or_default();
    let invocation = Invocation::new(ends_at_ms, &format!("request-{}", run.id), &clock);
    let mut work = pin!(AssertUnwindSafe(request.run(&process, &invocation)).catch_unwind());
    loop {
        tokio::select! {
            biased;
            ended = &mut work => return ended.unwrap_or(InvocationEnd::Panicked),
            () = run.asleep.notified() => {}
        }
        if let Some(wakes_at) = run.wakes_at() {
            sleep_until(wakes_at).await;
        }
    }
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
