//! From an answer to success or error. Errors come with HTTP 200, so `Response.Error` decides; then the vendor's
//! codes, then the shared default.

use bytes::Bytes;
use http::Response;

use super::model::{ErrorFields, TencentEnvelope};
use crate::{
    error::Result,
    vendors::{
        call::VendorOperation,
        failure::{self, Class, VendorError},
        lenient,
    },
};

/// Checks that the answer is an envelope without an error. Its other fields are not checked.
///
/// # Errors
/// The vendor's refusal by its class; `vendor_bad_answer` when the answer is not in the vendor's format.
pub fn check(operation: &VendorOperation, answer: &Response<Bytes>) -> Result<()> {
    let envelope: TencentEnvelope<ErrorFields> =
        lenient::json(answer).map_err(|reason| failure::bad_answer(operation, answer, &reason))?;
    let outcome = envelope.response;
    let Some(error) = outcome.error else {
        if answer.status().is_success() {
            return Ok(());
        }
        return Err(failure::bad_answer(operation, answer, "an error status without Error"));
    };
    let code = error.code.as_deref().unwrap_or_default();
    let class = class_of(code).unwrap_or_else(|| failure::default_class(answer.status()));
    Err(VendorError {
        request_id: outcome.request_id.or_else(|| failure::header_text(answer.headers(), operation.request_id_header)),
        code: error.code,
        message: error.message,
        retry_after: failure::retry_after(answer.headers()),
    }
    .into_error(operation, class))
}

/// The vendor's own codes (<https://cloud.tencent.com/document/api/213/30435>). They are hierarchical: an unknown one
/// is matched by the part before its first dot.
fn class_of(code: &str) -> Option<Class> {
    match code {
        "AuthFailure.SignatureExpire" => return Some(Class::Clock),
        "AuthFailure.UnauthorizedOperation" => return Some(Class::Permission),
        "OperationDenied.OrganizationManagerVerifyFailed" => return Some(Class::Permission),
        _ => {}
    }
    let class = match code.split('.').next().unwrap_or(code) {
        "AuthFailure" => Class::Keys,
        "UnauthorizedOperation" => Class::Permission,
        "InvalidAction"
        | "NoSuchProduct"
        | "NoSuchVersion"
        | "ActionOffline"
        | "UnsupportedOperation"
        | "UnsupportedRegion" => Class::NotOffered,
        "InvalidParameter"
        | "InvalidParameterValue"
        | "MissingParameter"
        | "UnknownParameter"
        | "LimitExceeded"
        | "ResourceNotFound" => Class::Rejected,
        "RequestLimitExceeded" => Class::Throttled,
        "InternalError" | "FailedOperation" | "ResourceUnavailable" => Class::Internal,
        _ => return None,
    };
    Some(class)
}
