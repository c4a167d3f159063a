//! One call of a function to AWS with the fault that was drawn for it.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{
    injected_fault::{FaultTiming, InjectedFault},
    point::IoPoint,
};
use crate::{
    process::{CallTarget, RunningInvocation},
    world::SimulatedWorld,
};

/// A call to a service of AWS.
pub trait AwsCall: Clone + Send + Sync + 'static {
    /// What the service answers.
    type Answer: Send;

    /// Carries the call out.
    fn effect(&self, world: &SimulatedWorld) -> Self::Answer;

    /// Carries a part of it out, where the service may do that.
    fn partial(&self, world: &SimulatedWorld, run: &RunningInvocation) -> Self::Answer;

    /// The answer of a service that throttles the caller.
    fn throttled() -> Self::Answer;

    /// The answer of a service that fails.
    fn failed() -> Self::Answer;

    /// The answer in the trace.
    fn summary(answer: &Self::Answer) -> String;
}

/// Carries the call out with the fault that is drawn for it; `None` where the connection breaks.
pub async fn with_fault<C: AwsCall>(
    world: &Arc<SimulatedWorld>,
    run: &Arc<RunningInvocation>,
    point: IoPoint,
    target: CallTarget,
    call: C,
) -> Option<C::Answer> {
    let plan = run.plan_call(world, &point, target);
    sleep(Duration::from_millis(plan.request_ms)).await;
    let apply = |timing: FaultTiming| (timing == FaultTiming::After).then(|| call.effect(world));
    let trace_call = |what: &str| world.trace_call(run, &point, what);
    let answer = match plan.fault {
        InjectedFault::NoFault | InjectedFault::RefusedKeys => call.effect(world),
        InjectedFault::Crash(timing) => {
            apply(timing);
            trace_call(&format!("CRASH {timing:?}"));
            run.crash().await;
            return None;
        }
        InjectedFault::Disconnect(timing) => {
            apply(timing);
            trace_call(&format!("disconnect {timing:?}"));
            return None;
        }
        InjectedFault::DelayedEffect(effect_after_ms) => {
            trace_call(&format!("disconnect, takes effect {effect_after_ms} ms later"));
            let (world, point) = (Arc::clone(world), point.clone());
            tokio::spawn(async move {
                sleep(Duration::from_millis(effect_after_ms)).await;
                let answer = call.effect(&world);
                world.trace_line(&format!("delayed effect: {point} → {}", C::summary(&answer)));
            });
            return None;
        }
        InjectedFault::Hang(timing) => {
            apply(timing);
            trace_call(&format!("hang {timing:?}"));
            std::future::pending::<()>().await;
            return None;
        }
        InjectedFault::Sleep(FaultTiming::Before, ms) => {
            trace_call(&format!("sleeps {ms} ms before it"));
            run.sleep(ms).await;
            return Some(call.effect(world));
        }
        InjectedFault::Sleep(FaultTiming::After, ms) => {
            let answer = call.effect(world);
            trace_call(&format!("sleeps {ms} ms after it"));
            run.sleep(ms).await;
            return Some(answer);
        }
        InjectedFault::Throttle => C::throttled(),
        InjectedFault::Malformed(_, timing) => {
            apply(timing);
            C::failed()
        }
        InjectedFault::Partial => call.partial(world, run),
    };
    sleep(Duration::from_millis(plan.response_ms)).await;
    let summary = C::summary(&answer);
    trace_call(&match plan.fault {
        InjectedFault::NoFault => summary,
        fault => format!("{fault:?} {summary}"),
    });
    Some(answer)
}
