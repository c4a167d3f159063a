//! API Gateway: an HTTP server that maps requests to Lambda events and function responses to HTTP.
//!
//! It follows API Gateway HTTP APIs with payload format 2.0
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>) and its
//! quotas. In place of IAM or a JWT it asks for the access key of this start, or for a token of a file, and for
//! `application/json` on a write: a page of another origin can't send that without asking first. A route without
//! authorisation asks for nothing, as there.

mod event;
mod identities;
mod reply;
mod routes;

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    request::Parts,
};
use loopback::{AccessKey, HttpService, Limits, Server, message};
use shared::{clock::Clock, ids::Random};

use crate::{
    Invoke, invoke_within,
    template::{ApiRoute, RouteAuthorization, TemplateError},
};

use self::{event::EventRequest, identities::Caller, routes::Routes};

pub use self::identities::TokenFile;

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
    tokens: Option<TokenFile>,
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
        Ok(Self { routes: Arc::new(Routes::new(routes)?), invoke, clock, random, timeout, tokens: None })
    }

    /// Also lets callers in with a token of the file, and requires the scopes of the routes of them.
    #[must_use]
    pub fn with_tokens(self, tokens: Option<TokenFile>) -> Self {
        Self { tokens, ..self }
    }

    /// Answers 503 after `timeout` instead of API Gateway's 30 s.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Serves on `127.0.0.1:port` for callers that have `access_key` as bearer token; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// The port is in use.
    pub async fn start(self, port: u16, access_key: &AccessKey) -> io::Result<Server> {
        let limits = Limits { body_bytes: MAX_BODY_BYTES, ..Limits::default() };
        Server::start(port, GatewayServer { gateway: self, access_key: access_key.clone() }, limits).await
    }
}

struct GatewayServer {
    gateway: Gateway,
    access_key: AccessKey,
}

impl GatewayServer {
    /// Who calls; `None`: somebody who may not. A route without authorisation is told of the caller too, where one
    /// says who it is: so the desk knows what a token allows. API Gateway tells such a route of nobody.
    fn caller(&self, head: &Parts) -> Option<Caller> {
        let found = self.gateway.routes.find(head.method.as_str(), head.uri.path());
        let is_open = found.is_some_and(|found| found.route.authorization == RouteAuthorization::None);
        self.known_caller(&head.headers).or_else(|| is_open.then(identities::anybody))
    }

    /// The holder of the access key or of a token.
    fn known_caller(&self, headers: &HeaderMap) -> Option<Caller> {
        let tokens = self.gateway.tokens.as_ref();
        if self.access_key.is_bearer(headers) {
            return Some(identities::key_holder(tokens.is_some()));
        }
        tokens?.caller(headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?)
    }
}

impl HttpService for GatewayServer {
    type Body = Bytes;

    /// As a JWT authoriser answers.
    fn refuse(&self, head: &Parts) -> Option<Response<Bytes>> {
        if self.caller(head).is_some() {
            return None;
        }
        let mut response = message(StatusCode::UNAUTHORIZED, "Unauthorized");
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        Some(response)
    }

    async fn answer(&self, request: Request<Bytes>) -> io::Result<Response<Bytes>> {
        let (parts, body) = request.into_parts();
        let request_id = shared::ids::nonce(self.gateway.random.as_ref()).unwrap_or_default();
        let answered = match self.caller(&parts) {
            Some(caller) => handle(&self.gateway, &caller, &request_id, &parts, &body).await,
            // Its token was taken out of the file since its head came.
            None => Err(message(StatusCode::UNAUTHORIZED, "Unauthorized")),
        };
        let (Ok(mut response) | Err(mut response)) = answered;
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(HeaderName::from_static("apigw-requestid"), value);
        }
        Ok(response)
    }
}

async fn handle(
    gateway: &Gateway,
    caller: &Caller,
    request_id: &str,
    parts: &Parts,
    body: &[u8],
) -> Result<Response<Bytes>, Response<Bytes>> {
    let found = gateway.routes.find(parts.method.as_str(), parts.uri.path());
    let found = found.ok_or_else(|| message(StatusCode::NOT_FOUND, "Not Found"))?;
    let (scopes, is_open) = (&found.route.scopes, found.route.authorization == RouteAuthorization::None);
    if !is_open && caller.scopes.as_ref().is_some_and(|held| !held.iter().any(|scope| scopes.contains(scope))) {
        return Err(message(StatusCode::FORBIDDEN, "Forbidden"));
    }
    let is_write = [Method::POST, Method::PUT, Method::PATCH].contains(&parts.method) || !body.is_empty();
    if is_write && !is_json(&parts.headers) {
        return Err(reply::not_json(request_id));
    }
    let event = event::build(&EventRequest {
        parts,
        body,
        route_key: found.route.key(),
        path_parameters: found.path_parameters,
        authorizer: &caller.authorizer,
        stage_variables: gateway.tokens.as_ref().map(|_| identities::stage_variables()),
        request_id,
        now_ms: gateway.clock.now_ms(),
    });
    let (function, timeout) = (found.route.function.clone(), found.route.timeout);
    let call = invoke_within(gateway.invoke.clone(), function.clone(), event, timeout);
    match tokio::time::timeout(gateway.timeout, call).await {
        Ok(Ok(answer)) => reply::from_function(&answer).map_err(|problem| failed(&function, &problem)),
        Ok(Err(error)) => Err(failed(&function, &error.to_string())),
        Err(_) => Err(message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

fn failed(function: &str, problem: &str) -> Response<Bytes> {
    tracing::error!(function, problem, "An invocation failed.");
    message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}
