//! Wires `close-ticket` to the Lambda runtime.

use shared::{app::App, start::connect};
use shared_lambda::{Error, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    connect(app, close_ticket::CONNECTIONS).await;
    serve(app, async |call| close_ticket::handle(app, &call).await).await
}
