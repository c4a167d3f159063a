//! The class of every documented error code, and which answers are a success.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    domain::Vendor,
    error::{ErrorKind, Retry},
    vendors::{
        alibaba::error,
        call::VendorOperation,
        testing::{answered, error_fixtures, fixture, response},
    },
};

const READ: VendorOperation = VendorOperation::read(Vendor::Alibaba, "ListProducts");
const WRITE: VendorOperation = VendorOperation::write(Vendor::Alibaba, "CreateTicket");

const OK: &str = "ok";
const REJECTED: &str = "vendor_rejected";
const KEYS: &str = "account_keys_refused";
const PERMISSION: &str = "vendor_permission_denied";
const FAILED: &str = "vendor_unavailable";
const CLOCK: &str = "vendor_clock_refused";
const THROTTLED: &str = "vendor_throttled";
const NOT_OFFERED: &str = "capability_not_supported";
const BAD_ANSWER: &str = "vendor_bad_answer";
const UNKNOWN: &str = "vendor_outcome_unknown";

/// The code of the problem that `operation` reads in an answer, or [`OK`].
fn outcome(operation: &VendorOperation, status: u16, body: &Value) -> &'static str {
    match error::check(&answered(operation, &response(status, &[], body.to_string()))) {
        Ok(()) => OK,
        Err(error) => error.code(),
    }
}

#[test]
fn every_documented_error() {
    let mut checked = 0;
    for (name, status, kind, code) in [
        ("param.illegal", 400, ErrorKind::InvalidInput, "vendor_rejected"),
        ("illegal.param", 400, ErrorKind::InvalidInput, "vendor_rejected"),
        ("illegal.auth", 401, ErrorKind::PermissionDenied, "vendor_permission_denied"),
        ("No-permissions", 403, ErrorKind::PermissionDenied, "vendor_permission_denied"),
        ("System.error", 500, ErrorKind::VendorUnavailable, "vendor_unavailable"),
        ("InvalidAccessKeyId.NotFound", 404, ErrorKind::CredentialInvalid, "account_keys_refused"),
        ("InvalidAccessKeyId.Inactive", 400, ErrorKind::CredentialInvalid, "account_keys_refused"),
        ("MissingAccessKeyId", 400, ErrorKind::CredentialInvalid, "account_keys_refused"),
        ("SignatureDoesNotMatch", 400, ErrorKind::CredentialInvalid, "account_keys_refused"),
        ("IncompleteSignature", 400, ErrorKind::CredentialInvalid, "account_keys_refused"),
        ("InvalidTimeStamp.Expired", 400, ErrorKind::VendorUnavailable, "vendor_clock_refused"),
        ("InvalidTimeStamp.Format", 400, ErrorKind::VendorUnavailable, "vendor_clock_refused"),
        ("IllegalTimestamp", 400, ErrorKind::VendorUnavailable, "vendor_clock_refused"),
        ("SignatureNonceUsed", 400, ErrorKind::VendorUnavailable, "vendor_unavailable"),
        ("MissingParameter", 400, ErrorKind::InvalidInput, "vendor_rejected"),
        ("InvalidApi.NotFound", 404, ErrorKind::Unsupported, "capability_not_supported"),
        ("InvalidAction.NotFound", 404, ErrorKind::Unsupported, "capability_not_supported"),
        ("NoSuchVersion", 400, ErrorKind::Unsupported, "capability_not_supported"),
        ("InvalidProduct.NotFound", 404, ErrorKind::Unsupported, "capability_not_supported"),
        ("Forbidden", 403, ErrorKind::PermissionDenied, "vendor_permission_denied"),
        ("Forbidden.RAM", 403, ErrorKind::PermissionDenied, "vendor_permission_denied"),
        ("NoPermission", 403, ErrorKind::PermissionDenied, "vendor_permission_denied"),
        ("Forbidden.RiskControl", 403, ErrorKind::PermissionDenied, "vendor_permission_denied"),
        ("Forbidden.UserVerification", 403, ErrorKind::PermissionDenied, "vendor_permission_denied"),
        ("Throttling", 400, ErrorKind::RateLimited, "vendor_throttled"),
        ("Throttling.User", 400, ErrorKind::RateLimited, "vendor_throttled"),
        ("Throttling.Api", 429, ErrorKind::RateLimited, "vendor_throttled"),
        ("InternalError", 500, ErrorKind::VendorUnavailable, "vendor_unavailable"),
        ("UnknownError", 500, ErrorKind::VendorUnavailable, "vendor_unavailable"),
        ("ServiceUnavailable", 503, ErrorKind::VendorUnavailable, "vendor_unavailable"),
        ("success-false", 200, ErrorKind::InvalidInput, "vendor_rejected"),
        ("success-false-500", 200, ErrorKind::VendorUnavailable, "vendor_unavailable"),
        ("access-denied-detail", 200, ErrorKind::PermissionDenied, "vendor_permission_denied"),
    ] {
        let answer = response(status, &[], fixture(&format!("alibaba/error-{name}")));
        let error = error::check(&answered(&READ, &answer)).unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, code), "{name}");
        let vendor = error.vendor().unwrap();
        assert!(vendor.code.is_some() && vendor.request_id.is_some(), "{name}");
        // A write is unknown only when the vendor failed, may have executed an earlier copy of the request, or gives an
        // undocumented code.
        let unknown = matches!(
            name,
            "System.error" | "InternalError" | "UnknownError" | "ServiceUnavailable" | "SignatureNonceUsed"
        ) || name.starts_with("success-false");
        let on_write = error::check(&answered(&WRITE, &answer)).unwrap_err().retry();
        assert_eq!(on_write == Retry::OutcomeUnknown, unknown, "{name}");
        checked += 1;
    }
    assert_eq!(checked, error_fixtures("alibaba").len(), "a fixture without a case");
}

#[test]
fn an_unknown_ticket_is_a_bad_parameter_where_the_id_is_the_only_one() {
    for code in ["param.illegal", "illegal.param"] {
        for (name, expected) in [
            ("GetTicket", "vendor_ticket_not_found"),
            ("ListTicketNotes", "vendor_ticket_not_found"),
            ("ListTickets", REJECTED),
            ("ListProducts", REJECTED),
        ] {
            let operation = VendorOperation::read(Vendor::Alibaba, name);
            assert_eq!(outcome(&operation, 400, &json!({ "Code": code })), expected, "{name} {code}");
            // A server error does not say whether the ticket exists.
            assert_eq!(outcome(&operation, 500, &json!({ "Code": code })), FAILED, "{name} {code}");
        }
        for name in ["CloseTicket", "ReplyTicket", "CreateTicket"] {
            let operation = VendorOperation::write(Vendor::Alibaba, name);
            assert_eq!(outcome(&operation, 400, &json!({ "Code": code })), REJECTED, "{name} {code}");
            assert_eq!(outcome(&operation, 500, &json!({ "Code": code })), UNKNOWN, "{name} {code}");
        }
    }
}

/// The code decides and not the status: each code with a status of another class.
#[test]
fn a_code_counts_more_than_a_client_errors_status() {
    for (code, read, write) in [
        ("SignatureDoesNotMatch", KEYS, KEYS),
        ("IncompleteSignature", KEYS, KEYS),
        ("MissingAccessKeyId", KEYS, KEYS),
        ("InvalidAccessKeyId.NotFound", KEYS, KEYS),
        ("InvalidAccessKeyId", KEYS, KEYS),
        ("InvalidSecurityToken.Expired", KEYS, KEYS),
        ("SignatureNonceUsed", FAILED, UNKNOWN),
        ("IllegalTimestamp", CLOCK, CLOCK),
        ("InvalidTimeStamp.Expired", CLOCK, CLOCK),
        ("illegal.auth", PERMISSION, PERMISSION),
        ("No permissions", PERMISSION, PERMISSION),
        ("NoPermission", PERMISSION, PERMISSION),
        ("Forbidden", PERMISSION, PERMISSION),
        ("Forbidden.RAM", PERMISSION, PERMISSION),
        ("InvalidApi.NotFound", NOT_OFFERED, NOT_OFFERED),
        ("InvalidAction.NotFound", NOT_OFFERED, NOT_OFFERED),
        ("NoSuchVersion", NOT_OFFERED, NOT_OFFERED),
        ("InvalidProduct.NotFound", NOT_OFFERED, NOT_OFFERED),
        ("InternalError", FAILED, UNKNOWN),
        ("UnknownError", FAILED, UNKNOWN),
        ("ServiceUnavailable", FAILED, UNKNOWN),
        ("System.error", FAILED, UNKNOWN),
        ("MissingTitle", REJECTED, REJECTED),
        ("InvalidSeverity", REJECTED, REJECTED),
        ("param.illegal", REJECTED, REJECTED),
        // A code that only has the same beginning, or the word in another place, is undocumented: the status decides.
        ("Forbiddenish", THROTTLED, THROTTLED),
        ("XInvalid", THROTTLED, THROTTLED),
        ("AccessForbidden", THROTTLED, THROTTLED),
    ] {
        let body = json!({ "Code": code, "RequestId": "r" });
        assert_eq!(outcome(&READ, 429, &body), read, "{code}");
        assert_eq!(outcome(&WRITE, 429, &body), write, "{code}");
    }
    for code in ["Throttling", "Throttling.Api", "Request.Throttling.x"] {
        assert_eq!(outcome(&WRITE, 400, &json!({ "Code": code })), THROTTLED, "{code}");
        assert_eq!(outcome(&WRITE, 503, &json!({ "Code": code })), THROTTLED, "{code}");
    }
    // A server error is no refusal, for any code.
    for code in ["MissingTitle", "param.illegal"] {
        assert_eq!(
            (outcome(&READ, 500, &json!({ "Code": code })), outcome(&WRITE, 500, &json!({ "Code": code }))),
            (FAILED, UNKNOWN)
        );
    }
    assert_eq!(outcome(&WRITE, 500, &json!({ "Code": "Forbidden" })), PERMISSION);
}

#[test]
fn a_number_beside_status_200_is_a_status_for_reads_only() {
    for (code, read) in [
        (json!(-101), REJECTED),
        (json!(399), REJECTED),
        (json!(400), REJECTED),
        (json!(401), KEYS),
        (json!(403), PERMISSION),
        (json!("429"), THROTTLED),
        (json!(500), FAILED),
        (json!(599), FAILED),
        (json!(600), REJECTED),
        (json!(70_000), REJECTED),
        (json!("Strange"), REJECTED),
    ] {
        let body = json!({ "Success": false, "Code": code });
        assert_eq!(outcome(&READ, 200, &body), read, "{code}");
        assert_eq!(outcome(&WRITE, 200, &body), UNKNOWN, "{code}");
    }
    // With an error status the number does not count.
    let body = json!({ "Success": false, "Code": 401 });
    assert_eq!((outcome(&READ, 500, &body), outcome(&READ, 400, &body)), (FAILED, REJECTED));
    assert_eq!((outcome(&WRITE, 500, &body), outcome(&WRITE, 400, &body)), (UNKNOWN, REJECTED));
}

#[test]
fn only_the_success_field_decides_success() {
    let code = |success: Value| json!({ "Success": success, "Code": "param.illegal" });
    for (success, ok) in [
        (json!(true), true),
        (json!("true"), true),
        (json!("TRUE"), true),
        (json!(false), false),
        (json!("false"), false),
        (json!("False"), false),
    ] {
        assert_eq!(outcome(&READ, 200, &code(success.clone())), if ok { OK } else { REJECTED }, "{success}");
        assert_eq!(outcome(&READ, 400, &code(success.clone())), if ok { BAD_ANSWER } else { REJECTED }, "{success}");
    }
    // Any other value decides nothing; then only an error status with a code is the vendor's refusal.
    for success in [json!(null), json!(1), json!("yes"), json!({})] {
        assert_eq!(outcome(&READ, 200, &code(success.clone())), BAD_ANSWER, "{success}");
        assert_eq!(outcome(&READ, 400, &code(success.clone())), REJECTED, "{success}");
        assert_eq!(outcome(&READ, 400, &json!({ "Success": success })), BAD_ANSWER, "{success}");
    }
    assert_eq!(outcome(&WRITE, 200, &json!({ "Success": false })), UNKNOWN);
    assert_eq!(outcome(&READ, 400, &json!({ "Success": false })), REJECTED);
}

#[test]
fn a_denied_access_without_a_listed_code_lacks_a_permission() {
    for (detail, denied) in [
        (json!(r#"{"AuthAction":"ram:CreateTicket"}"#), true),
        (json!({"AuthAction": "x"}), true),
        (json!(""), false),
        (json!(" "), false),
        (json!("null"), false),
        (json!("{}"), false),
        (json!({}), false),
        (json!(null), false),
        (json!(7), false),
    ] {
        let body = json!({ "Success": false, "Code": 1, "AccessDeniedDetail": detail });
        assert_eq!(outcome(&READ, 200, &body), if denied { PERMISSION } else { REJECTED }, "{detail}");
        assert_eq!(outcome(&WRITE, 200, &body), if denied { PERMISSION } else { UNKNOWN }, "{detail}");
        // A listed code counts more.
        let coded = json!({ "Success": false, "Code": "param.illegal", "AccessDeniedDetail": detail });
        assert_eq!(outcome(&WRITE, 200, &coded), REJECTED, "{detail}");
    }
}

#[test]
fn the_request_id_is_the_bodys_or_the_headers() {
    let id = |body: Value| {
        let answer = response(400, &[("x-acs-request-id", "h-1")], body.to_string());
        error::check(&answered(&READ, &answer)).unwrap_err().vendor().unwrap().request_id.clone().unwrap()
    };
    assert_eq!(id(json!({ "Code": "param.illegal", "RequestId": "b-1" })), "b-1");
    assert_eq!(id(json!({ "code": "param.illegal", "requestId": "b-2" })), "b-2");
    assert_eq!(id(json!({ "Code": "param.illegal" })), "h-1");
}

#[test]
fn the_newest_form_of_a_wait_hint_counts_up_to_a_limit() {
    let after = |headers: &[(&str, &str)]| {
        let answer = response(400, headers, fixture("alibaba/error-Throttling"));
        match error::check(&answered(&READ, &answer)).unwrap_err().retry() {
            Retry::Yes { after } => after,
            other => panic!("{other:?}"),
        }
    };
    let ms = |ms| Some(Duration::from_millis(ms));
    let all = [
        ("x-acs-retry-after", "1"),
        ("x-ratelimit-user-api", "TimeLeft:2"),
        ("x-ratelimit-user", "TimeLeft:3"),
        ("retry-after", "4"),
    ];
    assert_eq!([after(&all), after(&all[1..]), after(&all[2..]), after(&all[3..])], [ms(1), ms(2), ms(3), ms(4000)]);
    assert_eq!(after(&[]), None);
    assert_eq!(after(&[("x-acs-retry-after", "soon"), ("retry-after", "5")]), ms(5000));
    assert_eq!(after(&[("x-ratelimit-user", "Remaining:0")]), None);
    assert_eq!(after(&[("x-acs-retry-after", "3600000")]), ms(3_600_000));
    assert_eq!(after(&[("x-acs-retry-after", "3600001")]), ms(3_600_000));
}

#[test]
fn wait_hints_are_milliseconds() {
    for (name, value, hint) in [
        ("x-acs-retry-after", "1500", 1500),
        ("x-ratelimit-user-api", "Remaining:0,TimeLeft:700", 700),
        ("x-ratelimit-user", "TimeLeft: 900 ,x", 900),
        ("retry-after", "2", 2000),
    ] {
        let answer = response(400, &[(name, value)], fixture("alibaba/error-Throttling"));
        assert_eq!(
            error::check(&answered(&WRITE, &answer)).unwrap_err().retry(),
            Retry::Yes { after: Some(Duration::from_millis(hint)) },
            "{name}"
        );
    }
}
