//! From a function's response, payload format 2.0, to an HTTP response.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// The longest response of a function, as Lambda counts it: its JSON, in which the body is an escaped string.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_FUNCTION_RESPONSE_BYTES: usize = 6_291_556;

/// The problem of a write without `application/json`, in the form of the functions' problems.
pub(super) fn not_json(request_id: &str) -> Response<Bytes> {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let problem = json!({
        "type": "about:blank",
        "title": "Unsupported Media Type",
        "status": status.as_u16(),
        "code": "unsupported_media_type",
        "detail": "A write needs the header `Content-Type: application/json`.",
        "request_id": request_id,
    });
    response(status, "application/problem+json", problem.to_string())
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The HTTP response for a function's response; `Err` when that is not valid or too long.
///
/// As at API Gateway, a response without `statusCode` is the body of a 200.
pub(super) fn from_function(answer: &Value) -> Result<Response<Bytes>, String> {
    let payload = answer.to_string();
    if payload.len() > MAX_FUNCTION_RESPONSE_BYTES {
        return Err(format!(
            "the response has {} bytes; Lambda's limit is {MAX_FUNCTION_RESPONSE_BYTES}",
            payload.len()
        ));
    }
    let Some(status) = answer.get("statusCode") else {
        return Ok(response(StatusCode::OK, "application/json", payload));
    };
    let status = status.as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = Response::new(body(answer)?);
    *response.status_mut() = status.ok_or("statusCode is not an HTTP status")?;
    let headers = response.headers_mut();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        headers.insert(header_name(name)?, header_value(value)?);
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        headers.append(header::SET_COOKIE, header_value(cookie)?);
    }
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("text/plain;charset=utf-8"));
    // The server sets the length of the decoded body.
    headers.remove(header::CONTENT_LENGTH);
    Ok(response)
}

fn body(answer: &Value) -> Result<Bytes, String> {
    let body = match &answer["body"] {
        Value::Null => return Ok(Bytes::new()),
        Value::String(body) => body,
        _ => return Err("body is not text".to_owned()),
    };
    if answer["isBase64Encoded"] != true {
        return Ok(Bytes::from(body.clone()));
    }
    STANDARD.decode(body).map(Bytes::from).map_err(|error| format!("body is not base64: {error}"))
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    HeaderName::try_from(name).map_err(|_| "a header's name is not valid".to_owned())
}

fn header_value(value: &Value) -> Result<HeaderValue, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return Err("a header's value is not text".to_owned()),
    };
    HeaderValue::try_from(text).map_err(|_| "a header's value is not valid".to_owned())
}
