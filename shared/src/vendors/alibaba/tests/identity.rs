//! GetCallerIdentity of STS: another host and version, and a success without `Success`.

use std::time::Duration;

use tokio::time::Instant;

use super::client::{china, client};
use crate::{
    error::ErrorKind,
    vendors::{
        Access, TicketVendor,
        testing::{ScriptedSender, Step, fixture, ok, status},
    },
};

#[tokio::test]
async fn the_customer_is_the_account_id_of_sts() {
    let script = ScriptedSender::new([ok(fixture("alibaba/get-caller-identity"))]);
    let customer = client(&script).identify_customer(&china()).await.unwrap();
    assert_eq!(customer.as_str(), "1936753548534516");
    let request = script.request(0);
    assert_eq!(request.uri().to_string(), "https://sts.aliyuncs.com/");
    for (name, value) in [("x-acs-action", "GetCallerIdentity"), ("x-acs-version", "2015-04-01")] {
        assert_eq!(request.headers()[name], value);
    }
    assert!(request.body().is_empty());
}

#[tokio::test]
async fn an_answer_without_exactly_one_customer_proves_nothing() {
    for body in [
        "{}",
        "[]",
        "null",
        "",
        "<html>",
        r#"{"AccountId":null}"#,
        r#"{"AccountId":""}"#,
        r#"{"AccountId":"null"}"#,
        r#"{"AccountId":"19/36"}"#,
        r#"{"AccountId":["1936753548534516"]}"#,
        r#"{"Success":true,"Code":200,"Data":"1936753548534516"}"#,
    ] {
        let script = ScriptedSender::new([ok(body)]);
        let error = client(&script).identify_customer(&china()).await.unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{body}");
    }
    // An identity beside an error status is none.
    let identity = fixture("alibaba/get-caller-identity");
    for (code, kind) in [(500, ErrorKind::VendorUnavailable), (404, ErrorKind::VendorUnavailable)] {
        let script = ScriptedSender::new([status(code, identity.clone())]);
        assert_eq!(client(&script).identify_customer(&china()).await.unwrap_err().kind(), kind, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_of_sts_have_the_gateways_format() {
    for (code, text, kind) in [
        (404, "InvalidAccessKeyId.NotFound", ErrorKind::CredentialInvalid),
        (400, "SignatureDoesNotMatch", ErrorKind::CredentialInvalid),
        (403, "NoPermission", ErrorKind::PermissionDenied),
        (400, "Throttling.User", ErrorKind::RateLimited),
        (503, "ServiceUnavailable", ErrorKind::VendorUnavailable),
    ] {
        let body = format!(r#"{{"Code":"{text}","Message":"m","RequestId":"r","HostId":"sts.aliyuncs.com"}}"#);
        let script = ScriptedSender::new([status(code, body)]);
        // There is no time to wait for the pace.
        let access = Access { deadline: Instant::now() + Duration::from_millis(5), ..china() };
        assert_eq!(client(&script).identify_customer(&access).await.unwrap_err().kind(), kind, "{text}");
    }
    let script = ScriptedSender::new([Step::NoAnswer]);
    let error = client(&script).identify_customer(&china()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VendorUnavailable);
}
