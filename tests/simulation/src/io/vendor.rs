//! The vendors in process: the simulators' cores, behind the product's own trait for sending.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use shared::vendors::http::{AnswerLimit, HttpSend, SendError};
use simulators::{Fault, FaultRule, Outcome, Rules, Simulator, alibaba::AlibabaRules, huawei::HuaweiRules};
use tokio::time::{sleep, timeout};

use super::{
    fate::{Fate, Garbled, Side},
    operation, point,
};
use crate::{
    process::{Peer, Run, Seat, Sent, lock},
    world::World,
};

/// The door of one process to the vendors.
pub struct VendorDoor(pub Arc<Seat>);

/// A request with its vendor and operation.
#[derive(Clone)]
struct Call {
    vendor: &'static str,
    operation: String,
    request: Request<Bytes>,
}

impl Call {
    fn of(mut request: Request<Bytes>) -> Self {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let name = HeaderValue::from_str(&host).unwrap_or(HeaderValue::from_static("invalid"));
        // As a client on the wire does where the signer set none.
        request.headers_mut().entry(header::HOST).or_insert(name);
        let vendor = if host.contains("aliyuncs") { "alibaba" } else { "huawei" };
        let operation = match vendor {
            "alibaba" => AlibabaRules::operation(&request),
            _ => HuaweiRules::operation(&request),
        };
        Self { vendor, operation, request }
    }

    /// The same for the same request, whenever it was signed.
    fn fingerprint(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        (self.operation.as_str(), self.request.uri().to_string(), self.request.body()).hash(&mut hash);
        hash.finish()
    }

    /// The id of the key that signed it.
    fn key_id(&self) -> String {
        let text = self.request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let text = text.unwrap_or_default();
        let id = ["Credential=", "Access="].iter().find_map(|name| text.split_once(name));
        id.map(|(_, rest)| rest.split([',', '/']).next().unwrap_or_default().to_owned()).unwrap_or_default()
    }
}

#[async_trait]
impl HttpSend for VendorDoor {
    async fn send(&self, request: Request<Bytes>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError> {
        let call = Call::of(request);
        let world = &self.0.world;
        let Some(run) = self.0.run() else {
            return effect(world, &call, None, 0).ok_or_else(|| no_answer("nothing came back"));
        };
        let sent = Sent { fingerprint: call.fingerprint(), operation: operation::current() };
        self.note_sent(&run, &call, sent);
        let answer = match timeout(limit.timeout, pass(world, &run, call)).await {
            Ok(answer) => answer,
            Err(_) => Err(no_answer("timed out")),
        };
        let failed = match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(answer.status().as_u16()),
            Err(_) => Some(0),
        };
        if let Some(status) = failed {
            lock(&run.failed).insert(sent, status);
        }
        answer
    }
}

impl VendorDoor {
    /// Counts what an operation sends again, and looks for what must not be sent again by any.
    fn note_sent(&self, run: &Run, call: &Call, sent: Sent) {
        let (refused, repeated) = {
            let mut failed = lock(&run.failed);
            let refused =
                failed.iter().any(|(one, status)| one.fingerprint == sent.fingerprint && *status == 401);
            (refused, failed.remove(&sent).is_some())
        };
        if refused && call.vendor == "huawei" {
            self.0.world.broke_refused(run);
        }
        if repeated {
            self.0.world.note_retry(self.0.process, run, call.vendor, &call.key_id());
        }
    }
}

async fn pass(world: &Arc<World>, run: &Run, call: Call) -> Result<Response<Bytes>, SendError> {
    let point = point::vendor(run.function, call.vendor, &call.operation);
    let decision = run.decide(world, &point, Peer::Vendor(call.vendor));
    let longest_ms = world.plan.longest_lag_ms(is_message(&call));
    let lag_ms = if world.faults_on() { run.draw(|rng| rng.below(longest_ms + 1)) } else { 0 };
    let tell = |what: &str| world.tell(run, &point, what);
    let done = |side: Side| (side == Side::After).then(|| effect(world, &call, None, lag_ms));
    sleep(Duration::from_millis(decision.there_ms)).await;
    let answer = match decision.fate {
        Fate::Pass | Fate::Partial => effect(world, &call, None, lag_ms),
        Fate::Crash(side) => {
            done(side);
            tell(&format!("CRASH {side:?}"));
            run.die().await;
            None
        }
        Fate::Cut(Side::Before) => {
            tell("never connected");
            return Err(SendError::NotSent("the connection was refused".into()));
        }
        Fate::Cut(Side::After) => {
            done(Side::After);
            tell("cut After");
            return Err(no_answer("the connection was cut"));
        }
        Fate::Late(late_ms) => {
            tell(&format!("cut, takes effect {late_ms} ms later"));
            let (world, point) = (Arc::clone(world), point.clone());
            let lag_ms = world.plan.lag_after(late_ms, lag_ms, is_message(&call));
            tokio::spawn(async move {
                sleep(Duration::from_millis(late_ms)).await;
                let status = effect(&world, &call, None, lag_ms).map(|answer| answer.status().as_u16());
                world.note(&format!("late: {point} → {status:?}"));
            });
            return Err(no_answer("the connection was cut"));
        }
        Fate::Hang(side) => {
            done(side);
            tell(&format!("hang {side:?}"));
            std::future::pending::<()>().await;
            None
        }
        Fate::Throttle => {
            let retry_after_ms = Some(run.draw(|rng| rng.between(100, 3000)));
            let fault = FaultRule::times("*", 1, Fault::Throttle { retry_after_ms });
            effect(world, &call, Some(fault), lag_ms)
        }
        Fate::Garbled(kind, side) => {
            let code = run.draw(|rng| *rng.pick(&[500, 502, 503]));
            let (kind, side) = believable(&call, kind, side);
            let fault = FaultRule::times("*", 1, garbled(kind, code));
            let fault = if side == Side::After { fault.after_the_work() } else { fault };
            effect(world, &call, Some(fault), lag_ms)
        }
    };
    sleep(Duration::from_millis(decision.back_ms)).await;
    let status = answer.as_ref().map(|answer| answer.status().as_u16());
    tell(&match decision.fate {
        Fate::Pass => format!("{}", status.unwrap_or_default()),
        fate => format!("{fate:?} {status:?}"),
    });
    answer.ok_or_else(|| no_answer("nothing came back"))
}

fn is_message(call: &Call) -> bool {
    matches!(call.operation.as_str(), "ReplyTicket" | "CreateMessages")
}

/// Leaves out lies that nobody can tell from the truth.
///
/// - Alibaba says that a product has no problem types with the very answer that the wrong shape gives.
/// - A message is taken with success and nothing else, at Huawei perhaps with no body at all: such an answer comes only after
///   the work.
fn believable(call: &Call, kind: Garbled, side: Side) -> (Garbled, Side) {
    let says_nothing = matches!(kind, Garbled::WrongShape | Garbled::Empty);
    match call.operation.as_str() {
        "ListCategories" if kind == Garbled::WrongShape => (Garbled::Rubbish, side),
        _ if is_message(call) && says_nothing => (kind, Side::After),
        _ => (kind, side),
    }
}

fn garbled(kind: Garbled, code: u16) -> Fault {
    match kind {
        Garbled::Status => Fault::Status { code },
        Garbled::Html => Fault::Html,
        Garbled::Empty => Fault::EmptyBody,
        Garbled::Rubbish => Fault::Rubbish,
        Garbled::WrongShape => Fault::WrongShape,
    }
}

/// Carries the call out at its vendor. A ticket or message that it creates appears `lag_ms` later.
fn effect(world: &World, call: &Call, fault: Option<FaultRule>, lag_ms: u64) -> Option<Response<Bytes>> {
    let now_ms = world.clock.now_ms();
    match call.vendor {
        "alibaba" => handle(&world.vendors.alibaba, call, fault, lag_ms, now_ms),
        _ => handle(&world.vendors.huawei, call, fault, lag_ms, now_ms),
    }
}

fn handle<R: Rules>(
    vendor: &Simulator<R>,
    call: &Call,
    fault: Option<FaultRule>,
    lag_ms: u64,
    now_ms: i64,
) -> Option<Response<Bytes>> {
    let lag = (lag_ms > 0).then(|| FaultRule::times("*", 1, Fault::ListLag { ms: lag_ms }));
    let any = fault.is_some() || lag.is_some();
    if any {
        vendor.add_faults(fault.into_iter().chain(lag));
    }
    let answer = vendor.handle(call.request.clone(), now_ms);
    if any {
        vendor.clear_faults();
    }
    match answer.outcome {
        Outcome::Respond(response) => Some(response),
        _ => None,
    }
}

fn no_answer(why: &'static str) -> SendError {
    SendError::NoAnswer(why.into())
}
