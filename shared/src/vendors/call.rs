//! One call: what kind it is, the limits of its answer, sending it. Knows no vendor's wire form.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::{
    Access, failure,
    http::{AnswerLimit, HttpSend},
};
use crate::{
    domain::Vendor,
    error::{Error, Result},
};

/// How long an ordinary answer may take.
const ORDINARY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a ticket's messages may take: they come in one piece.
const MESSAGES_TIMEOUT: Duration = Duration::from_secs(20);
/// The largest ordinary answer.
const ORDINARY_BYTES: usize = 4 * 1024 * 1024;
/// The largest answer with messages.
const MESSAGES_BYTES: usize = 32 * 1024 * 1024;

/// One of a vendor's operations, as far as sending it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Whose it is.
    pub vendor: Vendor,
    /// The vendor's name of it.
    pub name: &'static str,
    /// Whether it changes anything at the vendor.
    pub write: bool,
    /// Whether its answer is a ticket's messages.
    pub messages: bool,
    /// The answer header with the vendor's request id.
    pub request_id_header: &'static str,
}

impl Operation {
    /// A read.
    pub const fn read(vendor: Vendor, name: &'static str) -> Self {
        let request_id_header = match vendor {
            Vendor::Alibaba => "x-acs-request-id",
            Vendor::Huawei => "x-request-id",
            Vendor::Tencent => "x-tc-requestid",
        };
        Self { vendor, name, write: false, messages: false, request_id_header }
    }

    /// A write.
    pub const fn write(vendor: Vendor, name: &'static str) -> Self {
        Self { write: true, ..Self::read(vendor, name) }
    }

    /// A read whose answer is a ticket's messages.
    pub const fn messages(vendor: Vendor, name: &'static str) -> Self {
        Self { messages: true, ..Self::read(vendor, name) }
    }
}

/// Sends `request`, signed as it stands, within what is left of the caller's time.
///
/// Fails before sending where nothing is left, and with the error for no answer ([`failure::no_answer`]).
pub async fn send(
    sender: &dyn HttpSend,
    access: &Access,
    operation: &Operation,
    request: Request<Bytes>,
) -> Result<Response<Bytes>> {
    let remaining = access.remaining();
    if remaining.is_zero() {
        return Err(failure::deadline_reached(operation));
    }
    let limit = if operation.messages {
        AnswerLimit { timeout: MESSAGES_TIMEOUT.min(remaining), max_bytes: MESSAGES_BYTES }
    } else {
        AnswerLimit { timeout: ORDINARY_TIMEOUT.min(remaining), max_bytes: ORDINARY_BYTES }
    };
    sender.send(request, limit).await.map_err(|error| failure::no_answer(operation, error))
}

/// A request from its pieces; they come from checked types, so a failure is a defect.
pub fn request(builder: http::request::Builder, body: Bytes) -> Result<Request<Bytes>> {
    builder
        .body(body)
        .map_err(|source| Error::unexpected("A vendor request could not be built.").with_source(source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Site,
        error::Retry,
        vendors::testing::{Script, Step, access, ok},
    };

    async fn sent(
        operation: &Operation,
        left: Duration,
        step: Step,
    ) -> (Result<Response<Bytes>>, Option<AnswerLimit>) {
        let script = Script::new([step]);
        let mut access = access(Site::China, "cn-hangzhou");
        access.deadline = tokio::time::Instant::now() + left;
        let request = request(Request::get("http://127.0.0.1/"), Bytes::new()).unwrap();
        let answer = send(&*script, &access, operation, request).await;
        (answer, (script.calls() > 0).then(|| script.limit(0)))
    }

    #[test]
    fn an_operation_says_what_it_is() {
        for (vendor, header) in [
            (Vendor::Alibaba, "x-acs-request-id"),
            (Vendor::Huawei, "x-request-id"),
            (Vendor::Tencent, "x-tc-requestid"),
        ] {
            for (operation, write, messages) in [
                (Operation::read(vendor, "X"), false, false),
                (Operation::write(vendor, "X"), true, false),
                (Operation::messages(vendor, "X"), false, true),
            ] {
                let expected = Operation { vendor, name: "X", write, messages, request_id_header: header };
                assert_eq!(operation, expected);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_has_its_limits_and_never_more_than_the_time_left() {
        let (read, write) = (Operation::read(Vendor::Huawei, "R"), Operation::write(Vendor::Huawei, "W"));
        let messages = Operation::messages(Vendor::Huawei, "M");
        for (operation, left, timeout, max_bytes) in [
            (read, 60, 10, 4 << 20),
            (write, 60, 10, 4 << 20),
            (messages, 60, 20, 32 << 20),
            (read, 9, 9, 4 << 20),
            (messages, 19, 19, 32 << 20),
        ] {
            let (answer, limit) = sent(&operation, Duration::from_secs(left), ok("{}")).await;
            let limit = limit.unwrap();
            assert_eq!(answer.unwrap().body().as_ref(), b"{}");
            assert_eq!((limit.timeout, limit.max_bytes), (Duration::from_secs(timeout), max_bytes));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_without_time_and_no_answer_is_told_as_such() {
        let write = Operation::write(Vendor::Huawei, "W");
        let (answer, limit) = sent(&write, Duration::ZERO, ok("{}")).await;
        assert_eq!((answer.unwrap_err().code(), limit.is_none()), ("deadline_reached", true));
        let (answer, limit) = sent(&write, Duration::from_nanos(1), Step::NoAnswer).await;
        assert_eq!(answer.unwrap_err().retry(), Retry::OutcomeUnknown);
        assert_eq!(limit.unwrap().timeout, Duration::from_nanos(1));
    }

    #[test]
    fn a_request_that_cannot_be_built_is_a_defect() {
        let error = request(Request::get("http://a b/"), Bytes::new()).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::Unexpected);
    }
}
