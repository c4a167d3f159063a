//! The errors for failed calls: the shared default from status to class, and the error for a class. The table of a
//! vendor's codes is in its `error.rs`.

mod class;

pub use class::{Class, default_class, unlisted_class};

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};

use super::{Access, Capability, call::VendorOperation, http::SendError, pace::NoTimeForCall};
use crate::{
    domain::Vendor,
    error::{Error, ErrorKind, Retry, VendorDetail},
    problem_code::ProblemCode,
};

/// The longest part of a vendor's message that an error holds.
const MAX_MESSAGE_CHARS: usize = 300;
/// The longest wait that is accepted from a vendor.
const MAX_HINT: Duration = Duration::from_secs(3600);

/// An error that the vendor reports in its own format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorError {
    pub code: Option<String>,
    pub message: Option<String>,
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
        let (code, text) = match class {
            Class::Unlisted if operation.write => (
                ProblemCode::VendorOutcomeUnknown,
                "The vendor answers with an undocumented code; whether it did the work is unknown.",
            ),
            Class::Rejected | Class::Unlisted => (ProblemCode::VendorRejected, "The vendor rejects the request."),
            Class::TicketNotFound => (ProblemCode::VendorTicketNotFound, "The vendor has no such ticket."),
            Class::Keys => (ProblemCode::AccountKeysRefused, "The vendor refuses the account's keys."),
            Class::Permission => {
                (ProblemCode::VendorPermissionDenied, "The account's keys lack a permission at the vendor.")
            }
            Class::Throttled => (ProblemCode::VendorThrottled, "The vendor throttles the account."),
            Class::UrgedTooOften => (
                ProblemCode::UrgedTooOften,
                "The ticket was urged a short time ago; the vendor takes no second one yet.",
            ),
            Class::Clock => (ProblemCode::VendorClockRefused, "The vendor finds the time of the request too far off."),
            Class::NotOffered => (ProblemCode::CapabilityNotSupported, "The vendor does not offer this call there."),
            Class::Replayed | Class::Internal if operation.write => {
                (ProblemCode::VendorOutcomeUnknown, "The vendor failed; whether it did the work is unknown.")
            }
            Class::Replayed | Class::Internal => (ProblemCode::VendorUnavailable, "The vendor failed."),
        };
        let with_message = !matches!(class, Class::Keys | Class::Clock | Class::Replayed);
        let detail = self.message.as_deref().filter(|_| with_message).map(safe_text);
        let message = match detail.filter(|detail| !detail.is_empty()) {
            Some(detail) => format!("{text}{SAYS}{detail}"),
            None => text.to_owned(),
        };
        failed(operation, code, message, self.retry_after).with_vendor(VendorDetail {
            vendor: operation.vendor,
            code: self.code.as_deref().map(safe_text),
            request_id: self.request_id.as_deref().map(safe_text),
        })
    }
}

/// The error for a failed call of `operation`. The code decides whether the call may be made again; a write with a code
/// that is not listed here may have been done.
fn failed(
    operation: &VendorOperation,
    code: ProblemCode,
    message: impl Into<String>,
    after: Option<Duration>,
) -> Error {
    let retry = match code {
        ProblemCode::VendorOutcomeUnknown => Retry::OutcomeUnknown,
        ProblemCode::VendorThrottled
        | ProblemCode::VendorUnavailable
        | ProblemCode::VendorClockRefused
        | ProblemCode::VendorUnreachable
        | ProblemCode::VendorBadAnswer
        | ProblemCode::FileLengthWrong
        | ProblemCode::DeadlineReached => Retry::Yes { after },
        ProblemCode::VendorRejected
        | ProblemCode::UrgedTooOften
        | ProblemCode::VendorTicketNotFound
        | ProblemCode::VendorPermissionDenied
        | ProblemCode::AccountKeysRefused
        | ProblemCode::FileLinkNotAllowed
        | ProblemCode::FileRefused
        | ProblemCode::CapabilityNotSupported => Retry::No,
        _ if operation.write => Retry::OutcomeUnknown,
        _ => Retry::No,
    };
    Error::new(code, message)
        .with_retry(retry)
        .with_vendor(vendor_detail(operation.vendor))
        .with_context("operation", operation.name)
}

/// The error for a list that is not complete.
pub fn incomplete(operation: &VendorOperation, reason: &str) -> Error {
    unusable(operation).with_context("reason", reason)
}

/// The error for an answer that can't be used and decides nothing.
pub fn unusable(operation: &VendorOperation) -> Error {
    let (code, text) = if operation.write {
        (ProblemCode::VendorOutcomeUnknown, "The vendor's answer can't be used; whether it did the work is unknown.")
    } else {
        (ProblemCode::VendorBadAnswer, "The vendor's answer can't be used.")
    };
    failed(operation, code, text, None)
}

/// The error for a call without a whole answer.
pub fn no_answer(operation: &VendorOperation, error: SendError) -> Error {
    let (code, text) = match (&error, operation.write) {
        (SendError::NotSent(_), _) => (ProblemCode::VendorUnreachable, "The vendor could not be reached."),
        (SendError::NotPublic, _) => {
            (ProblemCode::FileLinkNotAllowed, "The link to the file leads to an address that is not public.")
        }
        (SendError::TooLarge { .. }, _) => return unusable(operation).with_source(error),
        (SendError::NoAnswer(_), true) => {
            (ProblemCode::VendorOutcomeUnknown, "The vendor gave no answer; whether it did the work is unknown.")
        }
        (SendError::NoAnswer(_), false) => (ProblemCode::VendorUnavailable, "The vendor gave no answer."),
    };
    failed(operation, code, text, None).with_source(error)
}

/// The error for a file that was not read.
pub fn file(operation: &VendorOperation, code: ProblemCode, text: &str) -> Error {
    failed(operation, code, text, None)
}

/// The same error for a file: the vendor does not take it. Other errors than a rejection stay as they are.
pub fn file_refused(error: Error) -> Error {
    if !error.is(ProblemCode::VendorRejected) {
        return error;
    }
    with_reason(ProblemCode::FileRefused, "The vendor does not take the file.", &error)
}

/// The error for an account that has sent as many files as the vendor takes on a day.
pub fn file_quota_exceeded(error: &Error) -> Error {
    with_reason(ProblemCode::FileQuotaExceeded, "The vendor takes no more files of the account today.", error)
}

/// `error` under another code, with its text behind `text`.
fn with_reason(code: ProblemCode, text: &str, error: &Error) -> Error {
    let new = Error::new(code, format!("{text} {}", error.message()));
    match error.vendor() {
        Some(vendor) => new.with_vendor(vendor.clone()),
        None => new,
    }
}

/// The error for a call that did not start because the caller has no time left.
pub fn deadline_reached(operation: &VendorOperation) -> Error {
    failed(operation, ProblemCode::DeadlineReached, "No time was left to call the vendor.", None)
        .with_kind(ErrorKind::VendorUnavailable)
}

/// The error for a call whose slot in the account's pace does not come in time. Nothing was sent.
pub fn no_time_for_call(operation: &VendorOperation, no_time: NoTimeForCall) -> Error {
    let text = match no_time.asked_to_wait {
        Some(_) => "The vendor has asked to wait before the next call.",
        None => "The account's other calls leave no time for this one, because the vendor throttles the account.",
    };
    failed(operation, ProblemCode::VendorThrottled, text, no_time.asked_to_wait)
}

/// The error for an operation that the vendor's API does not have; it names the console.
pub fn not_supported(capability: &Capability, access: &Access, what: &str) -> Error {
    capability.not_supported(access.site, what).with_vendor(vendor_detail(capability.vendor))
}

/// The error for a key id that a header cannot hold.
pub fn unusable_keys(vendor: Vendor) -> Error {
    Error::new(ProblemCode::AccountKeysRefused, "The account's key id holds characters that no key id has.")
        .with_vendor(vendor_detail(vendor))
}

/// Stands before the vendor's message in an error's message.
const SAYS: &str = " It says: ";

/// The error of a call that may have sent secrets: then without the vendor's message, which may quote one in any
/// encoding.
pub fn without_secrets(error: Error, has_secrets: bool) -> Error {
    if !has_secrets {
        return error;
    }
    let text = error.message().split_once(SAYS).map(|(text, _)| text.to_owned());
    match text {
        Some(text) => error.with_message(format!("{text} Its message is left out: it may quote a secret.")),
        None => error,
    }
}

/// The same error as a conflict: the vendor does not close the ticket in its present status.
pub fn close_refused(error: &Error) -> Error {
    with_reason(ProblemCode::VendorCloseRefused, "The vendor does not close the ticket.", error)
}

/// The same error as a conflict: the vendor does not do that with the ticket as it is now.
pub fn action_refused(error: &Error) -> Error {
    with_reason(ProblemCode::VendorActionRefused, "The vendor does not do this with the ticket as it is now.", error)
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
