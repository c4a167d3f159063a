//! Wires `write-transcripts` to the Lambda runtime.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::Value;
use shared::{app::App, invocation::Invocation, start::connect};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    connect(app, write_transcripts::CONNECTIONS).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let context = event.context;
        let invocation = Invocation::new(context.deadline, &context.request_id, app.clock.as_ref())
            .traced(context.xray_trace_id.as_deref());
        write_transcripts::handle_event(app, &app.bucket, &event.payload, &invocation).await.map_err(|error| {
            Diagnostic { error_type: format!("{:?}", error.kind()), error_message: format!("{error:?}") }
        })
    }))
    .await
}
