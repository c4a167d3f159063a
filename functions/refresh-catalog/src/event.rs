//! The events that start a refresh.

use serde_json::Value;
use shared::{
    domain::RunId,
    error::{Error, Result},
    events::{REFRESH_REQUESTED, RefreshRequested, SOURCE},
};

/// What starts a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The schedule: all vendors, in a run that is named after the event.
    Schedule(RunId),
    /// A run that was asked for by HTTP.
    Requested(RunId),
}

impl Event {
    /// Reads an EventBridge event; `InvalidInput` for one that is not for this function.
    pub fn read(event: &Value) -> Result<Self> {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        match (text("source"), text("detail-type")) {
            (Some("aws.events"), Some("Scheduled Event")) => {
                RunId::parse(text("id").unwrap_or_default()).map(Event::Schedule)
            }
            (Some(SOURCE), Some(REFRESH_REQUESTED)) => {
                let detail = event.get("detail").cloned().unwrap_or_default();
                let requested: RefreshRequested = serde_json::from_value(detail)
                    .map_err(|source| Error::invalid_input("The event has no run_id.").with_source(source))?;
                Ok(Event::Requested(requested.run_id))
            }
            _ => Err(Error::invalid_input("The event is neither a schedule's nor a request for a refresh.")),
        }
    }
}
