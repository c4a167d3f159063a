//! The schedule's work, every minute: finishes what is due, and follows what happens at the vendors.
//!
//! [`run`] shares the work out by account, [`account`] does one account's: [`due`] settles unknown outcomes and goes on with closes,
//! [`watch`] compares open tickets with the vendor's list, [`adopt`] takes in tickets from the vendor's console. Runs may overlap
//! and stop at any point: every step is one that only the first to come can take.

pub mod account;
pub mod adopt;
pub mod due;
pub mod guard;
pub mod run;
pub mod watch;

use shared::{app::App, error::Result, http::Invocation};

/// Serves the schedule's event. Fails only where nothing could be done at all: the store did not answer.
pub async fn handle_event(app: &App, invocation: &Invocation) -> Result<()> {
    run::run(app, invocation).await
}
