//! Alibaba's gateway: signatures, clock, nonce.

use super::*;
use crate::testing::with_query_reversed;

fn from_vector(vector: &Value, headers: &Value, query: &str) -> (Request<Bytes>, i64) {
    let mut headers = pairs_of(headers);
    headers.push(("authorization".into(), vector["authorization"].as_str().unwrap().into()));
    let at = headers.iter().find(|(name, _)| name == "x-acs-date").and_then(|(_, date)| parse_utc(date)).unwrap();
    let target = if query.is_empty() { "/".to_owned() } else { format!("/?{query}") };
    (request(vector["method"].as_str().unwrap(), &target, &headers, vector["body"].as_str().unwrap()), at)
}

fn verify(vector: &Value, request: &Request<Bytes>, at_ms: i64) -> Result<String, AlibabaFailure> {
    let simulator = AlibabaSimulator::new();
    let (id, secret) = (vector["access_key_id"].as_str().unwrap(), vector["access_key_secret"].as_str().unwrap());
    match request.headers().get("x-acs-security-token") {
        Some(token) => simulator.add_temporary_keys("a", id, secret, token.to_str().unwrap()),
        None => simulator.add_keys_for("a", id, secret),
    }
    gateway::verify(&mut simulator.lock().state, request, at_ms)
}

fn code(result: Result<String, AlibabaFailure>) -> String {
    match result {
        Ok(account) => account,
        Err(AlibabaFailure::Gateway { code, .. }) => code,
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn golden_signatures_are_accepted_and_changed_ones_refused() {
    let file = vectors("alibaba");
    let own = file["vectors"].as_array().unwrap().iter().map(|vector| {
        from_vector(vector, &vector["signed_header_values"], vector["canonical_query_string"].as_str().unwrap())
    });
    let documented = file["vendor_documented_vectors"].as_array().unwrap().iter();
    let documented: Vec<_> = documented.filter(|vector| vector["signature_style"] == "ACS3-HMAC-SHA256").collect();
    let others = documented.iter().map(|vector| {
        let query = pairs_of(&vector["query"]).into_iter().map(|(name, value)| format!("{name}={value}"));
        from_vector(vector, &vector["headers"], &query.collect::<Vec<_>>().join("&"))
    });
    let vectors = file["vectors"].as_array().unwrap().iter().chain(documented.iter().copied());
    let mut count = 0;
    for (vector, (request, at_ms)) in vectors.zip(own.chain(others)) {
        assert_eq!(code(verify(vector, &request, at_ms)), "a", "{vector}");
        assert_eq!(code(verify(vector, &with_query_reversed(&request), at_ms)), "a");
        let (head, body) = request.into_parts();
        let mut longer = body.to_vec();
        longer.push(b'x');
        let changed = Request::from_parts(head.clone(), Bytes::from(longer));
        let refused = code(verify(vector, &changed, at_ms));
        assert!(matches!(refused.as_str(), "SignatureDoesNotMatch" | "IncompleteSignature"), "{refused}");
        for name in ["host", "x-acs-action", "x-acs-signature-nonce", "x-acs-content-sha256"] {
            let mut changed = Request::from_parts(head.clone(), body.clone());
            let mut value = head.headers[name].as_bytes().to_vec();
            *value.last_mut().unwrap() ^= 1;
            changed.headers_mut().insert(name, http::HeaderValue::from_bytes(&value).unwrap());
            assert_eq!(code(verify(vector, &changed, at_ms)), "SignatureDoesNotMatch", "{name}");
        }
        count += 1;
    }
    assert_eq!(count, 10);
}

#[test]
fn clock_nonce_key_version_and_action_are_checked() {
    let caller = AlibabaTestClient::new();
    let first = caller.signed("ListProducts", &[], &[]);
    assert_eq!(read(&caller.simulator.handle(first.clone(), NOW + 900_000)).0, 200);
    let (status, body) = read(&caller.simulator.handle(first.clone(), NOW));
    assert_eq!((status, &body["Code"]), (400, &json!("SignatureNonceUsed")));
    assert_eq!(body["HostId"], "127.0.0.1:1");
    let second = caller.signed("ListProducts", &[], &[]);
    let (_, body) = read(&caller.simulator.handle(second, NOW + 900_001));
    assert_eq!(body["Code"], "InvalidTimeStamp.Expired");
    let (status, body) = caller.call("GetMqConsumerTag", &[], &[]);
    assert_eq!((status, &body["Code"]), (404, &json!("InvalidAction.NotFound")));
    let unknown = AlibabaTestClient { keys: Keys { id: "nobody", ..DEMO_KEYS }, ..AlibabaTestClient::new() };
    assert_eq!(unknown.call("ListProducts", &[], &[]).1["Code"], "InvalidAccessKeyId.NotFound");
    let mut unsigned = caller.signed("ListProducts", &[], &[]);
    unsigned.headers_mut().insert("x-acs-extra", http::HeaderValue::from_static("1"));
    assert_eq!(read(&caller.simulator.handle(unsigned, NOW)).1["Code"], "IncompleteSignature");
}
