//! The AWS JSON protocol. Knows no operation.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The content type of version 1.0.
pub(crate) const JSON_1_0: &str = "application/x-amz-json-1.0";
/// The content type of version 1.1.
pub(crate) const JSON_1_1: &str = "application/x-amz-json-1.1";

/// An error in the form of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AwsError {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
}

impl AwsError {
    /// An error of the caller (400).
    pub fn of(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    /// An error of the service (500).
    pub fn internal(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code, message: message.into() }
    }
}

/// The operation in `X-Amz-Target`, without the service's prefix.
pub(crate) fn operation<'a>(headers: &'a HeaderMap, service: &str) -> Result<&'a str, AwsError> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.split_once('.').filter(|(prefix, _)| *prefix == service);
    let unknown = || AwsError::of("UnknownOperationException", "The operation is not known.");
    operation.map(|(_, operation)| operation).ok_or_else(unknown)
}

/// The body as an operation's input. The error does not quote the body, which may hold a secret.
pub(crate) fn input<T: DeserializeOwned>(body: &[u8]) -> Result<T, AwsError> {
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        AwsError::of("SerializationException", format!("The request is not valid at {place}."))
    })
}

/// The response for the result of an operation, in a version of the protocol.
pub(crate) fn response(version: &'static str, result: Result<Value, AwsError>) -> Response {
    let (status, body) = match result {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (error.status, json!({"__type": error.code, "Message": error.message, "message": error.message})),
    };
    (status, [(header::CONTENT_TYPE, version)], body.to_string()).into_response()
}
