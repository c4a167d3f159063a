//! From an HTTP request to a Lambda event, payload format 2.0.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header, request::Parts};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::routes::decode;

/// The AWS account id in every event.
pub(super) const ACCOUNT_ID: &str = "123456789012";

/// A request and its route.
pub(super) struct EventRequest<'a> {
    pub parts: &'a Parts,
    pub body: &'a [u8],
    pub route_key: String,
    pub path_parameters: BTreeMap<String, String>,
    pub authorizer: &'a Value,
    pub stage_variables: Option<Value>,
    pub request_id: &'a str,
    pub now_ms: i64,
}

pub(super) fn build(request: &EventRequest<'_>) -> Value {
    let uri = &request.parts.uri;
    let query = uri.query().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": request.route_key,
        // HTTP APIs decode the path; REST APIs and function URLs do not.
        "rawPath": decode(uri.path()),
        "rawQueryString": query,
        "headers": headers(&request.parts.headers),
        "requestContext": context(request),
        "isBase64Encoded": false,
    });
    // As in AWS, an empty member is left out.
    let members = [
        ("cookies", cookies(&request.parts.headers)),
        ("queryStringParameters", query_parameters(query)),
        ("pathParameters", path_parameters(&request.path_parameters)),
        ("stageVariables", request.stage_variables.clone()),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            event[name] = value;
        }
    }
    if !request.body.is_empty() {
        let text = std::str::from_utf8(request.body);
        event["isBase64Encoded"] = text.is_err().into();
        event["body"] = text.map_or_else(|_| STANDARD.encode(request.body), str::to_owned).into();
    }
    event
}

fn context(request: &EventRequest<'_>) -> Value {
    let parts = request.parts;
    let header = |name| parts.headers.get(name).map(text).unwrap_or_default();
    let time = Timestamp::from_millisecond(request.now_ms).unwrap_or_default();
    json!({
        "accountId": ACCOUNT_ID,
        "apiId": "local",
        "authorizer": request.authorizer,
        "domainName": header(header::HOST),
        "domainPrefix": "local",
        "http": {
            "method": parts.method.as_str(),
            "path": decode(parts.uri.path()),
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": header(header::USER_AGENT),
        },
        "requestId": request.request_id,
        "routeKey": request.route_key,
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": request.now_ms,
    })
}

/// Headers with lower-case names; values of one name are joined by commas, cookies are left out.
fn headers(headers: &HeaderMap) -> Value {
    let names = headers.keys().filter(|name| *name != header::COOKIE);
    let joined = names.map(|name| {
        let values: Vec<String> = headers.get_all(name).iter().map(text).collect();
        (name.as_str().to_owned(), values.join(",").into())
    });
    Value::Object(joined.collect())
}

fn cookies(headers: &HeaderMap) -> Option<Value> {
    let cookies: Vec<String> = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| text(value).split("; ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    (!cookies.is_empty()).then(|| cookies.into())
}

/// The query decoded; values of one name are joined by commas.
fn query_parameters(query: &str) -> Option<Value> {
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode_query(name), decode_query(value));
        let joined = match parameters.get(&name).and_then(Value::as_str) {
            Some(first) => format!("{first},{value}"),
            None => value,
        };
        parameters.insert(name, joined.into());
    }
    (!parameters.is_empty()).then(|| parameters.into())
}

fn decode_query(text: &str) -> String {
    decode(&text.replace('+', " "))
}

fn path_parameters(parameters: &BTreeMap<String, String>) -> Option<Value> {
    (!parameters.is_empty()).then(|| json!(parameters))
}

fn text(value: &header::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}
