//! From a function's response, payload format 2.0, to an HTTP response.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// A response of API Gateway itself.
pub(super) fn message(status: StatusCode, message: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json!({"message": message}).to_string()).into_response()
}

/// The HTTP response for a function's response; `Err` when that is not valid.
///
/// As at API Gateway, a response without `statusCode` is the body of a 200.
pub(super) fn from_function(answer: Value) -> Result<Response, String> {
    let Some(status) = answer.get("statusCode") else {
        let headers = [(header::CONTENT_TYPE, "application/json")];
        return Ok((headers, answer.to_string()).into_response());
    };
    let status = status.as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = Response::new(body(&answer)?);
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

fn body(answer: &Value) -> Result<Body, String> {
    let body = match &answer["body"] {
        Value::Null => return Ok(Body::empty()),
        Value::String(body) => body,
        _ => return Err("body is not text".to_owned()),
    };
    if answer["isBase64Encoded"] != true {
        return Ok(Body::from(body.clone()));
    }
    STANDARD.decode(body).map(Body::from).map_err(|error| format!("body is not base64: {error}"))
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
