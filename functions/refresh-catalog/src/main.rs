//! Wires `refresh-catalog` to the Lambda runtime: HTTP events and EventBridge events come to the same function.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use refresh_catalog::Event;
use serde_json::Value;
use shared::{app::App, invocation::Invocation, start::connect};
use shared_lambda::{HttpEvent, handle_event};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    connect(app, refresh_catalog::CONNECTIONS).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        if event.payload.get("requestContext").is_some() { http(app, event).await } else { other(app, event).await }
    }))
    .await
}

async fn http(app: &App, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let payload: HttpEvent = serde_json::from_value(event.payload)?;
    let handle = async |call| refresh_catalog::handle(app, &call).await;
    Ok(serde_json::to_value(handle_event(app.clock.as_ref(), payload, &event.context, handle).await?)?)
}

async fn other(app: &App, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let invocation = Invocation::new(event.context.deadline, &event.context.request_id, app.clock.as_ref())
        .traced(event.context.xray_trace_id.as_deref());
    let event = Event::read(&event.payload)?;
    refresh_catalog::handle_event(app, &event, &invocation).await?;
    Ok(Value::Null)
}
