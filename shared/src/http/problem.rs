//! Errors as `application/problem+json` (RFC 9457). The one place where an error becomes an HTTP response;
//! [`ErrorKind::status`](crate::error::ErrorKind::status) gives the status.

use ::http::{
    HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde::Serialize;

use crate::error::{Error, FieldError, Retry, VendorDetail};

/// An error as it is answered (RFC 9457).
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem<'a> {
    /// Always `about:blank`: `code` distinguishes problems.
    #[serde(rename = "type")]
    problem_type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// Which problem it is; stable.
    #[cfg_attr(feature = "schema", schemars(extend("$ref" = "#/components/schemas/ProblemCode")))]
    code: &'a str,
    /// What happened, for a person to read.
    detail: &'a str,
    /// The id of the run, as in the log.
    request_id: &'a str,
    /// Every bad field of the request.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// What the vendor said, where one was involved.
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<&'a VendorDetail>,
}

/// The problem answer for `error`, which is logged here and nowhere else. Inner causes go to the log only.
pub fn answer(error: &Error, request_id: &str) -> Response<String> {
    let status = StatusCode::from_u16(error.kind().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        tracing::error!(request_id, error = ?error, "A request failed.");
    } else {
        tracing::info!(request_id, error = ?error, "A request was refused.");
    }
    let problem = Problem {
        problem_type: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        code: error.code(),
        detail: error.message(),
        request_id,
        errors: error.fields(),
        vendor: error.vendor(),
    };
    // Texts and numbers only: there is nothing in it that could not be written.
    let mut response = Response::new(serde_json::to_string(&problem).unwrap_or_default());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = retry_after(error) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Whole seconds until a further try makes sense, where that is known.
fn retry_after(error: &Error) -> Option<u64> {
    match error.retry() {
        Retry::Yes { after: Some(after) } => Some(after.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{domain::Vendor, error::ErrorKind, problem_code::ProblemCode};

    #[test]
    fn every_kind_has_its_status() {
        for (kind, status) in [
            (ErrorKind::InvalidInput, 400),
            (ErrorKind::NotFound, 404),
            (ErrorKind::Conflict, 409),
            (ErrorKind::Gone, 410),
            (ErrorKind::PreconditionFailed, 412),
            (ErrorKind::KeyReused, 422),
            (ErrorKind::CredentialInvalid, 422),
            (ErrorKind::PermissionDenied, 403),
            (ErrorKind::RateLimited, 429),
            (ErrorKind::Unsupported, 422),
            (ErrorKind::VendorUnavailable, 502),
            (ErrorKind::Unavailable, 503),
            (ErrorKind::ConfigInvalid, 500),
            (ErrorKind::Unexpected, 500),
        ] {
            assert_eq!(kind.status(), status, "{kind:?}");
        }
    }

    #[test]
    fn body_names_fields_and_vendor_and_hides_causes() {
        let vendor = VendorDetail { vendor: Vendor::Huawei, code: Some("APIGW.0308".into()), request_id: None };
        let error = Error::invalid_field("/name", "must not be empty")
            .with_code(ProblemCode::InvalidFields)
            .with_vendor(vendor)
            .with_retry(Retry::Yes { after: Some(Duration::from_millis(1500)) })
            .with_source(std::io::Error::other("canary"));
        let response = answer(&error, "req-1");
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[RETRY_AFTER], "2");
        let body: serde_json::Value = serde_json::from_str(response.body()).unwrap();
        let expected = serde_json::json!({
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "code": "invalid_fields",
            "detail": "The request has fields that break a rule; see errors.",
            "request_id": "req-1",
            "errors": [{"pointer": "/name", "detail": "must not be empty"}],
            "vendor": {"type": "HUAWEI", "code": "APIGW.0308"},
        });
        assert_eq!(body, expected);
    }
}
