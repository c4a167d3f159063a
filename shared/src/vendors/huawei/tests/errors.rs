//! The class of every documented error code, and which answers are a success.

use std::time::Duration;

use serde_json::json;

use crate::{
    domain::Vendor,
    error::{ErrorKind, Retry},
    vendors::{
        call::VendorOperation,
        huawei::error,
        testing::{answered, error_fixtures, fixture, response},
    },
};

const READ: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListCases");
const WRITE: VendorOperation = VendorOperation::write(Vendor::Huawei, "CreateCases");

const REJECTED: (ErrorKind, &str) = (ErrorKind::InvalidInput, "vendor_rejected");
const KEYS: (ErrorKind, &str) = (ErrorKind::CredentialInvalid, "account_keys_refused");
const PERMISSION: (ErrorKind, &str) = (ErrorKind::PermissionDenied, "vendor_permission_denied");
const FAILED: (ErrorKind, &str) = (ErrorKind::VendorUnavailable, "vendor_unavailable");
const NOT_FOUND: (ErrorKind, &str) = (ErrorKind::NotFound, "vendor_ticket_not_found");
const URGED: (ErrorKind, &str) = (ErrorKind::Conflict, "urged_too_often");
const THROTTLED: (ErrorKind, &str) = (ErrorKind::RateLimited, "vendor_throttled");
const NOT_OFFERED: (ErrorKind, &str) = (ErrorKind::Unsupported, "capability_not_supported");
const BAD_ANSWER: (ErrorKind, &str) = (ErrorKind::VendorUnavailable, "vendor_bad_answer");
const UNKNOWN: (ErrorKind, &str) = (ErrorKind::VendorUnavailable, "vendor_outcome_unknown");

/// The result of a read.
fn read(status: u16, body: impl Into<bytes::Bytes>) -> Option<(ErrorKind, &'static str)> {
    error::check(&answered(&READ, &response(status, &[], body))).err().map(|error| (error.kind(), error.code()))
}

/// The result of a write.
fn write(status: u16, body: impl Into<bytes::Bytes>) -> Option<(ErrorKind, &'static str)> {
    error::check(&answered(&WRITE, &response(status, &[], body))).err().map(|error| (error.kind(), error.code()))
}

/// The result of an action, whose answer may be empty.
fn action(status: u16, body: impl Into<bytes::Bytes>) -> Option<(ErrorKind, &'static str)> {
    error::check_action(&answered(&WRITE, &response(status, &[], body))).err().map(|error| (error.kind(), error.code()))
}

#[test]
fn every_documented_error() {
    let mut checked = 0;
    for (name, status, class) in [
        ("OSM.0001", 400, REJECTED),
        ("OSM.0002", 401, KEYS),
        ("OSM.0003", 403, PERMISSION),
        ("OSM.0004", 500, FAILED),
        ("OSM.01010001", 200, REJECTED),
        ("OSM.01010002", 200, PERMISSION),
        ("OSM.01010003", 200, REJECTED),
        ("OSM.01010004", 200, URGED),
        ("OSM.01010005", 200, REJECTED),
        ("OSM.01010006", 200, REJECTED),
        ("OSM.01010007", 200, PERMISSION),
        ("OSM.01010008", 200, REJECTED),
        ("OSM.01010009", 200, PERMISSION),
        ("OSM.01010010", 200, REJECTED),
        ("OSM.01010011", 200, PERMISSION),
        ("OSM.01010012", 200, REJECTED),
        ("OSM.01010013", 200, REJECTED),
        ("OSM.01010014", 200, FAILED),
        ("OSM.01010015", 200, NOT_FOUND),
        ("OSM.01010016", 200, REJECTED),
        ("OSM.01010017", 200, FAILED),
        ("OSM.01010018", 200, REJECTED),
        ("OSM.01010062", 200, REJECTED),
        ("APIGW.0101", 404, NOT_OFFERED),
        ("APIG.0101", 404, NOT_OFFERED),
        ("APIGW.0103", 404, NOT_OFFERED),
        ("APIG.0103", 404, NOT_OFFERED),
        ("APIGW.0201", 400, REJECTED),
        ("APIG.0201", 413, REJECTED),
        ("APIGW.0301", 401, KEYS),
        ("APIG.0301", 401, KEYS),
        ("APIGW.0302", 403, PERMISSION),
        ("APIG.0302", 403, PERMISSION),
        ("APIGW.0303", 401, KEYS),
        ("APIG.0303", 401, KEYS),
        ("APIGW.0308", 429, THROTTLED),
        ("APIG.0308", 429, THROTTLED),
        ("camel-case", 200, NOT_FOUND),
        ("nested", 429, THROTTLED),
    ] {
        let answer = response(status, &[("x-request-id", "h-1")], fixture(&format!("huawei/error-{name}")));
        let error = error::check(&answered(&READ, &answer)).unwrap_err();
        assert_eq!((error.kind(), error.code()), class, "{name}");
        let vendor = error.vendor().unwrap();
        assert!(vendor.code.is_some() && vendor.request_id.is_some(), "{name}");
        let on_write = error::check_action(&answered(&WRITE, &answer)).unwrap_err();
        assert_eq!(on_write.retry() == Retry::OutcomeUnknown, class == FAILED, "{name}");
        checked += 1;
    }
    assert_eq!(checked, error_fixtures("huawei").len(), "a fixture without a case");
}

/// The code decides and not the status: each code with a status of another class.
#[test]
fn a_code_counts_more_than_a_client_errors_status() {
    let coded = |code: &str| json!({"error_code": code, "error_msg": "m"}).to_string();
    for (code, class) in [
        ("OSM.0001", REJECTED),
        ("OSM.0002", KEYS),
        ("OSM.0003", PERMISSION),
        ("OSM.0004", FAILED),
        ("OSM.01010002", PERMISSION),
        ("OSM.01010007", PERMISSION),
        ("OSM.01010009", PERMISSION),
        ("OSM.01010011", PERMISSION),
        ("OSM.01010014", FAILED),
        ("OSM.01010015", NOT_FOUND),
        ("OSM.01010017", FAILED),
        ("OSM.01010004", URGED),
        ("APIGW.0101", NOT_OFFERED),
        ("APIG.0103", NOT_OFFERED),
        ("APIGW.0201", REJECTED),
        ("APIGW.0301", KEYS),
        ("APIG.0302", PERMISSION),
        ("APIG.0303", KEYS),
        ("APIGW.0308", THROTTLED),
    ] {
        // 429 alone would be throttling, 400 a rejection.
        let beside = if class == THROTTLED { 400 } else { 429 };
        assert_eq!(read(beside, coded(code)), Some(class), "{code}");
    }
    for code in [
        "01010001", "01010003", "01010005", "01010006", "01010008", "01010010", "01010012", "01010013", "01010016",
        "01010018", "01010062",
    ] {
        assert_eq!(read(429, coded(&format!("OSM.{code}"))), Some(REJECTED), "{code}");
        // On a write with status 200 a listed refusal is definite.
        assert_eq!(write(200, coded(&format!("OSM.{code}"))), Some(REJECTED), "{code}");
    }
    // The same number under another prefix, and no prefix at all, are not in the list.
    for code in ["OSM.0301", "APIGW.0001", "IAM.0301", "0301", "OSM.01010019", "OSM.01010061", "OSM.01010063"] {
        assert_eq!(read(429, coded(code)), Some(THROTTLED), "{code}");
        assert_eq!(write(200, coded(code)), Some(UNKNOWN), "{code}");
        assert_eq!(read(200, coded(code)), Some(REJECTED), "{code}");
    }
    // A server error is no refusal.
    for code in ["APIGW.0201", "OSM.0001", "APIGW.0301", "OSM.9999"] {
        for status in [500, 503, 599] {
            assert_eq!(
                (read(status, coded(code)), write(status, coded(code))),
                (Some(FAILED), Some(UNKNOWN)),
                "{code}"
            );
        }
    }
}

#[test]
fn a_code_of_zeros_is_none() {
    for code in ["", "0", "0000", "OSM.0000", "OSM."] {
        let body = json!({"error_code": code}).to_string();
        assert_eq!((read(200, body.clone()), action(200, body)), (None, None), "{code:?}");
    }
    for code in ["OSM.00001", "00010", "O"] {
        assert_eq!(read(200, json!({"error_code": code}).to_string()), Some(REJECTED), "{code:?}");
    }
    // Zeros with an error status are no refusal of the vendor.
    assert_eq!(read(400, r#"{"error_code":"0"}"#), Some(BAD_ANSWER));
    assert_eq!(read(400, "{}"), Some(BAD_ANSWER));
    assert_eq!(write(400, "{}"), Some(UNKNOWN));
    assert_eq!(read(302, "{}"), Some(BAD_ANSWER));
}

#[test]
fn only_with_an_error_status_is_the_code_read_one_level_down() {
    let nested = json!({"fault": {"code": "APIGW.0308", "message": "m"}}).to_string();
    assert_eq!(read(400, nested.clone()), Some(THROTTLED));
    assert_eq!(read(200, nested), None);
    // The top level comes first.
    let both = json!({"error_code": "OSM.01010015", "error": {"code": "APIGW.0308"}}).to_string();
    assert_eq!(read(400, both), Some(NOT_FOUND));
    // Every spelling of the fields.
    for body in [
        json!({"error_code": "OSM.01010015", "error_msg": "canary"}),
        json!({"errorCode": "OSM.01010015", "errorMsg": "canary"}),
        json!({"code": "OSM.01010015", "message": "canary"}),
    ] {
        let error = error::check(&answered(&READ, &response(200, &[], body.to_string()))).unwrap_err();
        assert_eq!(error.code(), "vendor_ticket_not_found", "{body}");
        assert!(error.message().ends_with("It says: canary"), "{body}");
    }
}

#[test]
fn answers_to_actions() {
    for name in ["create-messages", "update-cases", "update-cases-zero"] {
        error::check_action(&answered(&WRITE, &response(200, &[], fixture(&format!("huawei/{name}"))))).unwrap();
    }
    assert_eq!(action(200, "{}"), None);
    for name in ["error_code", "error_msg", "request_id"] {
        assert_eq!(action(200, json!({name: null}).to_string()), None, "{name}");
        assert_eq!(action(200, json!({name: null, "more": 1}).to_string()), Some(UNKNOWN), "{name}");
    }
    // An empty body may be the success of an action, whose effect is read after it, and of nothing else.
    for (status, body) in [(200, ""), (204, ""), (200, " \r\n")] {
        assert_eq!(action(status, body), None, "{status} {body:?}");
        error::check_documented(&answered(&WRITE, &response(status, &[], body))).unwrap_err();
    }
    // With an error status it proves nothing, and neither do fields that are not documented.
    for status in [400, 401, 429, 502] {
        assert_eq!(action(status, ""), Some(UNKNOWN), "{status}");
    }
    for body in [r#"{"hello":"world"}"#, r#"{"message":"ok"}"#, "[]", "null", "<html>", r#"{"status":1}"#] {
        assert_eq!(action(200, body), Some(UNKNOWN), "{body}");
    }
}

#[test]
fn the_vendors_hint_and_request_id_are_in_the_error() {
    let body = r#"{"error_code":"APIGW.0308","request_id":"b-1"}"#;
    let headers = [("retry-after", "3"), ("x-request-id", "h-1")];
    for operation in [READ, WRITE] {
        let error = error::check(&answered(&operation, &response(429, &headers, body))).unwrap_err();
        assert_eq!(error.retry(), Retry::Yes { after: Some(Duration::from_secs(3)) });
        assert_eq!(error.vendor().unwrap().request_id.as_deref(), Some("b-1"));
        let error = error::check(&answered(&operation, &response(429, &headers, "<html>"))).unwrap_err();
        assert_eq!(error.vendor().unwrap().request_id.as_deref(), Some("h-1"));
        // A proxy's page has no code. For a read its status and hint count; for a write it proves nothing.
        if operation.write {
            assert_eq!(error.retry(), Retry::OutcomeUnknown);
        } else {
            assert_eq!((error.kind(), error.code()), THROTTLED);
            assert_eq!(error.retry(), Retry::Yes { after: Some(Duration::from_secs(3)) });
        }
    }
}
