//! Wires `serve-desk` to the Lambda runtime. It has no `App`: it reads no table and calls no service.

use std::sync::Arc;

use serve_desk::Desk;
use shared::{
    clock::SystemClock,
    telemetry::{Stdout, Telemetry},
};
use shared_lambda::{Error, serve_with};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, reason = "its two settings are none of the other functions'")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let setting = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let clock = Arc::new(SystemClock);
    let namespace = setting("METRICS_NAMESPACE").unwrap_or_else(|| "Polydesk".to_owned());
    let telemetry = Telemetry { sink: Arc::new(Stdout), clock: clock.clone(), namespace };
    let desk = &Desk { telemetry, files_origin: setting("FILES_ORIGIN") };
    serve_with(clock.as_ref(), async |call| serve_desk::handle(desk, &call).await).await
}
