//! Documented answers and errors, read by the pure functions.

use std::time::Duration;

use crate::{
    domain::{CloudId, MessageType, ProductId, Vendor},
    error::{ErrorKind, Retry},
    vendor::{
        Phase,
        alibaba::{decode, error},
        call::Operation,
        testing::{error_fixtures, fixture, response},
    },
};

const READ: Operation = Operation::read(Vendor::Alibaba, "ListProducts");
const GET_TICKET: Operation = Operation::read(Vendor::Alibaba, "GetTicket");
const WRITE: Operation = Operation::write(Vendor::Alibaba, "CreateTicket");

fn answer(name: &str) -> http::Response<bytes::Bytes> {
    response(200, &[], fixture(&format!("alibaba/{name}")))
}

#[test]
fn products() {
    let products = decode::products(&READ, &answer("list-products")).unwrap();
    assert_eq!(products.len(), 1);
    assert_eq!(products[0].id.as_str(), "7160");
    assert_eq!(products[0].name, "ECS");
    assert_eq!(products[0].description.as_deref(), Some("云服务器"));

    let repeated = decode::products(&READ, &answer("list-products-repeated")).unwrap();
    let rows: Vec<_> = repeated.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
    assert_eq!(rows, [("7160", "ECS"), ("9457", "9457")]);
}

#[test]
fn a_success_without_what_matters_is_none() {
    let empty = answer("list-categories-none");
    for error in [
        decode::products(&READ, &empty).unwrap_err(),
        decode::ticket_status(&READ, &empty).unwrap_err(),
        decode::tickets(&READ, &empty, 0, 100).unwrap_err(),
        decode::messages(&READ, &empty).unwrap_err(),
        decode::messages(&READ, &response(200, &[], r#"{"Success":true,"Data":null}"#)).unwrap_err(),
    ] {
        assert_eq!(error.code(), "vendor_bad_answer");
        assert_eq!(error.retry(), Retry::Yes { after: None });
    }
    let null = response(200, &[], r#"{"Success":true,"Data":"null"}"#);
    for error in [
        decode::created(&WRITE, &empty).unwrap_err(),
        decode::created(&WRITE, &null).unwrap_err(),
        decode::replied(&WRITE, &null).unwrap_err(),
    ] {
        assert_eq!((error.code(), error.retry()), ("vendor_outcome_unknown", Retry::OutcomeUnknown));
    }
}

#[test]
fn a_catalog_row_without_a_usable_id_spoils_the_catalog() {
    let product = ProductId::parse("7160").unwrap();
    for row in [
        "{}",
        r#"{"ProductId":null,"CategoryId":null}"#,
        r#"{"ProductId":"","CategoryId":""}"#,
        r#"{"ProductId":"null","CategoryId":"null"}"#,
        r#"{"ProductId":"a/b","CategoryId":"a/b"}"#,
        r#"{"productId":7160,"categoryId":7161}"#,
    ] {
        let products = format!(r#"{{"Success":true,"Data":[{{"ProductList":[{{"ProductId":1}},{row}]}}]}}"#);
        let error = decode::products(&READ, &response(200, &[], products)).unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{row}");
        let types = format!(r#"{{"Success":true,"Data":[{{"CategoryId":1}},{row}]}}"#);
        let error = decode::problem_types(&READ, &response(200, &[], types), &product).unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{row}");
    }
    let nothing = response(200, &[], r#"{"Success":true,"Data":null}"#);
    let error = decode::products(&READ, &nothing).unwrap_err();
    assert_eq!(error.code(), "vendor_bad_answer");
}

#[test]
fn problem_types() {
    let product = ProductId::parse("7160").unwrap();
    let types = decode::problem_types(&READ, &answer("list-categories"), &product).unwrap();
    assert_eq!((types[0].id.as_str(), types[0].name.as_str()), ("7161", "ECS"));
    assert_eq!(types[0].product_id, product);
    assert_eq!(decode::problem_types(&READ, &answer("list-categories-none"), &product).unwrap(), []);
}

#[test]
fn tickets() {
    let created = decode::created(&WRITE, &answer("create-ticket")).unwrap();
    assert_eq!(created, CloudId::parse("0005PYGCW").unwrap());
    let ticket = decode::ticket(&READ, &answer("get-ticket")).unwrap();
    assert_eq!(ticket.description.as_deref(), Some("ecs无法启动"));
    let status = decode::ticket_status(&READ, &answer("get-ticket")).unwrap();
    assert_eq!((status.phase, status.raw.as_str()), (Phase::Ended, "6"));
    let page = decode::tickets(&READ, &answer("list-tickets"), 0, 100).unwrap();
    assert_eq!(page.tickets[0].cloud_id.as_str(), "0005PYGCW");
    assert_eq!(page.next, Some(1));
    assert_eq!(decode::tickets(&READ, &answer("list-tickets"), 98, 1).unwrap().next, None);
    error::check(&WRITE, &answer("close-ticket")).unwrap();
    decode::replied(&WRITE, &answer("reply-ticket")).unwrap();
    // Success without the new message's id proves no message.
    let error = decode::replied(&WRITE, &answer("close-ticket")).unwrap_err();
    assert_eq!(error.retry(), Retry::OutcomeUnknown);
}

#[test]
fn a_listed_ticket_without_a_usable_id_spoils_the_page() {
    for id in ["null", r#""""#, r#""null""#, r#""A/1""#] {
        let body =
            format!(r#"{{"Success":true,"TotalCount":2,"Data":[{{"TicketId":"A1"}},{{"TicketId":{id}}}]}}"#);
        let error = decode::tickets(&READ, &response(200, &[], body), 0, 100).unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{id}");
    }
}

#[test]
fn statuses_by_number_and_name() {
    for (raw, phase) in [
        ("1", Phase::Waiting),
        ("dealing", Phase::Processing),
        ("wait-feedback", Phase::AwaitingCustomer),
        ("wait_feedback", Phase::AwaitingCustomer),
        ("4", Phase::Processing),
        ("WAIT_CONFIRM", Phase::AwaitingCustomer),
        ("confirmed", Phase::Ended),
        ("7", Phase::Other),
        ("", Phase::Other),
    ] {
        assert_eq!(decode::status(raw.into()).phase, phase, "{raw}");
    }
}

#[test]
fn messages() {
    let documented = decode::messages(&READ, &answer("list-ticket-notes")).unwrap();
    assert_eq!(documented[0].message_id, "9999");
    assert_eq!(documented[0].message_type, MessageType::Customer);
    assert_eq!(documented[0].content, "你好, 我的ECS续费失败, 请问是什么原因");
    assert_eq!(documented[0].create_time, 1_623_396_736_000);
    assert!(documented[0].attachments[0].url.as_deref().unwrap().ends_with("image.png"));

    let messages = decode::messages(&READ, &answer("list-ticket-notes-unordered")).unwrap();
    let rows: Vec<_> =
        messages.iter().map(|m| (m.message_id.as_str(), m.content.as_str(), m.message_type)).collect();
    assert_eq!(
        rows,
        [
            ("8", r#"{"card":1}"#, MessageType::Customer),
            ("9", "second", MessageType::Support),
            ("10", "third", MessageType::Support),
        ]
    );
    assert_eq!(messages[1].attachments[0].url, None);
}

#[test]
fn an_empty_list_is_an_empty_conversation() {
    let empty = response(200, &[], r#"{"Success":true,"Data":[]}"#);
    assert_eq!(decode::messages(&READ, &empty).unwrap(), []);
}

#[test]
fn messages_without_an_id_are_kept_apart() {
    for id in ["null", r#""""#, r#"" ""#, r#""null""#] {
        let note = format!(
            r#"{{"DialogId":{id},"CreateTime":1,"Type":2,"Dialog":{{"Content":"ok"}},"User":{{"Role":3}}}}"#
        );
        let later = note.replace(r#""CreateTime":1"#, r#""CreateTime":2"#);
        let read = |notes: [&str; 3]| {
            let body = format!(r#"{{"Success":true,"Data":[{}]}}"#, notes.join(","));
            decode::messages(&READ, &response(200, &[], body)).unwrap()
        };
        let messages = read([&note, &note, &later]);
        assert_eq!(messages.len(), 3, "{id}");
        assert!(messages.iter().all(|m| m.message_id.starts_with("h-")), "{id}");
        // The order of the vendor's list makes no difference.
        assert_eq!(read([&note, &later, &note]), messages, "{id}");
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
        ("InvalidTimeStamp.Expired", 400, ErrorKind::VendorUnavailable, "vendor_unavailable"),
        ("InvalidTimeStamp.Format", 400, ErrorKind::VendorUnavailable, "vendor_unavailable"),
        ("IllegalTimestamp", 400, ErrorKind::VendorUnavailable, "vendor_unavailable"),
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
        let error = error::check(&READ, &answer).unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, code), "{name}");
        let vendor = error.vendor().unwrap();
        assert!(vendor.code.is_some() && vendor.request_id.is_some(), "{name}");
        // A write is unknown exactly where the vendor failed, may have taken a first copy or gives a code that is
        // listed nowhere.
        let unknown = matches!(
            name,
            "System.error" | "InternalError" | "UnknownError" | "ServiceUnavailable" | "SignatureNonceUsed"
        ) || name.starts_with("success-false");
        let on_write = error::check(&WRITE, &answer).unwrap_err().retry();
        assert_eq!(on_write == Retry::OutcomeUnknown, unknown, "{name}");
        checked += 1;
    }
    assert_eq!(checked, error_fixtures("alibaba").len(), "a fixture without a case");
}

#[test]
fn an_unknown_ticket_is_a_bad_parameter_where_the_id_is_the_only_one() {
    let answer = response(400, &[], fixture("alibaba/error-param.illegal"));
    let error = error::check(&GET_TICKET, &answer).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, "vendor_ticket_not_found"));
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
            error::check(&WRITE, &answer).unwrap_err().retry(),
            Retry::Yes { after: Some(Duration::from_millis(hint)) },
            "{name}"
        );
    }
}
