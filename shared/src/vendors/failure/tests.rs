//! Kind, code, retry and message of each failure.

use super::*;
use crate::{
    domain::Site,
    vendors::{
        lenient::Text,
        tencent::CAPABILITY,
        testing::{Step, access, answered, response, unusable_answers},
    },
};
use http::Response;

const UNREACHABLE: &str = "vendor_unreachable";
const DEADLINE: &str = "deadline_reached";
const BAD_ANSWER: &str = "vendor_bad_answer";
const UNAVAILABLE: &str = "vendor_unavailable";
const OUTCOME_UNKNOWN: &str = "vendor_outcome_unknown";
const REJECTED: &str = "vendor_rejected";
const TICKET_NOT_FOUND: &str = "vendor_ticket_not_found";
const KEYS_REFUSED: &str = "account_keys_refused";
const PERMISSION_DENIED: &str = "vendor_permission_denied";
const THROTTLED: &str = "vendor_throttled";
const CLOSE_REFUSED: &str = "vendor_close_refused";
const NOT_SUPPORTED: &str = "capability_not_supported";

const READ: VendorOperation = VendorOperation::read(Vendor::Alibaba, "GetTicket");
const CREATE: VendorOperation = VendorOperation::write(Vendor::Alibaba, "CreateTicket");

#[test]
fn a_vendors_message_is_cut_and_cleaned() {
    let message = format!("a\u{1b}[31m\r\n{}", "长".repeat(400));
    let text = safe_text(&message);
    assert_eq!(text.chars().count(), 300);
    assert!(!text.contains(char::is_control));
}

#[test]
fn messages_about_signatures_are_not_passed_on() {
    let vendor_error = VendorError {
        code: Some("SignatureDoesNotMatch".into()),
        message: Some("server string to sign is POST&%2F&canary".into()),
        ..VendorError::default()
    };
    let error = vendor_error.into_error(&READ, Class::Keys);
    assert!(!format!("{error:?}").contains("canary"));
    assert_eq!(error.vendor().unwrap().code.as_deref(), Some("SignatureDoesNotMatch"));
}

#[test]
fn an_answer_without_a_definite_refusal_leaves_a_write_unknown() {
    for (class, retry) in [
        (Class::Rejected, Retry::No),
        (Class::TicketNotFound, Retry::No),
        (Class::Keys, Retry::No),
        (Class::Permission, Retry::No),
        (Class::NotOffered, Retry::No),
        (Class::Throttled, Retry::Yes { after: None }),
        (Class::Clock, Retry::Yes { after: None }),
        (Class::Replayed, Retry::OutcomeUnknown),
        (Class::Internal, Retry::OutcomeUnknown),
        (Class::Unlisted, Retry::OutcomeUnknown),
    ] {
        let error = VendorError::default().into_error(&CREATE, class);
        assert_eq!(error.retry(), retry, "{class:?}");
        assert!(error.vendor().is_some());
    }
    let read = VendorError::default().into_error(&READ, Class::Unlisted);
    assert_eq!((read.code(), read.retry()), (REJECTED, Retry::No));
}

#[test]
fn an_answer_in_another_format_leaves_every_write_unknown() {
    for (status, read, write) in [
        (200, BAD_ANSWER, OUTCOME_UNKNOWN),
        (302, BAD_ANSWER, OUTCOME_UNKNOWN),
        (400, BAD_ANSWER, OUTCOME_UNKNOWN),
        (403, BAD_ANSWER, OUTCOME_UNKNOWN),
        (404, BAD_ANSWER, OUTCOME_UNKNOWN),
        (401, KEYS_REFUSED, OUTCOME_UNKNOWN),
        (429, THROTTLED, OUTCOME_UNKNOWN),
        (502, UNAVAILABLE, OUTCOME_UNKNOWN),
    ] {
        let answer = Response::builder().status(status).body("<html>".into()).unwrap();
        assert_eq!(answered(&READ, &answer).bad("not JSON").code(), read, "{status}");
        assert_eq!(answered(&CREATE, &answer).bad("not JSON").code(), write, "{status}");
    }
}

#[test]
fn a_wait_hint_is_read_and_bounded() {
    let mut headers = HeaderMap::new();
    headers.insert(header::RETRY_AFTER, "7".parse().unwrap());
    assert_eq!(retry_after(&headers), Some(Duration::from_secs(7)));
    headers.insert(header::RETRY_AFTER, "99999999".parse().unwrap());
    assert_eq!(retry_after(&headers), Some(MAX_HINT));
    headers.insert(header::RETRY_AFTER, "soon".parse().unwrap());
    assert_eq!(retry_after(&headers), None);
}

fn outcome(error: &Error) -> (ErrorKind, &'static str, Retry) {
    (error.kind(), error.code(), error.retry())
}

#[test]
fn every_class_has_its_kind_code_and_retry() {
    let hint = Some(Duration::from_secs(7));
    let again = Retry::Yes { after: hint };
    let (no, unknown) = (Retry::No, Retry::OutcomeUnknown);
    let down = ErrorKind::VendorUnavailable;
    for (class, kind, code, on_read, on_write) in [
        (Class::Rejected, ErrorKind::InvalidInput, REJECTED, no, no),
        (Class::TicketNotFound, ErrorKind::NotFound, TICKET_NOT_FOUND, no, no),
        (Class::Keys, ErrorKind::CredentialInvalid, KEYS_REFUSED, no, no),
        (Class::Permission, ErrorKind::PermissionDenied, PERMISSION_DENIED, no, no),
        (Class::NotOffered, ErrorKind::Unsupported, NOT_SUPPORTED, no, no),
        (Class::Throttled, ErrorKind::RateLimited, THROTTLED, again, again),
        (Class::Clock, down, "vendor_clock_refused", again, again),
        (Class::Replayed, down, UNAVAILABLE, again, unknown),
        (Class::Internal, down, UNAVAILABLE, again, unknown),
        (Class::Unlisted, ErrorKind::InvalidInput, REJECTED, no, unknown),
    ] {
        let vendor_error = VendorError {
            code: Some("c\n1".into()),
            message: Some("said".into()),
            request_id: Some("r\n1".into()),
            retry_after: hint,
        };
        let read = vendor_error.clone().into_error(&READ, class);
        assert_eq!(outcome(&read), (kind, code, on_read), "{class:?}");
        let write = vendor_error.into_error(&CREATE, class);
        let expected = if on_write == unknown { (down, OUTCOME_UNKNOWN, unknown) } else { (kind, code, on_write) };
        assert_eq!(outcome(&write), expected, "{class:?}");
        let with_message = !matches!(class, Class::Keys | Class::Clock | Class::Replayed);
        for (error, operation) in [(read, "operation=GetTicket"), (write, "operation=CreateTicket")] {
            assert_eq!(error.message().ends_with(" It says: said"), with_message, "{class:?}");
            let vendor = error.vendor().unwrap();
            assert_eq!(vendor.vendor, Vendor::Alibaba);
            assert_eq!((vendor.code.as_deref(), vendor.request_id.as_deref()), (Some("c 1"), Some("r 1")));
            assert!(format!("{error:?}").contains(operation), "{class:?}");
        }
    }
    // An empty message is left out.
    let silent = VendorError { message: Some(" \n".into()), ..VendorError::default() };
    assert_eq!(silent.into_error(&READ, Class::Rejected).message(), "The vendor rejects the request.");
}

#[test]
fn an_answer_of_a_proxy_is_logged_without_its_text() {
    let headers = [("x-acs-request-id", "h-1"), ("retry-after", "9")];
    for (status, retry) in [
        (200, Retry::Yes { after: None }),
        (429, Retry::Yes { after: Some(Duration::from_secs(9)) }),
        (503, Retry::Yes { after: Some(Duration::from_secs(9)) }),
    ] {
        let error = answered(&READ, &response(status, &headers, "<html>canary")).bad("not JSON");
        assert_eq!((error.kind() == ErrorKind::InvalidInput, error.retry()), (false, retry), "{status}");
        assert_eq!(error.vendor().unwrap().request_id.as_deref(), Some("h-1"));
        let log = format!("{error:?}");
        for part in [format!("status={status}"), "body_bytes=12".into(), "reason=not JSON".into(), "GetTicket".into()] {
            assert!(log.contains(&part), "{log}");
        }
        assert!(!log.contains("canary"));
    }
}

#[test]
fn a_row_has_an_id_or_the_answer_is_a_bad_one() {
    let answer = answered(&READ, &response(200, &[], "{}"));
    let row = |text: Option<&str>| {
        answer
            .row_id(Text(text.map(str::to_owned)), crate::domain::ProductId::parse)
            .map(|id| id.to_string())
            .map_err(|error| error.code())
    };
    assert_eq!(row(Some("7160")), Ok("7160".to_owned()));
    for bad in [None, Some(""), Some("null"), Some("a/b")] {
        assert_eq!(row(bad), Err(BAD_ANSWER), "{bad:?}");
    }
}

#[test]
fn a_list_without_its_end_may_be_read_again() {
    let error = incomplete(&READ, "the same page again");
    assert_eq!(outcome(&error), (ErrorKind::VendorUnavailable, BAD_ANSWER, Retry::Yes { after: None }));
    assert!(format!("{error:?}").contains("reason=the same page again"));
}

#[test]
fn no_answer_leaves_a_write_unknown_only_where_it_was_sent() {
    let again = Retry::Yes { after: None };
    let failed = || "cut".into();
    for (error, code, retry, on_write, write_retry) in [
        (SendError::NotSent(failed()), UNREACHABLE, again, UNREACHABLE, again),
        (SendError::NotPublic, "file_link_not_allowed", Retry::No, "file_link_not_allowed", Retry::No),
        (SendError::NoAnswer(failed()), UNAVAILABLE, again, OUTCOME_UNKNOWN, Retry::OutcomeUnknown),
        (SendError::TooLarge { max_bytes: 9 }, BAD_ANSWER, again, OUTCOME_UNKNOWN, Retry::OutcomeUnknown),
    ] {
        let same = match &error {
            SendError::NotSent(_) => SendError::NotSent(failed()),
            SendError::NotPublic => SendError::NotPublic,
            SendError::NoAnswer(_) => SendError::NoAnswer(failed()),
            SendError::TooLarge { max_bytes } => SendError::TooLarge { max_bytes: *max_bytes },
        };
        for (operation, error, code, retry) in [(READ, error, code, retry), (CREATE, same, on_write, write_retry)] {
            let name = format!("{error}");
            let error = no_answer(&operation, error);
            assert_eq!(outcome(&error), (ErrorKind::VendorUnavailable, code, retry), "{name}");
            assert_eq!(error.vendor().unwrap().vendor, Vendor::Alibaba, "{name}");
            assert!(std::error::Error::source(&error).is_some(), "{name}");
            assert!(format!("{error:?}").contains(operation.name), "{name}");
        }
    }
}

#[test]
fn our_own_errors_name_their_vendor() {
    let expired = deadline_reached(&CREATE);
    assert_eq!(outcome(&expired), (ErrorKind::VendorUnavailable, DEADLINE, Retry::Yes { after: None }));
    assert!(format!("{expired:?}").contains("operation=CreateTicket"));
    let unsupported = not_supported(&CAPABILITY, &access(Site::China, "ap-guangzhou"), "close a ticket");
    assert_eq!(outcome(&unsupported), (ErrorKind::Unsupported, NOT_SUPPORTED, Retry::No));
    assert!(unsupported.message().contains("close a ticket") && unsupported.message().contains(CAPABILITY.console));
    let keys = unusable_keys(Vendor::Huawei);
    assert_eq!(outcome(&keys), (ErrorKind::CredentialInvalid, KEYS_REFUSED, Retry::No));
    for (error, vendor) in [(expired, Vendor::Alibaba), (unsupported, Vendor::Tencent), (keys, Vendor::Huawei)] {
        let detail = VendorDetail { vendor, code: None, request_id: None };
        assert_eq!(error.vendor(), Some(&detail));
    }
}

#[test]
fn a_refused_close_has_the_vendors_message() {
    let vendor_error = VendorError { code: Some("-101".into()), message: Some("no".into()), ..VendorError::default() };
    let vendor_error = vendor_error.into_error(&CREATE, Class::Rejected);
    let conflict = close_refused(&vendor_error);
    assert_eq!(outcome(&conflict), (ErrorKind::Conflict, CLOSE_REFUSED, Retry::No));
    assert_eq!(conflict.vendor(), vendor_error.vendor());
    assert!(conflict.message().ends_with("It says: no"));
    assert_eq!(close_refused(&Error::unexpected("x")).vendor(), None);
}

#[test]
fn a_coded_refusal_is_the_vendors_own_with_a_good_status() {
    let coded = || VendorError { code: Some("-101".into()), ..VendorError::default() };
    let (ok, bad) = (StatusCode::OK, StatusCode::BAD_REQUEST);
    let unlisted = coded().into_error(&CREATE, Class::Unlisted);
    assert!(is_coded(&unlisted, ok));
    assert!(!is_coded(&unlisted, bad));
    assert!(!is_coded(&coded().into_error(&CREATE, Class::Rejected), ok));
    assert!(!is_coded(&VendorError::default().into_error(&CREATE, Class::Unlisted), ok));
    assert!(!is_coded(&Error::new(ProblemCode::VendorUnavailable, "x"), ok));
}

#[test]
fn a_header_is_read_as_text_or_not_at_all() {
    let mut headers = HeaderMap::new();
    headers.insert("x-text", "a".parse().unwrap());
    headers.insert("x-bytes", http::HeaderValue::from_bytes(b"\xff").unwrap());
    assert_eq!(header_text(&headers, "x-text").as_deref(), Some("a"));
    assert_eq!(header_text(&headers, "x-bytes"), None);
    assert_eq!(header_text(&headers, "x-none"), None);
    headers.insert(header::RETRY_AFTER, " 0 ".parse().unwrap());
    assert_eq!(retry_after(&headers), Some(Duration::ZERO));
    let hour = Duration::from_secs(3600);
    assert_eq!(bounded(hour), hour);
    assert_eq!(bounded(hour + Duration::from_nanos(1)), hour);
    assert_eq!(bounded(hour - Duration::from_nanos(1)), hour - Duration::from_nanos(1));
}

#[test]
fn a_text_is_cut_to_three_hundred_characters() {
    assert_eq!(safe_text(" a\tb\u{7f} "), "a b");
    assert_eq!(safe_text(&"长".repeat(300)), "长".repeat(300));
    assert_eq!(safe_text(&"长".repeat(301)), "长".repeat(300));
}

#[test]
fn no_unusable_answer_is_definite_for_a_write() {
    for (name, step) in unusable_answers() {
        if let Step::Answer(status, headers, body) = step {
            let error = answered(&CREATE, &response(status, &headers, body)).bad("x");
            assert_eq!(error.retry(), Retry::OutcomeUnknown, "{name}");
        }
    }
}
