//! Refreshes the vendors' catalogs, daily and on request. An HTTP request puts an event on the bus, which starts the
//! run.
//!
//! `start` stores a run and asks for it, `run` does it, `catalog` refreshes one vendor's catalog, `reading` reads it,
//! `compare` decides what is written. A run whose time is up puts the event on the bus again and goes on from what it
//! has read. Once a run has ended, `other_names` reads names in the other language, and `customers` the customers of
//! accounts that lack them.

mod catalog;
mod compare;
mod customers;
mod event;
mod other_names;
mod reading;
mod run;
mod start;

use http::Response;
use shared::{
    app::App,
    error::Result,
    http::{HttpCall, answer, no_route},
    invocation::Invocation,
    start::Connection,
    telemetry,
};

pub use event::Event;

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets, Connection::Bus];

/// Serves the function's route.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        if call.route != "POST /catalog/refresh" {
            return Err(no_route());
        }
        start::start(app, call).await
    })
    .await
}

/// Serves an event of the schedule or of the bus.
pub async fn handle_event(app: &App, event: &Event, invocation: &Invocation) -> Result<()> {
    telemetry::run_event(&app.telemetry, env!("CARGO_PKG_NAME"), invocation, Box::pin(refresh(app, event, invocation)))
        .await
}

async fn refresh(app: &App, event: &Event, invocation: &Invocation) -> Result<()> {
    if let Event::Schedule(run_id) = event {
        start::store_scheduled(app, run_id).await?;
    }
    let (Event::Schedule(run_id) | Event::Requested(run_id)) = event;
    run::run(app, invocation, run_id).await
}
