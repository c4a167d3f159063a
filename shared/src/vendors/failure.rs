//! The errors for failed calls: the shared default from status to class, and the error for a class. The table of a
//! vendor's codes is in its `error.rs`.

mod class;

pub use class::{Class, default_class, unlisted_class};

use std::time::Duration;

use http::{HeaderMap, Response, StatusCode, header};

use super::{call::VendorOperation, http::SendError, lenient};
use crate::{
    domain::Vendor,
    error::{Error, ErrorKind, Result, Retry, VendorDetail},
    problem_code::ProblemCode,
};

/// The longest part of a vendor's message that an error holds.
const MAX_MESSAGE_CHARS: usize = 300;
/// The longest wait that is accepted from a vendor.
const MAX_HINT: Duration = Duration::from_secs(3600);

/// An error that the vendor reports in its own format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorError {
    /// The vendor's code, as text.
    pub code: Option<String>,
    /// The vendor's message.
    pub message: Option<String>,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// How long the vendor asks to wait.
    pub retry_after: Option<Duration>,
}

impl VendorError {
    /// Our error for a call of `operation`.
    ///
    /// The vendor's message is added, cut and without control characters. Messages about keys, clock and replayed
    /// requests are left out: they can repeat the text that was signed.
    pub fn into_error(self, operation: &VendorOperation, class: Class) -> Error {
        let vendor = operation.vendor;
        let after = self.retry_after;
        let unknown_on_write = if operation.write { Retry::OutcomeUnknown } else { Retry::Yes { after } };
        let (code, retry, text) = match class {
            Class::Unlisted if operation.write => (
                ProblemCode::VendorOutcomeUnknown,
                unknown_on_write,
                "The vendor answers with an undocumented code; whether it did the work is unknown.",
            ),
            Class::Rejected | Class::Unlisted => {
                (ProblemCode::VendorRejected, Retry::No, "The vendor rejects the request.")
            }
            Class::TicketNotFound => (ProblemCode::VendorTicketNotFound, Retry::No, "The vendor has no such ticket."),
            Class::Keys => (ProblemCode::AccountKeysRefused, Retry::No, "The vendor refuses the account's keys."),
            Class::Permission => {
                (ProblemCode::VendorPermissionDenied, Retry::No, "The account's keys lack a permission at the vendor.")
            }
            Class::Throttled => {
                (ProblemCode::VendorThrottled, Retry::Yes { after }, "The vendor throttles the account.")
            }
            Class::Clock => (
                ProblemCode::VendorUnavailable,
                Retry::Yes { after },
                "The vendor finds the time of the request too far off.",
            ),
            Class::NotOffered => {
                (ProblemCode::CapabilityNotSupported, Retry::No, "The vendor does not offer this call there.")
            }
            Class::Replayed | Class::Internal if operation.write => (
                ProblemCode::VendorOutcomeUnknown,
                unknown_on_write,
                "The vendor failed; whether it did the work is unknown.",
            ),
            Class::Replayed | Class::Internal => {
                (ProblemCode::VendorUnavailable, unknown_on_write, "The vendor failed.")
            }
        };
        let with_message = !matches!(class, Class::Keys | Class::Clock | Class::Replayed);
        let detail = self.message.as_deref().filter(|_| with_message).map(safe_text);
        let message = match detail.filter(|detail| !detail.is_empty()) {
            Some(detail) => format!("{text} It says: {detail}"),
            None => text.to_owned(),
        };
        Error::new(code, message)
            .with_retry(retry)
            .with_vendor(VendorDetail {
                vendor,
                code: self.code.as_deref().map(safe_text),
                request_id: self.request_id.as_deref().map(safe_text),
            })
            .with_context("operation", operation.name)
    }
}

/// The error for an answer that is not in the vendor's format. The statuses of refused keys, throttling and a failed
/// server decide; with any other status it is [`ProblemCode::VendorBadAnswer`] for reads and
/// [`ProblemCode::VendorOutcomeUnknown`] for writes. `reason` goes to the log and must not hold text of the answer.
pub fn bad_answer(operation: &VendorOperation, answer: &Response<bytes::Bytes>, reason: &str) -> Error {
    let status = answer.status();
    let vendor_error = VendorError {
        retry_after: retry_after(answer.headers()),
        request_id: header_text(answer.headers(), operation.request_id_header),
        ..VendorError::default()
    };
    // Refused keys must not be retried, a throttled call was certainly not executed, and a failed server is no defect
    // of the format. Any other status may come from a proxy on the way and proves nothing.
    let error = match default_class(status) {
        class @ (Class::Keys | Class::Throttled | Class::Internal) => vendor_error.into_error(operation, class),
        _ => unusable(operation, vendor_error.request_id),
    };
    error
        .with_context("status", status.as_str())
        .with_context("body_bytes", answer.body().len().to_string())
        .with_context("reason", reason)
}

/// The id of a row of a list.
///
/// # Errors
/// The whole answer is a bad one when a row has no id: the item of that row would count as removed.
pub fn row_id<T>(
    operation: &VendorOperation,
    answer: &Response<bytes::Bytes>,
    text: Option<String>,
    parse: impl FnOnce(String) -> Result<T>,
) -> Result<T> {
    lenient::non_blank(text)
        .and_then(|text| parse(text).ok())
        .ok_or_else(|| bad_answer(operation, answer, "a row without a usable id"))
}

/// The error for a list that is not complete.
pub fn incomplete(operation: &VendorOperation, reason: &str) -> Error {
    unusable(operation, None).with_context("reason", reason)
}

fn unusable(operation: &VendorOperation, request_id: Option<String>) -> Error {
    let (code, retry, text) = if operation.write {
        (
            ProblemCode::VendorOutcomeUnknown,
            Retry::OutcomeUnknown,
            "The vendor's answer can't be used; whether it did the work is unknown.",
        )
    } else {
        (ProblemCode::VendorBadAnswer, Retry::Yes { after: None }, "The vendor's answer can't be used.")
    };
    Error::new(code, text)
        .with_retry(retry)
        .with_vendor(VendorDetail { vendor: operation.vendor, code: None, request_id })
        .with_context("operation", operation.name)
}

/// The error for a call without a whole answer.
pub fn no_answer(operation: &VendorOperation, error: SendError) -> Error {
    let (code, retry, text) = match (&error, operation.write) {
        (SendError::NotSent(_), _) => {
            (ProblemCode::VendorUnreachable, Retry::Yes { after: None }, "The vendor could not be reached.")
        }
        (SendError::TooLarge { .. }, _) => {
            return unusable(operation, None).with_source(error);
        }
        (SendError::NoAnswer(_), true) => (
            ProblemCode::VendorOutcomeUnknown,
            Retry::OutcomeUnknown,
            "The vendor gave no answer; whether it did the work is unknown.",
        ),
        (SendError::NoAnswer(_), false) => {
            (ProblemCode::VendorUnavailable, Retry::Yes { after: None }, "The vendor gave no answer.")
        }
    };
    Error::new(code, text)
        .with_retry(retry)
        .with_vendor(vendor_detail(operation.vendor))
        .with_context("operation", operation.name)
        .with_source(error)
}

/// The error for a call that did not start because the caller has no time left.
pub fn deadline_reached(operation: &VendorOperation) -> Error {
    Error::new(ProblemCode::DeadlineReached, "No time was left to call the vendor.")
        .with_kind(ErrorKind::VendorUnavailable)
        .with_retry(Retry::Yes { after: None })
        .with_vendor(vendor_detail(operation.vendor))
        .with_context("operation", operation.name)
}

/// The error for an operation that the vendor's API does not have; it names the console.
pub fn not_supported(vendor: Vendor, what: &str, console: &str) -> Error {
    Error::new(
        ProblemCode::CapabilityNotSupported,
        format!("{vendor} has no published API to {what}; use its console: {console}"),
    )
    .with_vendor(vendor_detail(vendor))
}

/// The error for a key id that a header cannot hold.
pub fn unusable_keys(vendor: Vendor) -> Error {
    Error::new(ProblemCode::AccountKeysRefused, "The account's key id holds characters that no key id has.")
        .with_vendor(vendor_detail(vendor))
}

/// The same error as a conflict: the vendor does not close the ticket in its present status.
pub fn close_refused(error: &Error) -> Error {
    let message = format!("The vendor does not close the ticket. {}", error.message());
    let mut conflict = Error::new(ProblemCode::VendorCloseRefused, message);
    if let Some(vendor) = error.vendor() {
        conflict = conflict.with_vendor(vendor.clone());
    }
    conflict
}

/// Whether `error` has a code of the vendor and came without an error status, so that the code does not say whether the
/// vendor did the work. Then the ticket's status can decide a close.
pub fn is_coded(error: &Error, status: StatusCode) -> bool {
    let code = error.vendor().and_then(|vendor| vendor.code.as_ref());
    error.kind() == ErrorKind::VendorUnavailable && status.is_success() && code.is_some()
}

fn vendor_detail(vendor: Vendor) -> VendorDetail {
    VendorDetail { vendor, code: None, request_id: None }
}

/// `Retry-After` in seconds; no vendor documents the form with a date.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = header_text(headers, header::RETRY_AFTER.as_str())?.trim().parse().ok()?;
    Some(bounded(Duration::from_secs(seconds)))
}

/// The wait that a vendor asks for, at most an hour: a wrong value must not stop an account for days.
pub fn bounded(hint: Duration) -> Duration {
    hint.min(MAX_HINT)
}

/// The value of a header, if it is text.
pub fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// `text` in one line, without control characters, cut to 300 characters.
pub fn safe_text(text: &str) -> String {
    let cleaned: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_MESSAGE_CHARS).collect();
    cleaned.trim().to_owned()
}

#[cfg(test)]
mod tests;
