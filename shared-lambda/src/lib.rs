//! Converts Lambda's HTTP events to the calls that the functions handle. The only library here that knows Lambda types.

use aws_lambda_events::{
    apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    encodings::Body,
};
use base64::{DecodeError, Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
pub use lambda_runtime::Error;
use lambda_runtime::{Context, LambdaEvent, service_fn};
use shared::{app::App, http::HttpCall, invocation::Invocation};

/// An event of an API Gateway HTTP API (payload format 2.0).
pub type HttpEvent = ApiGatewayV2httpRequest;

/// What API Gateway takes as the answer of such an event.
pub type HttpEventAnswer = ApiGatewayV2httpResponse;

/// The header in which AWS hands trace ids on.
const TRACE_HEADER: &str = "x-amzn-trace-id";

/// Answers the events of an API Gateway HTTP API with `handle`, for the life of the process.
///
/// # Errors
/// Lambda's runtime does not answer.
pub async fn serve<F, A>(app: &App, handle: F) -> Result<(), Error>
where
    F: Fn(HttpCall) -> A + Sync,
    A: Future<Output = http::Response<String>> + Send,
{
    lambda_runtime::run(service_fn(async |event: LambdaEvent<HttpEvent>| {
        Ok::<_, Error>(handle_event(app, event.payload, &event.context, &handle).await?)
    }))
    .await
}

/// Answers one event of an API Gateway HTTP API with `handle`.
///
/// # Errors
/// The body is marked as Base64 and is not.
pub async fn handle_event<F, A>(
    app: &App,
    event: HttpEvent,
    context: &Context,
    handle: F,
) -> Result<HttpEventAnswer, DecodeError>
where
    F: FnOnce(HttpCall) -> A,
    A: Future<Output = http::Response<String>>,
{
    let call = http_call(app, event, context)?;
    // Boxed, or the compiler's limit on nested futures is exceeded.
    Ok(event_answer(Box::pin(handle(call)).await))
}

/// The call in an event of an API Gateway HTTP API.
///
/// Route, id and query come from the event's own fields, never from its path: API Gateway hands that over decoded, so
/// that an id with `%2F` or `%3F` in it reads as another route or a query there.
fn http_call(app: &App, event: HttpEvent, context: &Context) -> Result<HttpCall, DecodeError> {
    // The caller's own trace, where there is one: API Gateway hands it over as a header.
    let traced = event.headers.get(TRACE_HEADER).and_then(|value| value.to_str().ok());
    let invocation = Invocation::new(context.deadline, &context.request_id, app.clock.as_ref())
        .traced(context.xray_trace_id.as_deref())
        .traced(traced)
        .for_http();
    let mut path_parameters = event.path_parameters;
    let mut parameter = |name| path_parameters.remove(name).unwrap_or_default();
    let query = event.raw_query_string.unwrap_or_default();
    let body = event.body.unwrap_or_default();
    Ok(HttpCall {
        route: event.route_key.unwrap_or_default(),
        id: parameter("id"),
        reply_id: parameter("reply_id"),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: event.headers,
        body: if event.is_base64_encoded { Bytes::from(STANDARD.decode(body)?) } else { Bytes::from(body) },
        invocation,
    })
}

/// The answer as API Gateway takes it.
fn event_answer(answer: http::Response<String>) -> HttpEventAnswer {
    let (parts, body) = answer.into_parts();
    let mut answer = HttpEventAnswer::default();
    answer.status_code = parts.status.as_u16().into();
    answer.headers = parts.headers;
    answer.body = (!body.is_empty()).then_some(Body::Text(body));
    answer
}

#[cfg(test)]
mod tests {
    use shared::{app::Dependencies, config::Config};

    use super::*;

    fn app() -> App {
        let config = Config::from_lookup(|name| match name {
            "SECRETS_PREFIX" => Some("polydesk/".to_owned()),
            "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:9".to_owned()),
            "TABLE_NAME" | "EVENT_BUS_NAME" | "CURSOR_KEY" | "AWS_REGION" | "AWS_ACCESS_KEY_ID" => Some("x".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some("x".to_owned()),
            _ => None,
        });
        App::new(config.unwrap(), Dependencies::system())
    }

    fn call(event: &str) -> Result<HttpCall, DecodeError> {
        let mut context = Context::default();
        context.xray_trace_id = Some("Root=1-67891233-1111111111111111aaaaaaaa".to_owned());
        http_call(&app(), serde_json::from_str(event).unwrap(), &context)
    }

    #[test]
    fn the_parts_of_an_event() {
        let event = r#"{
            "version": "2.0",
            "routeKey": "GET /tickets/{id}",
            "rawPath": "/tickets/a/b",
            "rawQueryString": "q=a%26b&q=%E5%B7%A5+",
            "headers": {"x-amzn-trace-id": "Root=1-67891233-2222222222222222bbbbbbbb"},
            "pathParameters": {"id": "a/b"},
            "requestContext": {"http": {"method": "GET", "path": "/tickets/a/b"}},
            "body": "eyJhIjoxfQ==",
            "isBase64Encoded": true
        }"#;
        let call = call(event).unwrap();
        assert_eq!((&*call.route, &*call.id, &*call.reply_id), ("GET /tickets/{id}", "a/b", ""));
        assert_eq!(call.query, [("q".to_owned(), "a&b".to_owned()), ("q".to_owned(), "工 ".to_owned())]);
        assert_eq!(&*call.body, br#"{"a":1}"#);
        // The caller's trace, not Lambda's own.
        assert_eq!(call.invocation.trace.unwrap().root(), "1-67891233-2222222222222222bbbbbbbb");
    }

    #[test]
    fn a_body_that_is_no_base64_is_an_error() {
        let event = r#"{"requestContext": {"http": {"method": "GET"}}, "body": "?", "isBase64Encoded": true}"#;
        assert!(call(event).is_err());
    }
}
