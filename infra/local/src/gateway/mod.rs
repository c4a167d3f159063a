//! API Gateway: an HTTP server that maps requests to Lambda events and function responses to HTTP.
//!
//! It follows API Gateway HTTP APIs with payload format 2.0
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>) and its
//! quotas. Authorisation is not checked.

mod event;
mod reply;
mod routes;

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, request::Parts},
    response::Response,
};
use shared::{clock::Clock, ids::Random};

use crate::{
    Invoke, Server, invoke_within,
    template::{ApiRoute, TemplateError},
};

use self::{event::EventRequest, routes::Routes};

/// The largest body that API Gateway accepts.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// A gateway that is not started yet.
#[derive(Clone)]
pub struct Gateway {
    routes: Arc<Routes>,
    invoke: Arc<dyn Invoke>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    timeout: Duration,
}

impl Gateway {
    /// A gateway for `routes`; functions are called through `invoke`.
    ///
    /// # Errors
    ///
    /// Two routes fit the same requests.
    pub fn new(
        routes: Vec<ApiRoute>,
        invoke: Arc<dyn Invoke>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, TemplateError> {
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
        let timeout = Duration::from_secs(30);
        Ok(Self { routes: Arc::new(Routes::new(routes)?), invoke, clock, random, timeout })
    }

    /// Answers 503 after `timeout` instead of API Gateway's 30 s.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Serves on `127.0.0.1:port`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// The port is in use.
    pub async fn start(self, port: u16) -> io::Result<Server> {
        Server::start(port, Router::new().fallback(answer).with_state(self)).await
    }
}

async fn answer(State(gateway): State<Gateway>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let request_id = shared::ids::nonce(gateway.random.as_ref()).unwrap_or_default();
    let mut response = match handle(&gateway, &request_id, parts, body).await {
        Ok(response) | Err(response) => response,
    };
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(HeaderName::from_static("apigw-requestid"), value);
    }
    response
}

async fn handle(gateway: &Gateway, request_id: &str, parts: Parts, body: Body) -> Result<Response, Response> {
    let found = gateway.routes.find(parts.method.as_str(), parts.uri.path());
    let found = found.ok_or_else(|| reply::message(StatusCode::NOT_FOUND, "Not Found"))?;
    let body = read_body(&parts.headers, body).await?;
    let event = event::build(&EventRequest {
        parts: &parts,
        body: &body,
        route_key: found.route.key(),
        path_parameters: found.path_parameters,
        request_id,
        now_ms: gateway.clock.now_ms(),
    });
    let (function, timeout) = (found.route.function.clone(), found.route.timeout);
    let call = invoke_within(gateway.invoke.clone(), function.clone(), event, timeout);
    match tokio::time::timeout(gateway.timeout, call).await {
        Ok(Ok(answer)) => reply::from_function(answer).map_err(|problem| failed(&function, &problem)),
        Ok(Err(error)) => Err(failed(&function, &error.to_string())),
        Err(_) => Err(reply::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")),
    }
}

async fn read_body(headers: &HeaderMap, body: Body) -> Result<axum::body::Bytes, Response> {
    let declared = headers.get(axum::http::header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let declared: Option<usize> = declared.and_then(|length| length.parse().ok());
    let too_large = || reply::message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    if declared.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| too_large())
}

fn failed(function: &str, problem: &str) -> Response {
    tracing::error!(function, problem, "An invocation failed.");
    reply::message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}
