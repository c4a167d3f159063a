//! What the tests of all vendors need.

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::answer::SimulatedAnswer;
use crate::tencent::DEMO_KEYS;
use crate::wire::{hex, hmac_sha256, sha256_hex};

/// A file of golden signatures.
pub(crate) fn vectors(vendor: &str) -> Value {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/testdata/signing");
    let text = std::fs::read_to_string(format!("{root}/{vendor}-signing-vectors.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A request as it comes over the wire.
pub(crate) fn request(method: &str, target: &str, headers: &[(String, String)], body: &str) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(Bytes::from(body.to_owned())).unwrap()
}

/// A call of Tencent's `[service, version, action]` with the demo keys, signed for `date`, which is not always that of
/// `at_s`.
pub(crate) fn signed_for_tencent(host: &str, call: [&str; 3], body: &str, date: &str, at_s: i64) -> Request<Bytes> {
    let [service, version, action] = call;
    let canonical = format!(
        "POST\n/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n{}",
        sha256_hex(body.as_bytes())
    );
    let scope = format!("{date}/{service}/tc3_request");
    let to_sign = format!("TC3-HMAC-SHA256\n{at_s}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
    let day = hmac_sha256(format!("TC3{}", DEMO_KEYS.secret).as_bytes(), date.as_bytes());
    let key = hmac_sha256(&hmac_sha256(&day, service.as_bytes()), b"tc3_request");
    let signature = hex(&hmac_sha256(&key, to_sign.as_bytes()));
    let id = DEMO_KEYS.id;
    let headers = [
        ("host", host.to_owned()),
        ("content-type", "application/json".to_owned()),
        ("x-tc-action", action.to_owned()),
        ("x-tc-version", version.to_owned()),
        ("x-tc-timestamp", at_s.to_string()),
        (
            "authorization",
            format!("TC3-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders=content-type;host, Signature={signature}"),
        ),
    ];
    request("POST", "/", &headers.map(|(name, value)| (name.to_owned(), value)), body)
}

/// The pairs of a JSON object or of a list of pairs.
pub(crate) fn pairs_of(value: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        Value::Array(list) => list.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
        other => panic!("no pairs: {other}"),
    }
}

/// The status and body of an answer.
pub(crate) fn read(answer: &SimulatedAnswer) -> (u16, Value) {
    let response = answer.response().expect("an answer");
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

/// A request of the control API.
pub(crate) fn control_request(method: &str, name: &str, body: &str) -> Request<Bytes> {
    request(method, &format!("/_simulator/{name}"), &[], body)
}

/// The same request with its query in another order, which must not change the signature check.
pub(crate) fn with_query_reversed(request: &Request<Bytes>) -> Request<Bytes> {
    let mut request = request.clone();
    if let Some(query) = request.uri().query() {
        let reversed = query.split('&').rev().collect::<Vec<_>>().join("&");
        *request.uri_mut() = format!("{}?{reversed}", request.uri().path()).parse().unwrap();
    }
    request
}
