//! Wires `query-catalog` to the Lambda runtime.

use shared::{app::App, start::connect};
use shared_lambda::{Error, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    connect(app, query_catalog::CONNECTIONS).await;
    serve(app, async |call| query_catalog::handle(app, &call).await).await
}
