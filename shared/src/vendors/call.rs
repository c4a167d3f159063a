//! One call: its kind, the limits of its answer, and sending it. Knows no vendor's wire format.

use std::{future::Future, time::Duration};

use bytes::Bytes;
use http::Request;
use serde::Serialize;

use super::{
    Access,
    answer::VendorAnswer,
    failure,
    http::{AnswerLimit, HttpSend},
    vendor_clock::VendorClock,
};
use crate::{
    audit,
    domain::Vendor,
    error::{Error, ErrorKind, Result, Retry},
};

const ORDINARY_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer: the messages of a ticket come in one answer.
const MESSAGES_TIMEOUT: Duration = Duration::from_secs(20);
const ORDINARY_BYTES: usize = 4 * 1024 * 1024;
/// A hundred thousand messages with a kilobyte each.
const MESSAGES_BYTES: usize = 128 * 1024 * 1024;
/// The least time for the answer to a write that waited for its slot: without it the outcome would be unknown, where a
/// write that is not sent has a certain one.
const LEAST_WRITE_TIME: Duration = Duration::from_secs(3);
/// The largest body of a refusal, bytes. A longer answer is not looked at for one.
pub(super) const MAX_REFUSAL_BYTES: usize = 16 * 1024;

/// One of a vendor's operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VendorOperation {
    pub vendor: Vendor,
    /// The vendor's name of the operation.
    pub name: &'static str,
    /// Whether it changes anything at the vendor.
    pub write: bool,
    /// Whether its answer is a ticket's messages.
    pub messages: bool,
    /// The answer header with the vendor's request id.
    pub request_id_header: &'static str,
}

impl VendorOperation {
    /// An operation that changes nothing.
    pub const fn read(vendor: Vendor, name: &'static str) -> Self {
        let request_id_header = match vendor {
            Vendor::Alibaba => "x-acs-request-id",
            Vendor::Huawei => "x-request-id",
            Vendor::Tencent => "x-tc-requestid",
        };
        Self { vendor, name, write: false, messages: false, request_id_header }
    }

    /// An operation that changes something.
    pub const fn write(vendor: Vendor, name: &'static str) -> Self {
        Self { write: true, ..Self::read(vendor, name) }
    }

    /// The audit record of the running call names the vendor's request, where this operation writes.
    pub fn record_request(&self, id: &str) {
        if self.write {
            audit::set_vendor_request(failure::safe_text(id));
        }
    }

    /// A read whose answer is a ticket's messages.
    pub const fn messages(vendor: Vendor, name: &'static str) -> Self {
        Self { messages: true, ..Self::read(vendor, name) }
    }
}

/// Sends the signed `request` within the caller's remaining time. Fails when no time is left, or
/// without a whole answer.
pub async fn send(
    sender: &dyn HttpSend,
    access: &Access,
    operation: &VendorOperation,
    request: Request<Bytes>,
) -> Result<VendorAnswer> {
    let remaining = access.remaining();
    if remaining.is_zero() {
        return Err(failure::deadline_reached(operation));
    }
    let limit = if operation.messages {
        AnswerLimit { timeout: MESSAGES_TIMEOUT.min(remaining), max_bytes: MESSAGES_BYTES }
    } else {
        AnswerLimit { timeout: ORDINARY_TIMEOUT.min(remaining), max_bytes: ORDINARY_BYTES }
    };
    let response = sender.send(request, limit).await.map_err(|error| failure::no_answer(operation, error))?;
    if let Some(id) = failure::header_text(response.headers(), operation.request_id_header) {
        operation.record_request(&id);
    }
    Ok(VendorAnswer { operation: *operation, response })
}

/// An answer to a call that is made at the account's pace.
pub trait PacedAnswer {
    /// The whole answer, where it may be a refusal.
    fn whole(&self) -> Option<&VendorAnswer>;
}

impl PacedAnswer for VendorAnswer {
    fn whole(&self) -> Option<&VendorAnswer> {
        Some(self)
    }
}

/// Makes a call at the account's pace, by `send`, which signs and sends it. A call that the vendor throttles did
/// nothing: it waits for its next slot and is sent again, as long as there is time. One whose time the vendor refuses
/// is sent again once, with the vendor's time. `check` reads a refusal in the vendor's format.
pub async fn paced<A, F>(
    access: &Access,
    operation: &VendorOperation,
    clock: &VendorClock,
    check: fn(&VendorAnswer) -> Result<()>,
    send: impl Fn() -> F,
) -> Result<A>
where
    A: PacedAnswer,
    F: Future<Output = Result<A>>,
{
    let mut has_learned = false;
    let reserved = if operation.write { LEAST_WRITE_TIME } else { Duration::ZERO };
    let last_slot = access.deadline.checked_sub(reserved).unwrap_or(access.deadline);
    loop {
        if access.remaining().is_zero() {
            return Err(failure::deadline_reached(operation));
        }
        let no_time = |no_time| failure::no_time_for_call(operation, no_time);
        let sent = access.pace.next_slot(last_slot).await.map_err(no_time)?;
        let answer = send().await?;
        let small = answer.whole().filter(|answer| answer.response.body().len() <= MAX_REFUSAL_BYTES);
        let refusal = small.and_then(|answer| Some((answer, check(answer).err()?)));
        match refusal {
            Some((_, refusal)) if refusal.kind() == ErrorKind::RateLimited => {
                let hint = match refusal.retry() {
                    Retry::Yes { after } => after,
                    _ => None,
                };
                if access.pace.record_throttled(sent, hint, last_slot).await.is_none() {
                    return Ok(answer);
                }
            }
            Some((refused, refusal)) if !has_learned && clock.learn(refused, &refusal) => has_learned = true,
            _ => {
                access.pace.record_success();
                return Ok(answer);
            }
        }
    }
}

/// A request from its head and body; a failure is a defect, as the parts come from checked types.
pub fn request(builder: http::request::Builder, body: impl Into<Bytes>) -> Result<Request<Bytes>> {
    let request = builder.body(body.into());
    request.map_err(|source| Error::unexpected("A vendor request could not be built.").with_source(source))
}

/// A request with a JSON body.
pub fn json_request(builder: http::request::Builder, body: &impl Serialize) -> Result<Request<Bytes>> {
    let body = serde_json::to_vec(body)
        .map_err(|source| Error::unexpected("A vendor request could not be written.").with_source(source))?;
    request(builder, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Site,
        error::Retry,
        vendors::testing::{ScriptedSender, Step, access, ok},
    };

    async fn sent(
        operation: &VendorOperation,
        left: Duration,
        step: Step,
    ) -> (Result<VendorAnswer>, Option<AnswerLimit>) {
        let script = ScriptedSender::new([step]);
        let mut access = access(Site::China, "cn-hangzhou");
        access.deadline = tokio::time::Instant::now() + left;
        let request = request(Request::get("http://127.0.0.1/"), Bytes::new()).unwrap();
        let answer = send(&*script, &access, operation, request).await;
        (answer, (script.calls() > 0).then(|| script.limit(0)))
    }

    #[test]
    fn an_operation_has_its_kind_and_its_request_id_header() {
        for (vendor, header) in [
            (Vendor::Alibaba, "x-acs-request-id"),
            (Vendor::Huawei, "x-request-id"),
            (Vendor::Tencent, "x-tc-requestid"),
        ] {
            for (operation, write, messages) in [
                (VendorOperation::read(vendor, "X"), false, false),
                (VendorOperation::write(vendor, "X"), true, false),
                (VendorOperation::messages(vendor, "X"), false, true),
            ] {
                let expected = VendorOperation { vendor, name: "X", write, messages, request_id_header: header };
                assert_eq!(operation, expected);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_has_its_limits_and_never_more_than_the_time_left() {
        let (read, write) = (VendorOperation::read(Vendor::Huawei, "R"), VendorOperation::write(Vendor::Huawei, "W"));
        let messages = VendorOperation::messages(Vendor::Huawei, "M");
        for (operation, left, timeout, max_bytes) in [
            (read, 60, 10, 4 << 20),
            (write, 60, 10, 4 << 20),
            (messages, 60, 20, 128 << 20),
            (read, 9, 9, 4 << 20),
            (messages, 19, 19, 128 << 20),
        ] {
            let (answer, limit) = sent(&operation, Duration::from_secs(left), ok("{}")).await;
            let limit = limit.unwrap();
            assert_eq!(answer.unwrap().response.body().as_ref(), b"{}");
            assert_eq!((limit.timeout, limit.max_bytes), (Duration::from_secs(timeout), max_bytes));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_without_time_and_no_answer_has_its_own_error() {
        let write = VendorOperation::write(Vendor::Huawei, "W");
        let (answer, limit) = sent(&write, Duration::ZERO, ok("{}")).await;
        assert_eq!((answer.err().unwrap().code(), limit.is_none()), ("deadline_reached", true));
        let (answer, limit) = sent(&write, Duration::from_nanos(1), Step::NoAnswer).await;
        assert_eq!(answer.err().unwrap().retry(), Retry::OutcomeUnknown);
        assert_eq!(limit.unwrap().timeout, Duration::from_nanos(1));
    }

    #[test]
    fn a_request_that_cannot_be_built_is_a_defect() {
        let error = request(Request::get("http://a b/"), Bytes::new()).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::Unexpected);
    }
}
