//! Wires `copy-attachments` to the Lambda runtime.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::Value;
use shared::{app::App, invocation::Invocation, start::connect};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    connect(app, copy_attachments::CONNECTIONS).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let context = event.context;
        let invocation = Invocation::new(context.deadline, &context.request_id, app.clock.as_ref())
            .traced(context.xray_trace_id.as_deref());
        copy_attachments::handle_event(app, &invocation).await.map_err(|error| Diagnostic {
            error_type: format!("{:?}", error.kind()),
            error_message: format!("{error:?}"),
        })
    }))
    .await
}
