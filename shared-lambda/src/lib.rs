//! Converts Lambda's HTTP events to the calls that the functions handle. The only library here that knows Lambda types.

use aws_lambda_events::{
    apigw::{ApiGatewayRequestAuthorizer, ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    encodings::Body,
};
use base64::{DecodeError, Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
pub use lambda_runtime::Error;
use lambda_runtime::{Context, LambdaEvent, service_fn};
use shared::{
    app::App,
    clock::Clock,
    domain::{AccountAccess, Actor},
    http::HttpCall,
    invocation::Invocation,
};

/// An event of an API Gateway HTTP API (payload format 2.0).
pub type HttpEvent = ApiGatewayV2httpRequest;

/// What API Gateway takes as the answer of such an event.
pub type HttpEventAnswer = ApiGatewayV2httpResponse;

/// The header in which AWS hands trace ids on.
const TRACE_HEADER: &str = "x-amzn-trace-id";

/// The stage variable with the name of the token's claim that has the caller's name to show.
const ACTOR_NAME_CLAIM: &str = "actor_name_claim";

/// The stage variable with the name of the token's claim that binds the caller to accounts. Without it nobody is bound.
const ACCOUNTS_CLAIM: &str = "accounts_claim";

/// Answers the events of an API Gateway HTTP API with `handle`, for the life of the process.
///
/// # Errors
/// Lambda's runtime does not answer.
pub async fn serve<F, A>(app: &App, handle: F) -> Result<(), Error>
where
    F: Fn(HttpCall) -> A + Sync,
    A: Future<Output = http::Response<String>> + Send,
{
    serve_with(app.clock.as_ref(), handle).await
}

/// Does what [`serve`] does, for a function without an [`App`] and for bodies of any kind: bytes are sent as Base64,
/// which API Gateway decodes.
///
/// # Errors
/// Lambda's runtime does not answer.
pub async fn serve_with<F, A, B>(clock: &dyn Clock, handle: F) -> Result<(), Error>
where
    F: Fn(HttpCall) -> A + Sync,
    A: Future<Output = http::Response<B>> + Send,
    B: Into<Body>,
{
    lambda_runtime::run(service_fn(async |event: LambdaEvent<HttpEvent>| {
        Ok::<_, Error>(handle_event(clock, event.payload, &event.context, &handle).await?)
    }))
    .await
}

/// Answers one event of an API Gateway HTTP API with `handle`.
///
/// # Errors
/// The body is marked as Base64 and is not.
pub async fn handle_event<F, A, B>(
    clock: &dyn Clock,
    event: HttpEvent,
    context: &Context,
    handle: F,
) -> Result<HttpEventAnswer, DecodeError>
where
    F: FnOnce(HttpCall) -> A,
    A: Future<Output = http::Response<B>>,
    B: Into<Body>,
{
    let call = http_call(clock, event, context)?;
    // Boxed, or the compiler's limit on nested futures is exceeded.
    Ok(event_answer(Box::pin(handle(call)).await))
}

/// The call in an event of an API Gateway HTTP API.
///
/// Route, id and query come from the event's own fields, never from its path: API Gateway hands that over decoded, so
/// that an id with `%2F` or `%3F` in it reads as another route or a query there.
fn http_call(clock: &dyn Clock, event: HttpEvent, context: &Context) -> Result<HttpCall, DecodeError> {
    // The caller's own trace, where there is one: API Gateway hands it over as a header.
    let traced = event.headers.get(TRACE_HEADER).and_then(|value| value.to_str().ok());
    let invocation = Invocation::new(context.deadline, &context.request_id, clock)
        .traced(context.xray_trace_id.as_deref())
        .traced(traced)
        .for_http();
    let (variables, authorizer) = (&event.stage_variables, event.request_context.authorizer);
    let access = match variables.get(ACCOUNTS_CLAIM) {
        Some(claim) => AccountAccess::of_claim(claim_of(authorizer.as_ref(), claim)),
        None => AccountAccess::All,
    };
    let jwt = authorizer.as_ref().and_then(|authorizer| authorizer.jwt.as_ref());
    let scopes = jwt.and_then(|jwt| jwt.scopes.clone());
    let invocation = invocation.by(actor(authorizer, variables.get(ACTOR_NAME_CLAIM)));
    let mut path_parameters = event.path_parameters;
    let mut parameter = |name| path_parameters.remove(name).unwrap_or_default();
    let query = event.raw_query_string.unwrap_or_default();
    let body = event.body.unwrap_or_default();
    Ok(HttpCall {
        route: event.route_key.unwrap_or_default(),
        id: parameter("id"),
        reply_id: parameter("reply_id"),
        attachment_id: parameter("attachment_id"),
        message_id: parameter("message_id"),
        path: parameter("path"),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: event.headers,
        body: if event.is_base64_encoded { Bytes::from(STANDARD.decode(body)?) } else { Bytes::from(body) },
        access,
        scopes,
        invocation,
        stage_variables: event.stage_variables,
    })
}

fn claim_of<'a>(authorizer: Option<&'a ApiGatewayRequestAuthorizer>, claim: &str) -> Option<&'a str> {
    authorizer?.jwt.as_ref()?.claims.get(claim).map(String::as_str)
}

/// Who calls: the ARN with IAM, the subject of the token with JWT. `name_claim`: the claim with the name to show.
fn actor(authorizer: Option<ApiGatewayRequestAuthorizer>, name_claim: Option<&String>) -> Option<Actor> {
    let authorizer = authorizer?;
    if let Some(arn) = authorizer.iam.and_then(|iam| iam.user_arn) {
        return Actor::new(arn, None);
    }
    let mut claims = authorizer.jwt?.claims;
    let name = name_claim.and_then(|claim| claims.get(claim)).cloned();
    Actor::new(claims.remove("sub")?, name.as_deref())
}

/// The answer as API Gateway takes it.
fn event_answer<B: Into<Body>>(answer: http::Response<B>) -> HttpEventAnswer {
    let (parts, body) = answer.into_parts();
    let body = body.into();
    let mut answer = HttpEventAnswer::default();
    answer.status_code = parts.status.as_u16().into();
    answer.headers = parts.headers;
    if !body.is_empty() {
        answer.is_base64_encoded = matches!(body, Body::Binary(_));
        answer.body = Some(body);
    }
    answer
}

#[cfg(test)]
mod tests {
    use shared::clock::SystemClock;

    use super::*;

    fn call(event: &str) -> Result<HttpCall, DecodeError> {
        let mut context = Context::default();
        context.xray_trace_id = Some("Root=1-67891233-1111111111111111aaaaaaaa".to_owned());
        http_call(&SystemClock, serde_json::from_str(event).unwrap(), &context)
    }

    #[test]
    fn the_parts_of_an_event() {
        let event = r#"{
            "version": "2.0",
            "routeKey": "GET /tickets/{id}",
            "rawPath": "/tickets/a/b",
            "rawQueryString": "q=a%26b&q=%E5%B7%A5+",
            "headers": {"x-amzn-trace-id": "Root=1-67891233-2222222222222222bbbbbbbb"},
            "pathParameters": {"id": "a/b", "path": "c/d"},
            "requestContext": {"http": {"method": "GET", "path": "/tickets/a/b"}},
            "body": "eyJhIjoxfQ==",
            "isBase64Encoded": true
        }"#;
        let call = call(event).unwrap();
        assert_eq!((&*call.route, &*call.id, &*call.reply_id), ("GET /tickets/{id}", "a/b", ""));
        assert_eq!((&*call.path, call.stage_variables.len()), ("c/d", 0));
        assert_eq!(call.query, [("q".to_owned(), "a&b".to_owned()), ("q".to_owned(), "工 ".to_owned())]);
        assert_eq!(&*call.body, br#"{"a":1}"#);
        // The caller's trace, not Lambda's own.
        assert_eq!(call.invocation.trace.unwrap().root(), "1-67891233-2222222222222222bbbbbbbb");
    }

    /// A call with that authorizer and those stage variables.
    fn call_of(authorizer: &str, variables: &str) -> HttpCall {
        let event = format!(
            r#"{{"requestContext": {{"http": {{"method": "GET"}}, "authorizer": {authorizer}}},
                "stageVariables": {variables}}}"#
        );
        call(&event).unwrap()
    }

    #[test]
    fn the_caller_is_an_arn_or_the_subject_of_a_token() {
        let with = |authorizer: &str, variables: &str| {
            call_of(authorizer, variables).invocation.actor.map(|actor| (actor.id, actor.name))
        };
        let (iam, jwt) = (
            r#"{"iam": {"userArn": "arn:aws:iam::1:user/a", "accessKey": "AKIA"}}"#,
            r#"{"jwt": {"claims": {"sub": "s1", "email": "a@example.com"}, "scopes": null}}"#,
        );
        for variables in ["null", r#"{"actor_name_claim": "email"}"#] {
            assert_eq!(with(iam, variables), Some(("arn:aws:iam::1:user/a".to_owned(), None)));
            assert_eq!(with("null", variables), None);
        }
        // THEN a name is shown only where a parameter names its claim
        assert_eq!(with(jwt, "null"), Some(("s1".to_owned(), None)));
        assert_eq!(with(jwt, r#"{"actor_name_claim": "name"}"#), Some(("s1".to_owned(), None)));
        let named = with(jwt, r#"{"actor_name_claim": "email"}"#);
        assert_eq!(named, Some(("s1".to_owned(), Some("a@example.com".to_owned()))));
    }

    #[test]
    fn a_caller_is_bound_where_a_variable_names_the_claim() {
        let access = |authorizer: &str, variables: &str| call_of(authorizer, variables).access;
        let (jwt, iam) = (r#"{"jwt": {"claims": {"sub": "s", "of": "[A1]"}}}"#, r#"{"iam": {"userArn": "a"}}"#);
        let bound = AccountAccess::of_claim(Some("A1"));
        assert_eq!(access(jwt, r#"{"accounts_claim": "of"}"#), bound);
        // Without the claim, and without a token, nothing is allowed.
        let nothing = AccountAccess::Only(Vec::new());
        for authorizer in [r#"{"jwt": {"claims": {"sub": "s"}}}"#, iam, "null"] {
            assert_eq!(access(authorizer, r#"{"accounts_claim": "of"}"#), nothing, "{authorizer}");
            assert_eq!(access(authorizer, "null"), AccountAccess::All, "{authorizer}");
        }
        assert_eq!(access(jwt, "{}"), AccountAccess::All);
    }

    #[test]
    fn a_body_that_is_no_base64_is_an_error() {
        let event = r#"{"requestContext": {"http": {"method": "GET"}}, "body": "?", "isBase64Encoded": true}"#;
        assert!(call(event).is_err());
    }

    #[test]
    fn bytes_are_sent_as_base64_and_text_as_it_is() {
        let sent = |answer: HttpEventAnswer| serde_json::to_value(answer).unwrap();
        let text = sent(event_answer(http::Response::new("文".to_owned())));
        assert_eq!((&text["body"], &text["isBase64Encoded"]), (&"文".into(), &false.into()));
        let bytes = sent(event_answer(http::Response::new(vec![0x1f, 0x8b, 0xff])));
        assert_eq!((&bytes["body"], &bytes["isBase64Encoded"]), (&"H4v/".into(), &true.into()));
        let empty = sent(event_answer(http::Response::new(Vec::<u8>::new())));
        assert_eq!((&empty["body"], &empty["isBase64Encoded"]), (&serde_json::Value::Null, &false.into()));
    }
}
