//! Wires `manage-accounts` to the Lambda runtime.

use shared::{app::App, start::connect};
use shared_lambda::{Error, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    connect(app, manage_accounts::CONNECTIONS).await;
    serve(app, async |call| manage_accounts::handle(app, &call).await).await
}
