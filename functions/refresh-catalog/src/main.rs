//! Wires `refresh-catalog` to the Lambda runtime: HTTP events and EventBridge events come to the same function.

use std::convert::Infallible;

use lambda_http::{Adapter, Error, LambdaEvent, lambda_runtime, request::LambdaRequest, service_fn, tower::Service};
use refresh_catalog::Event;
use serde_json::Value;
use shared::{app::App, invocation::Invocation};
use shared_lambda::http_call;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        if event.payload.get("requestContext").is_some() { http(app, event).await } else { other(app, event).await }
    }))
    .await
}

async fn http(app: &App, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let request: LambdaRequest = serde_json::from_value(event.payload)?;
    let mut service = Adapter::from(service_fn(async |request| {
        Ok::<_, Infallible>(refresh_catalog::handle(app, &http_call(app, request)).await)
    }));
    let Ok(answer) = service.call(LambdaEvent::new(request, event.context)).await;
    Ok(serde_json::to_value(answer)?)
}

async fn other(app: &App, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let invocation = Invocation::new(event.context.deadline, &event.context.request_id, app.clock.as_ref())
        .traced(event.context.xray_trace_id.as_deref());
    let event = Event::read(&event.payload)?;
    refresh_catalog::handle_event(app, &event, &invocation).await?;
    Ok(Value::Null)
}
