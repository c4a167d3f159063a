//! Wires `query-tickets` to the Lambda runtime.

use std::convert::Infallible;

use lambda_http::{Error, Request, RequestExt, service_fn};
use shared::{app::App, http::Invocation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::logging::start();
    let app = &App::from_env()?;
    lambda_http::run(service_fn(async |request: Request| {
        let context = request.lambda_context();
        let invocation = Invocation::new(context.deadline, &context.request_id, app.clock.as_ref());
        Ok::<_, Infallible>(query_tickets::handle(app, &request, &invocation).await)
    }))
    .await
}
