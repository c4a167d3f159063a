//! KeystoneListAuthDomains of IAM: another host, and one entry or no proof.

use std::time::Duration;

use tokio::time::Instant;

use super::{china, client, file};
use crate::{
    domain::Site,
    error::ErrorKind,
    vendors::{
        Access, TicketVendor,
        testing::{ScriptedSender, access, ok, status},
    },
};

const ID: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

#[tokio::test]
async fn the_customer_is_the_one_domain_of_the_key() {
    let europe = access(Site::International, "eu-west-101");
    for (access, host) in [(china(), "iam.myhuaweicloud.com"), (europe, "iam.eu-west-101.myhuaweicloud.eu")] {
        let script = ScriptedSender::new([file("list-auth-domains")]);
        let customer = client(&script).identify_customer(&access).await.unwrap();
        assert_eq!(customer.as_str(), ID);
        let request = script.request(0);
        assert_eq!(request.method(), "GET");
        assert_eq!(request.uri().to_string(), format!("https://{host}/v3/auth/domains"));
        assert_eq!(request.headers()["content-type"], "application/json;charset=utf8");
        assert!(!request.headers().contains_key("x-domain-id"), "the account may name another domain");
    }
}

#[tokio::test]
async fn a_list_with_other_than_one_domain_proves_nothing() {
    let domain = format!(r#"{{"id":"{ID}","name":"n","enabled":true}}"#);
    for body in [
        r#"{"domains":[]}"#.to_owned(),
        r#"{"domains":null}"#.to_owned(),
        r#"{"domains":[{"name":"n"}]}"#.to_owned(),
        r#"{"domains":[{"id":""}]}"#.to_owned(),
        r#"{"domains":["0f1e2d3c4b5a69788796a5b4c3d2e1f0"]}"#.to_owned(),
        format!(r#"{{"domains":[{domain},{domain}]}}"#),
        format!(r#"{{"domains":[{domain},{{"id":"0f1e2d3c4b5a69788796a5b4c3d2e1f1"}}]}}"#),
        format!(r#"{{"domain":{domain}}}"#),
        "{}".to_owned(),
        String::new(),
    ] {
        let script = ScriptedSender::new([ok(body.as_str())]);
        let error = client(&script).identify_customer(&china()).await.unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_of_iam_and_of_the_gateway_are_told_apart() {
    for (code, body, kind) in [
        (401, r#"{"error_code":"APIGW.0301","error_msg":"AK does not exist"}"#, ErrorKind::CredentialInvalid),
        (401, r#"{"error":{"code":401,"message":"m","title":"Unauthorized"}}"#, ErrorKind::CredentialInvalid),
        (403, r#"{"error":{"code":403,"message":"m","title":"Forbidden"}}"#, ErrorKind::PermissionDenied),
        (429, r#"{"error_code":"APIGW.0308","error_msg":"throttled"}"#, ErrorKind::RateLimited),
        (500, r#"{"error":{"code":500,"message":"m"}}"#, ErrorKind::VendorUnavailable),
        (503, "<html>", ErrorKind::VendorUnavailable),
    ] {
        let script = ScriptedSender::new([status(code, body)]);
        // There is no time to wait for the pace.
        let access = Access { deadline: Instant::now() + Duration::from_millis(5), ..china() };
        assert_eq!(client(&script).identify_customer(&access).await.unwrap_err().kind(), kind, "{body}");
    }
}
