//! What the tests of all vendors need.

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::answer::SimulatedAnswer;

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
