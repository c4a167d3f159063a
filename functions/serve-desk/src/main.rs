//! Wires `serve-desk` to the Lambda runtime. It has no `App`: it reads no table and calls no service.

use std::sync::Arc;

use serve_desk::Desk;
use shared::{clock::SystemClock, telemetry::Stdout};
use shared_lambda::{Error, serve_with};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, reason = "its settings are none of the other functions'")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let clock = Arc::new(SystemClock);
    let desk = &Desk::from_lookup(Arc::new(Stdout), clock.clone(), |name| std::env::var(name).ok())?;
    serve_with(clock.as_ref(), async |call| serve_desk::handle(desk, &call).await).await
}
