//! The vendors in process: the simulators behind the product's trait for sending.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use shared::vendors::{
    http::{AnswerLimit, HttpSend, SendError},
    retry::OPERATION,
};
use simulators::{Fault, FaultRule, VendorRules, alibaba::AlibabaRules, huawei::HuaweiRules};
use tokio::time::{sleep, timeout};

use super::{
    injected_fault::{FaultTiming, InjectedFault, MalformedAnswer},
    point,
    vendor_effect::effect,
};
use crate::{
    process::{CallTarget, ProcessContext, RunningInvocation, SentRequest, lock},
    world::SimulatedWorld,
};

/// Sends a process's requests to the simulated vendors, with injected faults.
pub struct FaultyVendorSender(pub Arc<ProcessContext>);

/// A request with its vendor and operation.
#[derive(Clone)]
pub struct VendorRequest {
    /// The vendor.
    pub vendor: &'static str,
    /// The operation.
    pub operation: String,
    /// The request as it is sent.
    pub request: Request<Bytes>,
}

impl VendorRequest {
    fn of(mut request: Request<Bytes>) -> Self {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let name = HeaderValue::from_str(&host).unwrap_or(HeaderValue::from_static("invalid"));
        // An HTTP client adds the host where the signer set none.
        request.headers_mut().entry(header::HOST).or_insert(name);
        let vendor = if host.contains("aliyuncs") { "alibaba" } else { "huawei" };
        let operation = match vendor {
            "alibaba" => AlibabaRules::operation(&request),
            _ => HuaweiRules::operation(&request),
        };
        Self { vendor, operation, request }
    }

    /// Equal for equal requests, whatever their signatures.
    fn fingerprint(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        (self.operation.as_str(), self.request.uri().to_string(), self.request.body()).hash(&mut hash);
        hash.finish()
    }

    /// Whether it is about that ticket of the vendor.
    pub fn is_about(&self, cloud_id: &str) -> bool {
        let has_id = |bytes: &[u8]| bytes.windows(cloud_id.len()).any(|part| part == cloud_id.as_bytes());
        self.request.uri().to_string().contains(cloud_id) || has_id(self.request.body())
    }

    /// The vendor's ids of the ticket and of the message that it withdraws.
    pub fn withdrawal(&self) -> Option<(&str, &str)> {
        let path = self.request.uri().path().strip_suffix("/withdraw")?;
        path.split_once("/cases/")?.1.split_once("/instant-messages/")
    }

    /// The id of the key that signed it.
    pub fn key_id(&self) -> String {
        let text = self.request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let text = text.unwrap_or_default();
        let id = ["Credential=", "Access="].iter().find_map(|name| text.split_once(name));
        id.map(|(_, rest)| rest.split([',', '/']).next().unwrap_or_default().to_owned()).unwrap_or_default()
    }
}

#[async_trait]
impl HttpSend for FaultyVendorSender {
    async fn send(&self, request: Request<Bytes>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError> {
        let call = VendorRequest::of(request);
        let world = &self.0.world;
        let Some(run) = self.0.run() else {
            return effect(world, &call, None, 0).ok_or_else(|| no_answer("no response"));
        };
        let sent =
            SentRequest { fingerprint: call.fingerprint(), operation: OPERATION.try_with(|number| *number).ok() };
        self.check_repetition(&run, &call, sent);
        if is_close(&call) {
            world.check_close(|cloud_id| call.is_about(cloud_id));
        }
        let answer = match timeout(limit.timeout, call_with_fault(world, &run, call)).await {
            Ok(answer) => answer,
            Err(_) => Err(no_answer("timed out")),
        };
        let failed = match &answer {
            Ok(answer) if answer.status().is_success() || is_throttled(answer) => None,
            // It is signed again with the vendor's time.
            Ok(answer) if refuses_the_time(answer) => None,
            Ok(answer) => Some(answer.status().as_u16()),
            Err(_) => Some(0),
        };
        if let Some(status) = failed {
            lock(&run.failed).insert(sent, status);
        }
        answer
    }
}

impl FaultyVendorSender {
    /// Counts the retries of an operation, and checks that no refused request is sent again.
    fn check_repetition(&self, run: &RunningInvocation, call: &VendorRequest, sent: SentRequest) {
        let (refused, repeated) = {
            let mut failed = lock(&run.failed);
            let refused = failed.iter().any(|(one, status)| one.fingerprint == sent.fingerprint && *status == 401);
            (refused, failed.remove(&sent).is_some())
        };
        if refused && call.vendor == "huawei" {
            self.0.world.report_repeated_refusal(run);
        }
        if repeated {
            self.0.world.count_retry(self.0.process, run, call.vendor, &call.key_id());
        }
    }
}

async fn call_with_fault(
    world: &Arc<SimulatedWorld>,
    run: &RunningInvocation,
    call: VendorRequest,
) -> Result<Response<Bytes>, SendError> {
    let point = point::vendor(run.function, call.vendor, &call.operation);
    let mut plan = run.plan_call(world, &point, CallTarget::Vendor(call.vendor));
    if let Some(fault) = fault_of_ticket(world, &call)
        && !matches!(plan.fault, InjectedFault::Crash(_))
    {
        plan.fault = fault;
    }
    let longest_ms = world.plan.longest_lag_ms(is_message(&call));
    let lag_ms = if world.faults_on() { run.draw(|rng| rng.below(longest_ms + 1)) } else { 0 };
    let trace_call = |what: &str| world.trace_call(run, &point, what);
    let apply = |timing: FaultTiming| (timing == FaultTiming::After).then(|| effect(world, &call, None, lag_ms));
    sleep(Duration::from_millis(plan.request_ms)).await;
    let answer = match plan.fault {
        InjectedFault::NoFault | InjectedFault::Partial => effect(world, &call, None, lag_ms),
        InjectedFault::Crash(timing) => {
            apply(timing);
            trace_call(&format!("CRASH {timing:?}"));
            run.crash().await;
            None
        }
        InjectedFault::Disconnect(FaultTiming::Before) => {
            trace_call("connection refused");
            return Err(SendError::NotSent("the connection was refused".into()));
        }
        InjectedFault::Disconnect(FaultTiming::After) => {
            apply(FaultTiming::After);
            trace_call("disconnect After");
            return Err(no_answer("the connection was reset"));
        }
        InjectedFault::DelayedEffect(effect_after_ms) => {
            trace_call(&format!("disconnect, takes effect {effect_after_ms} ms later"));
            let (world, point) = (Arc::clone(world), point.clone());
            let lag_ms = world.plan.lag_after_delayed_effect(effect_after_ms, lag_ms, is_message(&call));
            tokio::spawn(async move {
                sleep(Duration::from_millis(effect_after_ms)).await;
                let status = effect(&world, &call, None, lag_ms).map(|answer| answer.status().as_u16());
                world.trace_line(&format!("delayed effect: {point} → {status:?}"));
            });
            return Err(no_answer("the connection was reset"));
        }
        InjectedFault::Hang(timing) => {
            apply(timing);
            trace_call(&format!("hang {timing:?}"));
            std::future::pending::<()>().await;
            None
        }
        InjectedFault::Sleep(timing, ms) => {
            let lag_ms = world.plan.lag_after_sleep_ms(lag_ms);
            let before = (timing == FaultTiming::After).then(|| effect(world, &call, None, lag_ms));
            trace_call(&format!("sleeps {ms} ms {} it", timing.name()));
            run.sleep(ms).await;
            return before
                .unwrap_or_else(|| effect(world, &call, None, lag_ms))
                .ok_or_else(|| no_answer("no response"));
        }
        InjectedFault::Throttle => {
            let retry_after_ms = Some(run.draw(|rng| rng.between(100, 3000)));
            let fault = FaultRule::times("*", 1, Fault::Throttle { retry_after_ms });
            effect(world, &call, Some(fault), lag_ms)
        }
        InjectedFault::RefusedKeys => effect(world, &call, Some(FaultRule::times("*", 1, refused_keys(&call))), lag_ms),
        InjectedFault::Malformed(kind, timing) => {
            let (code, html) = run.draw(|rng| (*rng.pick(&[500, 502, 503]), *rng.pick(&HTML_STATUSES)));
            let fault = match distinguishable(&call, kind) {
                MalformedAnswer::Html if is_write(&call) => Fault::HtmlPage { code: html },
                kind => vendor_fault(kind, code),
            };
            let fault = FaultRule::times("*", 1, fault);
            let fault = if timing == FaultTiming::After { fault.after_the_work() } else { fault };
            effect(world, &call, Some(fault), lag_ms)
        }
    };
    sleep(Duration::from_millis(plan.response_ms)).await;
    let status = answer.as_ref().map(|answer| answer.status().as_u16());
    trace_call(&match plan.fault {
        InjectedFault::NoFault => format!("{}", status.unwrap_or_default()),
        fault => format!("{fault:?} {status:?}"),
    });
    answer.ok_or_else(|| no_answer("no response"))
}

/// A throttled call follows the account's pace, not the budget of retries.
pub(super) fn is_throttled(answer: &Response<Bytes>) -> bool {
    let code = b"Throttling";
    answer.status() == StatusCode::TOO_MANY_REQUESTS || answer.body().windows(code.len()).any(|bytes| bytes == code)
}

/// Whether the vendor refuses the time of a signature, which says nothing about the key.
fn refuses_the_time(answer: &Response<Bytes>) -> bool {
    let text = String::from_utf8_lossy(answer.body());
    answer.status() == 401 && text.contains("signature expired")
}

/// The fault of a call about the ticket of which each call fails.
fn fault_of_ticket(world: &SimulatedWorld, call: &VendorRequest) -> Option<InjectedFault> {
    let failing = world.plan.vendors.failing_ticket.filter(|ticket| ticket.vendor == call.vendor)?;
    if !(failing.is_lasting || world.faults_on()) {
        return None;
    }
    let cloud_id = world.failing_cloud_id()?;
    call.is_about(&cloud_id).then_some(failing.fault)
}

/// The statuses of a proxy's page in answer to a write. A read with a page of 401 says that the keys are refused.
const HTML_STATUSES: [u16; 4] = [502, 401, 403, 429];

/// Whether the call creates a ticket or message, withdraws a message, or changes a ticket's status.
pub(super) fn is_write(call: &VendorRequest) -> bool {
    matches!(
        call.operation.as_str(),
        "CreateTicket"
            | "CreateCases"
            | "ReplyTicket"
            | "ReopenTicket"
            | "CreateMessages"
            | "CloseTicket"
            | "UpdateCases"
            | "RevokeMessage"
    )
}

fn is_close(call: &VendorRequest) -> bool {
    matches!(call.operation.as_str(), "CloseTicket" | "UpdateCases")
}

pub(super) fn is_message(call: &VendorRequest) -> bool {
    matches!(call.operation.as_str(), "ReplyTicket" | "ReopenTicket" | "CreateMessages")
}

/// Replaces a malformed answer that no client can distinguish from a valid one: Alibaba's answer for a product without
/// problem types equals the wrong shape, no vendor documents what the success of a rating holds, and any body may be a
/// file.
fn distinguishable(call: &VendorRequest, kind: MalformedAnswer) -> MalformedAnswer {
    match (call.operation.as_str(), kind) {
        ("ListCategories" | "EvaluateTicket" | "CreateScores", MalformedAnswer::WrongShape) => {
            MalformedAnswer::TruncatedJson
        }
        ("GetObject" | "DownloadAccessories", _) => MalformedAnswer::Status,
        _ => kind,
    }
}

/// The vendor's answer to keys that are switched off.
fn refused_keys(call: &VendorRequest) -> Fault {
    let code = if call.vendor == "alibaba" { "InvalidAccessKeyId.Inactive" } else { "APIGW.0301" };
    Fault::Refuse { code: code.to_owned(), message: "The access key is inactive.".to_owned() }
}

fn vendor_fault(kind: MalformedAnswer, code: u16) -> Fault {
    match kind {
        MalformedAnswer::Status => Fault::Status { code },
        MalformedAnswer::Html => Fault::Html,
        MalformedAnswer::Empty => Fault::EmptyBody,
        MalformedAnswer::TruncatedJson => Fault::Rubbish,
        MalformedAnswer::WrongShape => Fault::WrongShape,
    }
}

fn no_answer(why: &'static str) -> SendError {
    SendError::NoAnswer(why.into())
}
