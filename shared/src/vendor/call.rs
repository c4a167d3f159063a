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
