//! The class of every documented error code, and which answers are a success.

use std::time::Duration;

use serde_json::json;

use crate::{
    domain::Vendor,
    error::{ErrorKind, Retry},
    vendors::{
        call::VendorOperation,
        tencent::error,
        testing::{answered, error_fixtures, fixture, response},
    },
};

const READ: VendorOperation = VendorOperation::read(Vendor::Tencent, "DescribeProducts");
const WRITE: VendorOperation = VendorOperation::write(Vendor::Tencent, "CreateMCTicket");

const REJECTED: (ErrorKind, &str) = (ErrorKind::InvalidInput, "vendor_rejected");
const KEYS: (ErrorKind, &str) = (ErrorKind::CredentialInvalid, "account_keys_refused");
const PERMISSION: (ErrorKind, &str) = (ErrorKind::PermissionDenied, "vendor_permission_denied");
const FAILED: (ErrorKind, &str) = (ErrorKind::VendorUnavailable, "vendor_unavailable");
const CLOCK: (ErrorKind, &str) = (ErrorKind::VendorUnavailable, "vendor_clock_refused");
const THROTTLED: (ErrorKind, &str) = (ErrorKind::RateLimited, "vendor_throttled");
const NOT_OFFERED: (ErrorKind, &str) = (ErrorKind::Unsupported, "capability_not_supported");

#[test]
fn every_documented_error() {
    for (code, class) in [
        ("AuthFailure.AccessKeyIllegal", KEYS),
        ("AuthFailure.InvalidAuthorization", KEYS),
        ("AuthFailure.InvalidSecretId", KEYS),
        ("AuthFailure.MFAFailure", KEYS),
        ("AuthFailure.SecretIdNotFound", KEYS),
        ("AuthFailure.SignatureFailure", KEYS),
        ("AuthFailure.TokenFailure", KEYS),
        ("AuthFailure.SignatureExpire", CLOCK),
        ("AuthFailure.UnauthorizedOperation", PERMISSION),
        ("AuthFailure", KEYS),
        ("UnauthorizedOperation", PERMISSION),
        ("UnauthorizedOperation.CamNoAuth", PERMISSION),
        ("OperationDenied.OrganizationManagerVerifyFailed", PERMISSION),
        ("InvalidAction", NOT_OFFERED),
        ("NoSuchProduct", NOT_OFFERED),
        ("NoSuchVersion", NOT_OFFERED),
        ("ActionOffline", NOT_OFFERED),
        ("UnsupportedOperation", NOT_OFFERED),
        ("UnsupportedRegion", NOT_OFFERED),
        ("InvalidParameter", REJECTED),
        ("InvalidParameter.AccessKeyNotSupport", REJECTED),
        ("InvalidParameterValue", REJECTED),
        ("InvalidParameterValue.Limit", REJECTED),
        ("MissingParameter", REJECTED),
        ("UnknownParameter", REJECTED),
        ("LimitExceeded", REJECTED),
        ("ResourceNotFound", REJECTED),
        ("RequestLimitExceeded", THROTTLED),
        ("RequestLimitExceeded.UinLimitExceeded", THROTTLED),
        ("RequestLimitExceeded.GlobalRegionUinLimitExceeded", THROTTLED),
        ("RequestLimitExceeded.IPLimitExceeded", THROTTLED),
        ("InternalError", FAILED),
        ("InternalError.Db", FAILED),
        ("FailedOperation", FAILED),
        ("FailedOperation.Inner", FAILED),
        ("ResourceUnavailable", FAILED),
        // Undocumented.
        ("OperationDenied", REJECTED),
        ("Xyz.InternalError", REJECTED),
    ] {
        let body = json!({"Response": {"Error": {"Code": code, "Message": "said"}, "RequestId": "t-9"}}).to_string();
        // Errors come with status 200, and the code counts more than any other status.
        let statuses = if matches!(code, "OperationDenied" | "Xyz.InternalError") { [200, 400] } else { [200, 429] };
        for status in statuses {
            let answer = response(status, &[], body.clone());
            let error = error::check(&answered(&READ, &answer)).unwrap_err();
            assert_eq!((error.kind(), error.code()), class, "{code} {status}");
            let vendor = error.vendor().unwrap();
            assert_eq!((vendor.code.as_deref(), vendor.request_id.as_deref()), (Some(code), Some("t-9")));
            let unknown = class == FAILED;
            let on_write = error::check(&answered(&WRITE, &answer)).unwrap_err().retry();
            assert_eq!(on_write == Retry::OutcomeUnknown, unknown, "{code}");
        }
    }
}

#[test]
fn every_fixture_is_an_error_of_its_own_code() {
    for name in error_fixtures("tencent") {
        let answer = response(200, &[], fixture(&format!("tencent/{name}")));
        let error = error::check(&answered(&READ, &answer)).unwrap_err();
        assert_eq!(error.vendor().unwrap().code.as_deref(), name.strip_prefix("error-"));
    }
}

#[test]
fn the_status_decides_an_unlisted_code() {
    let body = r#"{"Response":{"Error":{"Code":"Strange"}}}"#;
    let outcome = |status| error::check(&answered(&READ, &response(status, &[], body))).unwrap_err().kind();
    assert_eq!(
        [200, 400, 401, 403, 429, 500].map(outcome),
        [
            ErrorKind::InvalidInput,
            ErrorKind::InvalidInput,
            ErrorKind::CredentialInvalid,
            ErrorKind::PermissionDenied,
            ErrorKind::RateLimited,
            ErrorKind::VendorUnavailable,
        ]
    );
}

#[test]
fn an_answer_without_an_error_is_good_with_a_good_status_only() {
    let outcome = |status, body: &'static str| {
        error::check(&answered(&READ, &response(status, &[], body))).map_err(|error| error.code())
    };
    assert_eq!(outcome(200, r#"{"Response":{"RequestId":"t-9"}}"#), Ok(()));
    assert_eq!(outcome(400, r#"{"Response":{"RequestId":"t-9"}}"#), Err("vendor_bad_answer"));
    assert_eq!(outcome(500, r#"{"Response":{"RequestId":"t-9"}}"#), Err("vendor_unavailable"));
    for body in ["", "{}", "<html>", "[]"] {
        assert_eq!(outcome(200, body), Err("vendor_bad_answer"), "{body}");
        assert_eq!(outcome(401, body), Err("account_keys_refused"), "{body}");
    }
}

#[test]
fn the_vendors_hint_and_request_id_are_in_the_error() {
    let body = r#"{"Response":{"Error":{"Code":"RequestLimitExceeded"}}}"#;
    let headers = [("retry-after", "3"), ("x-tc-requestid", "h-1")];
    for operation in [READ, WRITE] {
        let error = error::check(&answered(&operation, &response(200, &headers, body))).unwrap_err();
        assert_eq!(error.retry(), Retry::Yes { after: Some(Duration::from_secs(3)) });
        assert_eq!(error.vendor().unwrap().request_id.as_deref(), Some("h-1"));
    }
}
