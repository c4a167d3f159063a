//! From an answer to success or error. Business errors come with HTTP 200, so the body decides; then the vendor's
//! codes, then the shared default.

use serde_json::{Map, Value};

use super::model::HuaweiEnvelope;
use crate::{
    error::{Error, Result},
    vendors::{
        answer::VendorAnswer,
        failure::{self, Class, VendorError},
    },
};

/// The fields of an error.
const ERROR_FIELDS: [&str; 3] = ["error_code", "error_msg", "request_id"];

/// Checks that the answer is JSON with a success status and without an error code; its other fields are not checked.
/// Fails with the vendor's refusal by its class, or with a bad answer where the format is not the vendor's.
pub fn check(answer: &VendorAnswer) -> Result<()> {
    let envelope = envelope(answer)?;
    let failed = envelope.code().is_some_and(is_failure);
    match (answer.response.status().is_success(), failed) {
        (true, false) => Ok(()),
        (_, true) => Err(refusal(answer, envelope)),
        (false, false) => Err(answer.bad("an error status without an error code")),
    }
}

/// Like [`check`], for UpdateCases: an empty body is a success, too. Its success is not documented, and the ticket's
/// status is read after it.
pub fn check_action(answer: &VendorAnswer) -> Result<()> {
    if answer.response.status().is_success() && answer.response.body().trim_ascii().is_empty() {
        return Ok(());
    }
    check_documented(answer)
}

/// Like [`check`], for CreateMessages. Its success is not documented; its model has only `error_code` and `error_msg`.
/// So `{}` and an object with no other fields, null or all zeros, are success; any other body is a bad answer, and so
/// is an empty one: it may come from a proxy.
pub fn check_documented(answer: &VendorAnswer) -> Result<()> {
    check(answer)?;
    let fields: Map<String, Value> = answer.json()?;
    let is_documented = |(name, value): (&String, &Value)| {
        ERROR_FIELDS.contains(&name.as_str()) && !matches!(value, Value::Array(_) | Value::Object(_))
    };
    if fields.iter().all(is_documented) {
        return Ok(());
    }
    Err(answer.bad("fields that are not documented"))
}

/// Whether the body of a success status is a refusal and not a file: an object that has a code of an error, and no
/// other fields than an error has.
pub fn is_refusal(body: &[u8]) -> bool {
    let Ok(fields) = serde_json::from_slice::<Map<String, Value>>(body) else { return false };
    let code = fields.get("error_code").and_then(Value::as_str);
    code.is_some_and(is_failure) && fields.keys().all(|name| ERROR_FIELDS.contains(&name.as_str()))
}

/// The error fields at the top level or, as in the official SDK, one level down.
fn envelope(answer: &VendorAnswer) -> Result<HuaweiEnvelope> {
    // A success may be megabytes long: only these fields of it are read.
    if answer.response.status().is_success()
        && answer.response.body().trim_ascii_start().starts_with(b"{")
        && let Ok(envelope) = answer.json()
    {
        return Ok(envelope);
    }
    let top: Map<String, Value> = answer.json()?;
    let read = |value: Value| serde_json::from_value::<HuaweiEnvelope>(value).unwrap_or_default();
    let envelope = read(Value::Object(top.clone()));
    if envelope.code().is_some() || answer.response.status().is_success() {
        return Ok(envelope);
    }
    let objects = top.into_iter().map(|(_, value)| value).filter(Value::is_object);
    Ok(objects.map(read).find(|nested| nested.code().is_some()).unwrap_or(envelope))
}

/// An error code is a failure unless it is empty or all zeros after its prefix.
fn is_failure(code: &str) -> bool {
    let number = code.rsplit('.').next().unwrap_or(code);
    !number.bytes().all(|b| b == b'0')
}

fn refusal(answer: &VendorAnswer, envelope: HuaweiEnvelope) -> Error {
    let (code, message) = (envelope.code().map(str::to_owned), envelope.message().map(str::to_owned));
    let status = answer.response.status();
    // With a failing backend the gateway sends its codes for a bad request with 5xx: then it is no refusal.
    let listed = code.as_deref().and_then(class_of);
    let class = match listed {
        _ if status.is_server_error() => Class::Internal,
        Some(class) => class,
        // A gateway on the way has codes, too; behind it the vendor may have done the work.
        None if answer.operation.write && !code.as_deref().is_some_and(is_own_form) => {
            return answer.bad("a code that is not the vendor's");
        }
        None => failure::unlisted_class(status),
    };
    // The gateway has one code for a wrong signature and for one that has expired.
    let is_expired = message.as_deref().is_some_and(|text| text.contains("signature expired"));
    let class = if class == Class::Keys && is_expired { Class::Clock } else { class };
    answer.refusal(class, VendorError { code, message, request_id: envelope.request_id.0, retry_after: None })
}

/// Whether a code that is not documented has the form of the vendor's own ones.
fn is_own_form(code: &str) -> bool {
    code.split_once('.').is_some_and(|(prefix, _)| matches!(prefix, "OSM" | "APIGW" | "APIG"))
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
        ("OSM", "01010004") => Class::UrgedTooOften,
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
