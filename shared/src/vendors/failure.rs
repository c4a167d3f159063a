//! What a failed call means: the problem codes, the shared default from status to class, and the error for a class.
//! The vendors' own codes stand in each vendor's `error.rs`.

mod class;

pub use class::{Class, default_class, unlisted_class};

use std::time::Duration;

use http::{HeaderMap, Response, StatusCode, header};

use super::{call::Operation, http::SendError, lenient};
use crate::{
    domain::Vendor,
    error::{Error, ErrorKind, Result, Retry, VendorDetail},
    problem_code::ProblemCode,
};

/// The most characters of a vendor's own message that are passed on.
const MAX_MESSAGE_CHARS: usize = 300;
/// The longest wait that a vendor's hint is believed.
const MAX_HINT: Duration = Duration::from_secs(3600);

/// A failure that the vendor reports in its own shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The vendor's code, as text.
    pub code: Option<String>,
    /// The vendor's message.
    pub message: Option<String>,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// How long the vendor asks to wait.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// The error for this refusal of `operation`.
    ///
    /// The vendor's own message is added, cut and without control characters, except where keys are refused: those
    /// messages can echo the text that was signed.
    pub fn into_error(self, operation: &Operation, class: Class) -> Error {
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
            Class::TicketNotFound => {
                (ProblemCode::VendorTicketNotFound, Retry::No, "The vendor has no such ticket.")
            }
            Class::Keys => {
                (ProblemCode::AccountKeysRefused, Retry::No, "The vendor refuses the account's keys.")
            }
            Class::Permission => (
                ProblemCode::VendorPermissionDenied,
                Retry::No,
                "The account's keys lack a permission at the vendor.",
            ),
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
        let shows_message = !matches!(class, Class::Keys | Class::Clock | Class::Replayed);
        let said = self.message.as_deref().filter(|_| shows_message).map(safe_text);
        let message = match said.filter(|said| !said.is_empty()) {
            Some(said) => format!("{text} It says: {said}"),
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

/// The error for an answer that is not in the vendor's shape: by its status where that is telling, else
/// [`ProblemCode::VendorBadAnswer`] on reads and [`ProblemCode::VendorOutcomeUnknown`] on writes. `reason` goes to the log and must hold nothing of the
/// answer's text.
pub fn bad_answer(operation: &Operation, answer: &Response<bytes::Bytes>, reason: &str) -> Error {
    let status = answer.status();
    let refusal = Refusal {
        retry_after: retry_after(answer.headers()),
        request_id: header_text(answer.headers(), operation.request_id_header),
        ..Refusal::default()
    };
    // A key must never be tried in a loop, a throttled call was certainly not taken, and a failing vendor is no
    // defect of its answer's shape. Whatever else a stranger on the way answers proves nothing.
    let error = match default_class(status) {
        class @ (Class::Keys | Class::Throttled | Class::Internal) => refusal.into_error(operation, class),
        _ => unusable(operation, refusal.request_id),
    };
    error
        .with_context("status", status.as_str())
        .with_context("body_bytes", answer.body().len().to_string())
        .with_context("reason", reason)
}

/// The id of a row of a list. A row without one makes the whole answer a bad one: what it stands for would be missing
/// from the list, and missing there means gone.
pub fn row_id<T>(
    operation: &Operation,
    answer: &Response<bytes::Bytes>,
    text: Option<String>,
    parse: impl FnOnce(String) -> Result<T>,
) -> Result<T> {
    lenient::non_blank(text)
        .and_then(|text| parse(text).ok())
        .ok_or_else(|| bad_answer(operation, answer, "a row without a usable id"))
}

/// The error for a list that the vendor does not give to its end.
pub fn incomplete(operation: &Operation, reason: &str) -> Error {
    unusable(operation, None).with_context("reason", reason)
}

fn unusable(operation: &Operation, request_id: Option<String>) -> Error {
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

/// The error for a call that got no answer.
pub fn no_answer(operation: &Operation, error: SendError) -> Error {
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

/// The error for a call that was not begun because the caller's time is up.
pub fn deadline_reached(operation: &Operation) -> Error {
    Error::new(ProblemCode::DeadlineReached, "No time was left to call the vendor.")
        .with_kind(ErrorKind::VendorUnavailable)
        .with_retry(Retry::Yes { after: None })
        .with_vendor(vendor_detail(operation.vendor))
        .with_context("operation", operation.name)
}

/// The error for what a vendor can't do through its API; names its console.
pub fn not_supported(vendor: Vendor, what: &str, console: &str) -> Error {
    Error::new(
        ProblemCode::CapabilityNotSupported,
        format!("{vendor} has no published API to {what}; use its console: {console}"),
    )
    .with_vendor(vendor_detail(vendor))
}

/// The error for keys that can't even be put into a request.
pub fn unusable_keys(vendor: Vendor) -> Error {
    Error::new(ProblemCode::AccountKeysRefused, "The account's key id holds characters that no key id has.")
        .with_vendor(vendor_detail(vendor))
}

/// The same refusal as a conflict: the ticket can't be closed in its present state.
pub fn close_refused(error: &Error) -> Error {
    let message = format!("The vendor does not close the ticket. {}", error.message());
    let mut conflict = Error::new(ProblemCode::VendorCloseRefused, message);
    if let Some(vendor) = error.vendor() {
        conflict = conflict.with_vendor(vendor.clone());
    }
    conflict
}

/// Whether `error` is the vendor's own refusal, with a code of its own and without an error status, even where the
/// code leaves open what it did. The ticket's status can then decide a close.
pub fn is_coded(error: &Error, status: StatusCode) -> bool {
    let code = error.vendor().and_then(|vendor| vendor.code.as_ref());
    error.kind() == ErrorKind::VendorUnavailable && status.is_success() && code.is_some()
}

fn vendor_detail(vendor: Vendor) -> VendorDetail {
    VendorDetail { vendor, code: None, request_id: None }
}

/// `Retry-After` in seconds, the only form that these vendors could use.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = header_text(headers, header::RETRY_AFTER.as_str())?.trim().parse().ok()?;
    Some(bounded(Duration::from_secs(seconds)))
}

/// A vendor's wait hint, bounded so that a wrong one can't stop us for days.
pub fn bounded(hint: Duration) -> Duration {
    hint.min(MAX_HINT)
}

/// A header's value as text.
pub fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// `text` without control characters, in one line, cut to 300 characters.
pub fn safe_text(text: &str) -> String {
    let cleaned: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_MESSAGE_CHARS).collect();
    cleaned.trim().to_owned()
}

#[cfg(test)]
mod tests;
