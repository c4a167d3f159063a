//! The answer that a fault gives in place of the call's own.

use bytes::Bytes;

use crate::answer::{SimulatedAnswer, VendorReply, WireOutcome};
use crate::fault::Fault;
use crate::simulator::{SimulatedError, VendorRules};
use crate::ticket::LoggedCall;
use crate::vendor_state::VendorState;

/// The longest body the `huge` fault makes.
const HUGE_LIMIT: usize = 64 << 20;

/// Answers as the fault says; the work of the call, if any, is done already.
pub(crate) fn fail<R: VendorRules>(state: &mut VendorState, mut call: LoggedCall, fault: &Fault) -> SimulatedAnswer {
    let number = state.next_request();
    let silent = match fault {
        Fault::CutBefore => Some(WireOutcome::CutBefore),
        Fault::CutAfter => Some(WireOutcome::CutAfter),
        Fault::Hang => Some(WireOutcome::Hang),
        Fault::AcceptThenHang => Some(WireOutcome::AcceptThenHang),
        _ => None,
    };
    if let Some(outcome) = silent {
        state.log(call);
        return SimulatedAnswer { delay_ms: 0, outcome };
    }
    let streamed = match fault {
        Fault::Endless => Some(WireOutcome::RespondEndlessly(file(&[b'x'; 1 << 16], None))),
        Fault::WrongLength { announced } => Some(WireOutcome::RespondShort(file(&[b'x'; 1000], Some(*announced)))),
        _ => None,
    };
    if let Some(outcome) = streamed {
        call.status = Some(200);
        state.log(call);
        return SimulatedAnswer { delay_ms: 0, outcome };
    }
    let html = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
    let reply = match fault {
        Fault::Throttle { retry_after_ms } => {
            R::error_reply(&SimulatedError::Throttled { retry_after_ms: *retry_after_ms }, number)
        }
        Fault::Status { code } => R::error_reply(&SimulatedError::Status(*code), number),
        Fault::Refuse { code, message } => R::error_reply(&SimulatedError::Refused { code, message }, number),
        Fault::WrongShape => R::error_reply(&SimulatedError::WrongShape, number),
        Fault::Html => VendorReply::raw(502, "text/html", Bytes::from_static(html.as_bytes())),
        Fault::HtmlPage { code } => VendorReply::raw(*code, "text/html", Bytes::from_static(html.as_bytes())),
        Fault::Redirect { location } => {
            VendorReply::raw(302, "text/html", Bytes::new()).with_header("location", location.clone())
        }
        Fault::Huge { bytes } => {
            VendorReply::raw(200, "application/json", Bytes::from(vec![b'x'; (*bytes).min(HUGE_LIMIT)]))
        }
        Fault::Rubbish => VendorReply::raw(200, "application/json", Bytes::from_static(b"{\"RequestId\":\"4C2")),
        _ => VendorReply::raw(200, "application/json", Bytes::new()),
    };
    call.status = Some(reply.status);
    state.log(call);
    SimulatedAnswer::now(reply.into_response())
}

/// A file with that length in the head.
fn file(bytes: &[u8], announced: Option<u64>) -> http::Response<Bytes> {
    let reply = VendorReply::raw(200, "application/octet-stream", Bytes::copy_from_slice(bytes));
    let announced = announced.map(|length| ("content-length", length.to_string()));
    announced.into_iter().fold(reply, |reply, (name, value)| reply.with_header(name, value)).into_response()
}

pub(crate) fn finish(state: &mut VendorState, mut call: LoggedCall, reply: VendorReply) -> SimulatedAnswer {
    call.status = Some(reply.status);
    if let Some(code) = &reply.code {
        call.outcome.clone_from(code);
    }
    state.log(call);
    SimulatedAnswer::now(reply.into_response())
}

pub(crate) fn replaces_answer(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Status { .. }
            | Fault::Html
            | Fault::HtmlPage { .. }
            | Fault::EmptyBody
            | Fault::Huge { .. }
            | Fault::Rubbish
            | Fault::WrongShape
    )
}

/// Whether a client may read the fault's answer as success. A refused call must not be answered so.
pub(crate) fn reads_as_success(fault: &Fault) -> bool {
    matches!(fault, Fault::EmptyBody | Fault::WrongShape)
}

/// The fault's name in JSON.
pub(crate) fn name_of(fault: &Fault) -> String {
    let value = serde_json::to_value(fault).unwrap_or_default();
    value.get("fault").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}
