//! Wires `reply-ticket` to the Lambda runtime.

use std::convert::Infallible;

use lambda_http::{Error, service_fn};
use shared::app::App;
use shared_lambda::http_call;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    lambda_http::run(service_fn(async |request| {
        Ok::<_, Infallible>(reply_ticket::handle(app, &http_call(app, request)).await)
    }))
    .await
}
