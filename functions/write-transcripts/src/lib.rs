//! Writes the transcripts of closed tickets into a bucket: a line of JSON for analysis, a page for a browser and a
//! plain text.
//!
//! An event of the bus tells which ticket: it was closed, or its archive changed. The transcript is made of the ticket
//! as it is stored at that moment ([`mod@write`]), so an event that comes twice, late or in another order writes the
//! same files. [`transcript`] is the document; [`html`] and [`text`] are made of it.

pub mod escape;
pub mod facts;
pub mod files;
pub mod html;
pub mod labels;
pub mod rich_text;
pub mod text;
pub mod time;
pub mod transcript;
pub mod write;

use serde_json::{Value, json};
use shared::{
    app::App,
    domain::TicketId,
    error::{Error, Result},
    events::SOURCE,
    invocation::Invocation,
    start::Connection,
    telemetry,
};

pub use self::write::PutObject;

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table];

/// Serves an event of the bus that names a ticket. Answers `{"state": "written", "key": …}`, or
/// `{"state": "no_archive"}` for a ticket that is gone or erased, or whose archive is not committed.
///
/// # Errors
/// Lambda must deliver the event again. Some of the files may be written then; a repeat writes them again.
pub async fn handle_event(app: &App, bucket: &dyn PutObject, event: &Value, invocation: &Invocation) -> Result<Value> {
    let work = async {
        let ticket = ticket_of(event)?;
        telemetry::set_ticket(&ticket);
        Ok(match write::write(app, bucket, &ticket).await? {
            Some(key) => json!({"state": "written", "key": key}),
            None => json!({"state": "no_archive"}),
        })
    };
    telemetry::run_event(&app.telemetry, env!("CARGO_PKG_NAME"), invocation, Box::pin(work)).await
}

/// The ticket of an event of ours, whatever it tells of it.
fn ticket_of(event: &Value) -> Result<TicketId> {
    let id = event["detail"]["ticket_id"].as_str().filter(|_| event["source"] == SOURCE);
    TicketId::parse(id.ok_or_else(|| Error::invalid_input("The event is not one of a ticket."))?)
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
