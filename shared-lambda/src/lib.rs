//! Converts Lambda's HTTP events to the calls that the functions handle. The only library here that knows Lambda types.

use std::convert::Infallible;

use bytes::Bytes;
pub use lambda_http::Error;
use lambda_http::{
    Request, RequestExt, Response, aws_lambda_events::query_map::QueryMap, request::RequestContext, service_fn,
};
use shared::{app::App, http::HttpCall, invocation::Invocation};

/// The header in which AWS hands trace ids on.
const TRACE_HEADER: &str = "x-amzn-trace-id";

/// Answers the events of an API Gateway HTTP API with `handle`, for the life of the process.
///
/// # Errors
/// Lambda's runtime does not answer.
pub async fn serve<F, A>(app: &App, handle: F) -> Result<(), Error>
where
    F: Fn(HttpCall) -> A + Sync,
    A: Future<Output = Response<String>> + Send,
{
    lambda_http::run(service_fn(async |request| Ok::<_, Infallible>(handle(http_call(app, request)).await))).await
}

/// The call in an event of an API Gateway HTTP API (payload format 2.0).
///
/// Route, id and query come from the event's own fields, never from the request's URI: API Gateway hands the path over
/// decoded, so that an id with `%2F` or `%3F` in it reads as another route or a query there.
pub fn http_call(app: &App, request: Request) -> HttpCall {
    let context = request.lambda_context();
    // The caller's own trace, where there is one: API Gateway hands it over as a header.
    let traced = request.headers().get(TRACE_HEADER).and_then(|value| value.to_str().ok());
    let invocation = Invocation::new(context.deadline, &context.request_id, app.clock.as_ref())
        .traced(context.xray_trace_id.as_deref())
        .traced(traced)
        .for_http();
    let route = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.route_key.clone(),
        _ => None,
    };
    let parameter = |name| {
        let parameters = request.path_parameters_ref();
        parameters.and_then(|parameters| parameters.first(name)).unwrap_or_default().to_owned()
    };
    let (id, reply_id) = (parameter("id"), parameter("reply_id"));
    let query = request.query_string_parameters_ref().map(pairs).unwrap_or_default();
    let (parts, body) = request.into_parts();
    HttpCall {
        route: route.unwrap_or_default(),
        id,
        reply_id,
        query,
        headers: parts.headers,
        body: Bytes::copy_from_slice(&body),
        invocation,
    }
}

fn pairs(query: &QueryMap) -> Vec<(String, String)> {
    query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
