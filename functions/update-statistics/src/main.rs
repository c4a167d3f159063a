//! Wires `update-statistics` to the Lambda runtime.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use shared::{app::App, invocation::Invocation, start::connect};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    connect(app, update_statistics::CONNECTIONS).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let context = event.context;
        let invocation = Invocation::new(context.deadline, &context.request_id, app.clock.as_ref())
            .traced(context.xray_trace_id.as_deref());
        Ok::<_, Error>(update_statistics::handle_event(app, &event.payload, &invocation).await?)
    }))
    .await
}
