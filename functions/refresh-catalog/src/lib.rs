//! Refreshes the vendors' catalogs: asked for by HTTP, run by the event that this puts on the bus, and daily.
//!
//! [`handle`] and [`handle_event`] are thin; [`start`] stores a run and asks for it, [`run`] does it, [`catalog`]
//! refreshes one vendor's catalog, [`compare`] decides what is written.

pub mod catalog;
pub mod compare;
pub mod event;
pub mod run;
pub mod start;

use http::{Method, Request, Response};
use shared::{
    app::App,
    error::Result,
    http::{Invocation, answer, no_route, segments},
};

pub use event::Event;

/// Serves the function's route.
pub async fn handle(
    app: &App,
    request: &Request<impl AsRef<[u8]>>,
    invocation: &Invocation,
) -> Response<String> {
    answer(invocation, async {
        if (request.method(), segments(request.uri().path()).as_slice())
            != (&Method::POST, &["catalog", "refresh"])
        {
            return Err(no_route());
        }
        start::start(app, invocation, request.headers(), request.body().as_ref()).await
    })
    .await
}

/// Serves an event of the schedule or of the bus.
pub async fn handle_event(app: &App, event: &Event, invocation: &Invocation) -> Result<()> {
    match event {
        Event::Requested(run_id) => run::run(app, invocation, run_id).await,
        Event::Schedule => {
            let run = start::store(app, None).await?;
            run::run(app, invocation, &run.id).await
        }
    }
}
