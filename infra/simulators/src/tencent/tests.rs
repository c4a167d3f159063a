//! Tencent's gateway and actions against golden signatures.

use super::*;
use crate::fault::{Fault, FaultRule};
use crate::testing::{pairs_of, read, request, signed_for_tencent, vectors};

const NOW_S: i64 = 1_767_225_599;

fn golden() -> Vec<(Request<Bytes>, i64, Option<String>)> {
    let read = |vector: &Value| {
        let headers = pairs_of(&vector["headers"]);
        let request = request("POST", "/", &headers, vector["body"].as_str().unwrap());
        (request, vector["timestamp"].as_i64().unwrap(), vector["token"].as_str().map(str::to_owned))
    };
    vectors("tencent")["vectors"].as_array().unwrap().iter().map(read).collect()
}

fn authorize(request: &Request<Bytes>, now_s: i64, token: Option<&str>) -> Result<String, &'static str> {
    let simulator = TencentSimulator::new();
    match token {
        Some(token) => simulator.add_temporary_keys("a", "testSecretId", "testSecretKey", token),
        None => simulator.add_keys_for("a", "testSecretId", "testSecretKey"),
    }
    gateway::authorize(&simulator.lock().state.keys, request, now_s * 1000).map_err(|refusal| refusal.code)
}

#[test]
fn golden_signatures_are_accepted_and_changed_ones_refused() {
    let all = golden();
    assert_eq!(all.len(), 6);
    for (request, at_s, token) in all {
        let token = token.as_deref();
        assert_eq!(authorize(&request, at_s, token), Ok("a".to_owned()));
        assert_eq!(authorize(&request, at_s + 300, token), Ok("a".to_owned()));
        assert_eq!(authorize(&request, at_s - 301, token), Err("AuthFailure.SignatureExpire"));
        assert_eq!(authorize(&request, at_s, Some("other")), Err("AuthFailure.TokenFailure"));
        for (name, value) in [("host", "sts.example.com"), ("content-type", "application/json; charset=utf-8")] {
            let mut changed = request.clone();
            changed.headers_mut().insert(name, http::HeaderValue::from_static(value));
            assert_eq!(authorize(&changed, at_s, token), Err("AuthFailure.SignatureFailure"));
        }
        let mut changed = request.clone();
        let mut body = changed.body().to_vec();
        body[0] ^= 1;
        *changed.body_mut() = Bytes::from(body);
        assert_eq!(authorize(&changed, at_s, token), Err("AuthFailure.SignatureFailure"));
    }
}

#[test]
fn the_documented_example_is_accepted() {
    let body = r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
    let stars = "*".repeat(32);
    let signature = "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f";
    let authorization = format!(
        "TC3-HMAC-SHA256 Credential=AKID{stars}/2019-02-25/cvm/tc3_request, \
         SignedHeaders=content-type;host;x-tc-action, Signature={signature}"
    );
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("host", "cvm.tencentcloudapi.com"),
        ("x-tc-action", "DescribeInstances"),
        ("x-tc-version", "2017-03-12"),
        ("x-tc-timestamp", "1551113065"),
        ("authorization", &authorization),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let simulator = TencentSimulator::new();
    simulator.add_keys_for("a", &format!("AKID{stars}"), &stars);
    let request = request("POST", "/", &headers, body);
    let state = simulator.lock();
    assert_eq!(
        gateway::authorize(&state.state.keys, &request, 1_551_113_065_000).map_err(|refusal| refusal.code),
        Ok("a".into())
    );
}

/// Signs for `date`, which is not always the timestamp's.
fn signed(service: &str, version: &str, action: &str, body: &str, date: &str) -> Request<Bytes> {
    signed_for_tencent("127.0.0.1:1", [service, version, action], body, date, NOW_S)
}

fn call(simulator: &TencentSimulator, service: &str, version: &str, action: &str, body: &str) -> Value {
    let request = signed(service, version, action, body, "2025-12-31");
    let (status, body) = read(&simulator.handle(request, NOW_S * 1000));
    assert_eq!(status, 200);
    body["Response"].clone()
}

#[test]
fn the_scope_has_the_utc_date() {
    let request = signed("sts", "2018-08-13", "GetCallerIdentity", "{}", "2026-01-01");
    let (_, body) = read(&TencentSimulator::new().handle(request, NOW_S * 1000));
    assert_eq!(body["Response"]["Error"]["Code"], "AuthFailure.SignatureFailure");
}

#[test]
fn an_absurd_timestamp_is_only_expired() {
    let mut request = signed("sts", "2018-08-13", "GetCallerIdentity", "{}", "2025-12-31");
    let absurd = http::HeaderValue::from_static("-9223372036854775808");
    request.headers_mut().insert("x-tc-timestamp", absurd);
    let (_, body) = read(&TencentSimulator::new().handle(request, NOW_S * 1000));
    assert_eq!(body["Response"]["Error"]["Code"], "AuthFailure.SignatureExpire");
}

#[test]
fn products_come_in_pages() {
    let simulator = TencentSimulator::new();
    let page = |body: &str| call(&simulator, "region", "2022-06-27", "DescribeProducts", body);
    let total = usize::try_from(page("{}")["TotalCount"].as_u64().unwrap()).unwrap();
    assert!(total >= 150);
    assert_eq!(page("{}")["Products"].as_array().unwrap().len(), 20);
    let last = page(&format!(r#"{{"Offset": {}, "Limit": 100}}"#, total - 3));
    assert_eq!(last["Products"].as_array().unwrap().len(), 3);
    for (body, code) in [
        (r#"{"Limit": 101}"#, "InvalidParameterValue"),
        (r#"{"Limit": "1"}"#, "InvalidParameter"),
        (r#"{"Page": 1}"#, "UnknownParameter"),
        ("[]", "InvalidParameter"),
    ] {
        assert_eq!(page(body)["Error"]["Code"], code);
    }
}

#[test]
fn unknown_calls_and_faults_answer_in_the_envelope() {
    let simulator = TencentSimulator::new();
    let code = |service, version, action| {
        call(&simulator, service, version, action, "{}")["Error"]["Code"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(code("tandon", "2023-01-04", "GetMCCategoryList"), "NoSuchProduct");
    assert_eq!(code("sts", "2018-08-14", "GetCallerIdentity"), "NoSuchVersion");
    assert_eq!(code("sts", "2018-08-13", "CreateTicket"), "InvalidAction");
    simulator.add_faults([
        FaultRule::times("GetCallerIdentity", 1, Fault::Throttle { retry_after_ms: None }),
        FaultRule::times(
            "GetCallerIdentity",
            1,
            Fault::Refuse { code: "FailedOperation.X".into(), message: "x".into() },
        ),
        FaultRule::times("GetCallerIdentity", 1, Fault::WrongShape),
    ]);
    assert_eq!(code("sts", "2018-08-13", "GetCallerIdentity"), "RequestLimitExceeded");
    assert_eq!(code("sts", "2018-08-13", "GetCallerIdentity"), "FailedOperation.X");
    assert_eq!(call(&simulator, "sts", "2018-08-13", "GetCallerIdentity", "{}").get("AccountId"), None);
    let answer = call(&simulator, "sts", "2018-08-13", "GetCallerIdentity", "{}");
    assert_eq!(answer["AccountId"], DEMO_KEYS.account);
}
