//! Huawei's gateway: signatures, clock, lock of a key.

use super::*;
use crate::testing::with_query_reversed;

fn date_of(request: &Request<Bytes>) -> i64 {
    let date = request.headers()["x-sdk-date"].to_str().unwrap();
    let spread = format!("{}-{}-{}:{}:{}", &date[..4], &date[4..6], &date[6..11], &date[11..13], &date[13..]);
    spread.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

fn verify(vector: &Value, request: &Request<Bytes>, now_ms: i64) -> Result<String, String> {
    let simulator = HuaweiSimulator::new();
    let (key, secret) = (vector["ak"].as_str().unwrap(), vector["sk"].as_str().unwrap());
    match request.headers().get("x-security-token") {
        Some(token) => simulator.add_temporary_keys("a", key, secret, token.to_str().unwrap()),
        None => simulator.add_keys_for("a", key, secret),
    }
    gateway::verify(&mut simulator.lock().state.keys, request, now_ms).map_err(|refusal| refusal.message)
}

#[test]
fn golden_signatures_are_accepted_and_changed_ones_refused() {
    let file = vectors("huawei");
    let all = file["vectors"].as_array().unwrap();
    assert_eq!(all.len(), 8);
    for vector in all {
        let mut headers = pairs_of(&vector["headers"]);
        headers.push(("Authorization".into(), vector["expected"]["authorization"].as_str().unwrap().into()));
        let target = vector["expected"]["request_target"].as_str().unwrap();
        let (method, body) = (vector["method"].as_str().unwrap(), vector["body"].as_str().unwrap());
        let good = request(method, target, &headers, body);
        let at_ms = date_of(&good);
        assert_eq!(verify(vector, &good, at_ms), Ok("a".to_owned()), "{}", vector["id"]);
        assert_eq!(verify(vector, &with_query_reversed(&good), at_ms), Ok("a".to_owned()));
        assert_eq!(verify(vector, &good, at_ms + 900_000), Ok("a".to_owned()));
        assert!(verify(vector, &good, at_ms + 901_000).unwrap_err().contains("expired"));
        let longer = request(method, target, &headers, &format!("{body}x"));
        let refused = verify(vector, &longer, at_ms).unwrap_err();
        assert!(refused.contains("verify aksk signature fail") && refused.contains('|'), "{refused}");
        let elsewhere = request(method, &target.replacen("servicerequest", "servicerequesu", 1), &headers, body);
        assert!(verify(vector, &elsewhere, at_ms).is_err());
        let other = request(if method == "GET" { "POST" } else { "GET" }, target, &headers, body);
        assert!(verify(vector, &other, at_ms).is_err());
    }
}

#[test]
fn a_space_written_as_a_plus_is_refused() {
    let caller = HuaweiTestClient::new();
    let good = caller.signed("config/product-categories", &[("product_category_name", "服务器 E")], None, NOW);
    let target = good.uri().to_string().replace("%20", "+");
    let mut bad = good.clone();
    *bad.uri_mut() = target.parse().unwrap();
    assert_eq!(read(&caller.simulator.handle(good, NOW)).0, 200);
    let (status, body) = read(&caller.simulator.handle(bad, NOW));
    assert_eq!((status, &body["error_code"]), (401, &json!("APIGW.0301")));
}

#[test]
fn six_failures_in_a_row_lock_the_key_for_five_minutes() {
    let mut caller = HuaweiTestClient::new();
    let mut try_it = |secret, at_ms| {
        caller.secret = secret;
        read(&caller.simulator.handle(caller.signed("config/limits", &[], None, at_ms), at_ms)).0
    };
    for _ in 0..5 {
        assert_eq!(try_it("wrong", NOW), 401);
    }
    assert_eq!(try_it(DEMO_KEYS.secret, NOW), 200);
    for _ in 0..6 {
        assert_eq!(try_it("wrong", NOW), 401);
    }
    assert_eq!(try_it(DEMO_KEYS.secret, NOW + 299_999), 401);
    assert_eq!(try_it(DEMO_KEYS.secret, NOW + 300_000), 200);
}
