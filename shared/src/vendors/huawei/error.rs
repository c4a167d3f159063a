//! From an answer to success or error. Business errors come with HTTP 200, so the body decides; then the vendor's
//! codes, then the shared default.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use super::model::{ActionAnswer, HuaweiEnvelope};
use crate::{
    error::{Error, Result},
    vendors::{
        call::VendorOperation,
        failure::{self, Class, VendorError},
        lenient,
    },
};

/// Checks that the answer is JSON with a success status and without an error code. Its other fields are not checked.
///
/// # Errors
/// The vendor's refusal by its class; `vendor_bad_answer` when the answer is not in the vendor's format.
pub fn check(operation: &VendorOperation, answer: &Response<Bytes>) -> Result<()> {
    let envelope = envelope(answer).map_err(|reason| failure::bad_answer(operation, answer, &reason))?;
    let failed = envelope.error_code.as_deref().is_some_and(is_failure);
    match (answer.status().is_success(), failed) {
        (true, false) => Ok(()),
        (_, true) => Err(refusal(operation, answer, envelope)),
        (false, false) => Err(failure::bad_answer(operation, answer, "an error status without an error code")),
    }
}

/// Like [`check`], for CreateMessages and UpdateCases. Their success is not documented; their model has only
/// `error_code` and `error_msg`. So an empty body, `{}` and an object with those fields, null or all zeros, are
/// success; any other body is a bad answer.
///
/// # Errors
/// As [`check`].
pub fn check_action(operation: &VendorOperation, answer: &Response<Bytes>) -> Result<()> {
    if answer.status().is_success() && answer.body().trim_ascii().is_empty() {
        return Ok(());
    }
    check(operation, answer)?;
    let fields: ActionAnswer =
        lenient::json(answer).map_err(|reason| failure::bad_answer(operation, answer, &reason))?;
    let known = |name: &String| {
        matches!(
            name.as_str(),
            "error_code" | "error_msg" | "errorCode" | "errorMsg" | "code" | "message" | "request_id"
        )
    };
    if fields.is_empty() || fields.keys().any(known) {
        return Ok(());
    }
    Err(failure::bad_answer(operation, answer, "none of the documented fields"))
}

/// The error fields at the top level or, as in the official SDK, one level down.
fn envelope(answer: &Response<Bytes>) -> Result<HuaweiEnvelope, String> {
    let top: BTreeMap<String, Value> = lenient::json(answer)?;
    let read = |value: Value| serde_json::from_value::<HuaweiEnvelope>(value).unwrap_or_default();
    let envelope = read(Value::Object(top.clone().into_iter().collect()));
    if envelope.error_code.is_some() || answer.status().is_success() {
        return Ok(envelope);
    }
    let nested = top.into_values().filter(Value::is_object).map(read).find(|nested| nested.error_code.is_some());
    Ok(nested.unwrap_or(envelope))
}

/// An error code is a failure unless it is empty or all zeros after its prefix.
fn is_failure(code: &str) -> bool {
    let number = code.rsplit('.').next().unwrap_or(code);
    !number.bytes().all(|b| b == b'0')
}

fn refusal(operation: &VendorOperation, answer: &Response<Bytes>, envelope: HuaweiEnvelope) -> Error {
    let code = envelope.error_code.as_deref().unwrap_or_default();
    // With a failing backend the gateway sends its codes for a bad request with 5xx: then it is no refusal.
    let class = if answer.status().is_server_error() {
        Class::Internal
    } else {
        class_of(code).unwrap_or_else(|| failure::unlisted_class(answer.status()))
    };
    VendorError {
        request_id: envelope.request_id.or_else(|| failure::header_text(answer.headers(), operation.request_id_header)),
        code: envelope.error_code,
        message: envelope.error_msg,
        retry_after: failure::retry_after(answer.headers()),
    }
    .into_error(operation, class)
}

/// The vendor's own codes: the product's (<https://support.huaweicloud.com/api-ticket/ErrorCode.html>) and the
/// gateway's, whose prefix is `APIGW.` or `APIG.` and whose number counts
/// (<https://support.huaweicloud.com/devg-apisign/api-sign-errorcode.html>).
fn class_of(code: &str) -> Option<Class> {
    let (prefix, number) = code.rsplit_once('.')?;
    let class = match (prefix, number) {
        ("APIGW" | "APIG", "0101" | "0103") => Class::NotOffered,
        ("APIGW" | "APIG", "0201") => Class::Rejected,
        ("APIGW" | "APIG", "0301" | "0303") => Class::Keys,
        ("APIGW" | "APIG", "0302") => Class::Permission,
        ("APIGW" | "APIG", "0308") => Class::Throttled,
        ("OSM", "0001") => Class::Rejected,
        ("OSM", "0002") => Class::Keys,
        // 01010009: the support plan does not allow it; 01010011: no customer in the credentials.
        ("OSM", "0003" | "01010002" | "01010007" | "01010009" | "01010011") => Class::Permission,
        // "Operation failed": an internal error, says the table.
        ("OSM", "0004" | "01010014" | "01010017") => Class::Internal,
        // Urged too often.
        ("OSM", "01010004") => Class::Throttled,
        ("OSM", "01010015") => Class::TicketNotFound,
        (
            "OSM",
            "01010001" | "01010003" | "01010005" | "01010006" | "01010008" | "01010010" | "01010012" | "01010013"
            | "01010016" | "01010018" | "01010062",
        ) => Class::Rejected,
        _ => return None,
    };
    Some(class)
}
