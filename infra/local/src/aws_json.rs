//! The AWS JSON protocol, and the check of the access key. Knows no operation.

use std::io;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE, request::Parts};
use loopback::{AccessKey, HttpService, Limits, Server};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The content type of version 1.0.
pub(crate) const JSON_1_0: &str = "application/x-amz-json-1.0";
/// The content type of version 1.1.
pub(crate) const JSON_1_1: &str = "application/x-amz-json-1.1";

/// The status and the body of a response.
pub(crate) type AwsResponse = (StatusCode, String);

/// A service that speaks the protocol.
pub(crate) trait AwsService: Send + Sync + 'static {
    /// The part of `X-Amz-Target` before the operation.
    const TARGET: &'static str;
    /// The content type of responses.
    const CONTENT_TYPE: &'static str;

    /// Carries out an operation.
    fn call(&self, operation: &str, body: &[u8]) -> AwsResponse;
}

/// Serves `service` on `127.0.0.1:port` for callers that sign with `access_key`; port 0 takes a free one.
pub(crate) async fn start<S: AwsService>(service: S, port: u16, access_key: &AccessKey) -> io::Result<Server> {
    Server::start(port, AwsServer { service, access_key: access_key.clone() }, Limits::default()).await
}

struct AwsServer<S> {
    service: S,
    access_key: AccessKey,
}

impl<S: AwsService> HttpService for AwsServer<S> {
    type Body = Bytes;

    fn refuse(&self, head: &Parts) -> Option<Response<Bytes>> {
        let message = "The security token included in the request is invalid.";
        let error = AwsError { status: StatusCode::FORBIDDEN, ..AwsError::of("UnrecognizedClientException", message) };
        (!self.access_key.is_credential(&head.headers)).then(|| response(S::CONTENT_TYPE, answer(Err(error))))
    }

    async fn answer(&self, request: Request<Bytes>) -> io::Result<Response<Bytes>> {
        let answer = match operation(request.headers(), S::TARGET) {
            Some(operation) => self.service.call(operation, request.body()),
            None => answer(Err(unknown_operation())),
        };
        Ok(response(S::CONTENT_TYPE, answer))
    }
}

/// The operation in `X-Amz-Target`, without the service's prefix.
fn operation<'a>(headers: &'a HeaderMap, service: &str) -> Option<&'a str> {
    let (prefix, operation) = headers.get("x-amz-target")?.to_str().ok()?.split_once('.')?;
    (prefix == service).then_some(operation)
}

fn response(content_type: &'static str, (status, body): AwsResponse) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

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

/// The error for an operation that a service does not have.
pub(crate) fn unknown_operation() -> AwsError {
    AwsError::of("UnknownOperationException", "The operation is not known.")
}

/// The body as an operation's input. The error does not quote the body, which may hold a secret.
pub(crate) fn input<T: DeserializeOwned>(body: &[u8]) -> Result<T, AwsError> {
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        AwsError::of("SerializationException", format!("The request is not valid at {place}."))
    })
}

/// The answer for the result of an operation.
pub(crate) fn answer(result: Result<Value, AwsError>) -> AwsResponse {
    match result {
        Ok(body) => (StatusCode::OK, body.to_string()),
        Err(error) => {
            let body = json!({"__type": error.code, "Message": error.message, "message": error.message});
            (error.status, body.to_string())
        }
    }
}
