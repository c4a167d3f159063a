//! From an answer to success or error. `Success` decides; then the vendor's codes, then the shared default.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::model::AlibabaEnvelope;
use crate::{
    error::{Error, Result},
    vendors::{
        answer::VendorAnswer,
        call::VendorOperation,
        failure::{self, Class, VendorError},
    },
};

/// Checks that the answer is a success; its data is not checked. Fails with the vendor's refusal by its class, or with
/// a bad answer where the format is not the vendor's.
pub fn check(answer: &VendorAnswer) -> Result<()> {
    let envelope: AlibabaEnvelope = answer.json()?;
    if let Some(id) = envelope.request_id() {
        answer.operation.record_request(&id);
    }
    let success = match &envelope.success {
        Some(Value::Bool(flag)) => Some(*flag),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Some(true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    };
    let status = answer.response.status();
    match success {
        Some(true) if status.is_success() => Ok(()),
        Some(true) => Err(answer.bad("Success beside an error status")),
        // Neither Success nor a code: not the vendor's format.
        None if envelope.code().is_none() || status.is_success() => Err(answer.bad("neither Success nor Code")),
        _ => Err(refusal(answer, envelope)),
    }
}

fn refusal(answer: &VendorAnswer, envelope: AlibabaEnvelope) -> Error {
    let (operation, status) = (&answer.operation, answer.response.status());
    let denied = match &envelope.access_denied_detail {
        Some(Value::String(text)) => !matches!(text.trim(), "" | "null" | "{}"),
        Some(Value::Object(fields)) => !fields.is_empty(),
        _ => false,
    };
    let code = envelope.code();
    let code = code.as_deref().unwrap_or_default();
    let class = match class_of(operation, code) {
        Some(class) => class,
        None if denied => Class::Permission,
        // A proxy on the way has codes, too; behind it the vendor may have done the work.
        None if operation.write && !is_own_form(&envelope) => return answer.bad("a code that is not the vendor's"),
        None if operation.write => failure::unlisted_class(status),
        None => default_class(status, code),
    };
    // After a server error neither a refusal nor "no such ticket" is certain, whatever the code is.
    let class = match class {
        Class::Rejected | Class::TicketNotFound if status.is_server_error() => Class::Internal,
        class => class,
    };
    let (code, message, request_id) = (envelope.code(), envelope.message(), envelope.request_id());
    let retry_after = retry_after(answer.response.headers());
    answer.refusal(class, VendorError { code, message, request_id, retry_after })
}

/// Whether an answer with a code that is not documented has the form of the vendor's own ones: with `Success`, or as
/// the gateway's errors with a word as code and a request id.
fn is_own_form(envelope: &AlibabaEnvelope) -> bool {
    let is_word = envelope.code().is_some_and(|code| code.starts_with(|first: char| first.is_ascii_alphabetic()));
    envelope.success.is_some() || (is_word && envelope.request_id().is_some())
}

/// The shared default for reads. An answer with status 200 and `Success: false` has a number for its code; which ones
/// exist is not documented, but successes carry 0 or 200, so a number in the range of errors is read as a status. For
/// a write this guess is not good enough: there such a number leaves the outcome unknown.
fn default_class(status: StatusCode, code: &str) -> Class {
    let as_status = code
        .parse()
        .ok()
        .filter(|_| status.is_success())
        .filter(|code| (400..600).contains(code))
        .and_then(|code| StatusCode::from_u16(code).ok());
    failure::default_class(as_status.unwrap_or(status))
}

/// The vendor's own codes. Their HTTP status differs from product to product, so the code decides.
///
/// Codes: <https://help.aliyun.com/document_detail/2402439.html> (the product's) and
/// <https://help.aliyun.com/document_detail/48054.html> (the gateway's).
fn class_of(operation: &VendorOperation, code: &str) -> Option<Class> {
    // Mostly with HTTP 400; the SDKs match the word too.
    if code.contains("Throttling") {
        return Some(Class::Throttled);
    }
    let class = match code {
        "SignatureDoesNotMatch" | "IncompleteSignature" | "MissingAccessKeyId" => Class::Keys,
        "SignatureNonceUsed" => Class::Replayed,
        "IllegalTimestamp" => Class::Clock,
        "illegal.auth" | "No permissions" | "NoPermission" => Class::Permission,
        "InvalidApi.NotFound" | "InvalidAction.NotFound" | "NoSuchVersion" | "InvalidProduct.NotFound" => {
            Class::NotOffered
        }
        "InternalError" | "UnknownError" | "ServiceUnavailable" | "System.error" => Class::Internal,
        // No code is documented for an unknown ticket. These calls send only the ticket's id, in a valid form, so
        // only an unknown ticket can be illegal.
        "param.illegal" | "illegal.param" if matches!(operation.name, "GetTicket" | "ListTicketNotes") => {
            Class::TicketNotFound
        }
        "param.illegal" | "illegal.param" => Class::Rejected,
        _ if code.starts_with("InvalidAccessKeyId") => Class::Keys,
        _ if code.starts_with("InvalidSecurityToken") => Class::Keys,
        _ if code.starts_with("InvalidTimeStamp") => Class::Clock,
        _ if code == "Forbidden" || code.starts_with("Forbidden.") => Class::Permission,
        _ if code.starts_with("Missing") || code.starts_with("Invalid") => Class::Rejected,
        _ => return None,
    };
    Some(class)
}

/// The vendor's own wait hint: `x-acs-retry-after` in milliseconds, or `TimeLeft:<ms>` in the older headers.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let millis = |text: &str| text.trim().parse().ok().map(Duration::from_millis);
    let time_left = |name| {
        let text = failure::header_text(headers, name)?;
        let (_, rest) = text.split_once("TimeLeft:")?;
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        millis(&digits)
    };
    failure::header_text(headers, "x-acs-retry-after")
        .and_then(|text| millis(&text))
        .or_else(|| time_left("x-ratelimit-user-api"))
        .or_else(|| time_left("x-ratelimit-user"))
        .map(failure::bounded)
}
