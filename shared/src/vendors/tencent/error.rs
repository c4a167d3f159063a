//! From an answer to success or error. Errors come with HTTP 200, so `Response.Error` decides; then the vendor's
//! codes, then the shared default.

use super::model::{ErrorBody, ErrorFields, TencentEnvelope};
use crate::{
    error::Result,
    vendors::{
        answer::VendorAnswer,
        failure::{self, Class, VendorError},
        lenient::Text,
    },
};

/// Checks that the answer is an envelope without an error; its other fields are not checked. Fails with the vendor's
/// refusal by its class, or with a bad answer where the format is not the vendor's.
pub fn check(answer: &VendorAnswer) -> Result<()> {
    let TencentEnvelope { response: ErrorFields { error, request_id } } = answer.json()?;
    let status = answer.response.status();
    let Some(ErrorBody { code: Text(code), message: Text(message) }) = error else {
        return if status.is_success() { Ok(()) } else { Err(answer.bad("an error status without Error")) };
    };
    let class = class_of(code.as_deref().unwrap_or_default()).unwrap_or_else(|| failure::default_class(status));
    Err(answer.refusal(class, VendorError { code, message, request_id: request_id.0, retry_after: None }))
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
