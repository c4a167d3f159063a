//! Wires `publish-events` to the Lambda runtime.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use publish_events::DeadLetterQueue;
use serde_json::Value;
use shared::{app::App, clock::SystemClock, https, invocation::Invocation, start::connect};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    let dead_letters = &DeadLetterQueue::new(&app.config, https::aws_client(Arc::new(SystemClock)))?;
    connect(app, publish_events::CONNECTIONS).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let context = event.context;
        let invocation = Invocation::new(context.deadline, &context.request_id, app.clock.as_ref())
            .traced(context.xray_trace_id.as_deref());
        Ok::<_, Error>(publish_events::handle_event(app, dead_letters, &event.payload, &invocation).await?)
    }))
    .await
}
