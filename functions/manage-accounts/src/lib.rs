//! Accounts: register with verification, list, show, rotate keys, remove.
//!
//! [`handle`] is thin; [`request`] reads bodies, [`register`], [`rotate`] and [`remove`] are the use cases.

pub mod register;
pub mod remove;
pub mod request;
pub mod rotate;
pub mod show;

use http::{Method, Request, Response};
use shared::{
    app::App,
    http::{Fields, Invocation, answer, fields::path_id, no_content, no_route, segments},
};

/// Serves the function's routes.
pub async fn handle(
    app: &App,
    request: &Request<impl AsRef<[u8]>>,
    invocation: &Invocation,
) -> Response<String> {
    answer(invocation, async {
        let uri = request.uri();
        let body = request.body().as_ref();
        match (request.method(), segments(uri.path()).as_slice()) {
            (&Method::POST, ["accounts"]) => {
                register::register(app, invocation, request.headers(), body).await
            }
            (&Method::GET, ["accounts"]) => show::list(app, uri.query()).await,
            (&Method::GET, ["accounts", id]) => {
                Fields::of_query(uri.query()).finish(|| Some(()))?;
                show::one(app, &path_id(id)?).await
            }
            (&Method::PUT, ["accounts", id, "keys"]) => {
                rotate::rotate(app, invocation, &path_id(id)?, body).await
            }
            (&Method::DELETE, ["accounts", id]) => {
                remove::remove(app, &path_id(id)?).await?;
                Ok(no_content())
            }
            _ => Err(no_route()),
        }
    })
    .await
}
