//! Events that Polydesk puts on its EventBridge bus.

use aws_sdk_eventbridge::{Client, config::SharedHttpClient, types::PutEventsRequestEntry};
use serde::{Deserialize, Serialize};

use crate::{
    aws::sdk_config,
    config::Config,
    domain::RunId,
    error::{Error, Result},
};

/// `source` of every event of ours.
pub const SOURCE: &str = "polydesk";

/// `detail-type` of [`RefreshRequested`].
pub const REFRESH_REQUESTED: &str = "CatalogRefreshRequested";

/// Detail of the event that starts a refresh run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshRequested {
    /// The run, already stored as pending.
    pub run_id: RunId,
}

/// The bus.
#[derive(Debug)]
pub struct Events {
    client: Client,
    bus: String,
}

impl Events {
    /// The bus that `config` names. Makes no call. `http` replaces the SDK's own HTTP client.
    pub fn new(config: &Config, http: Option<SharedHttpClient>) -> Self {
        let sdk = sdk_config(&config.aws, config.aws.events_endpoint.as_ref(), http);
        Self { client: Client::new(&sdk), bus: config.event_bus_name.clone() }
    }

    /// Asks for a refresh run, which a rule on the bus starts. At least once: a run may be started twice.
    pub async fn request_refresh(&self, run_id: &RunId) -> Result<()> {
        let detail = serde_json::to_string(&RefreshRequested { run_id: run_id.clone() })
            .map_err(|source| unavailable().with_source(source))?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(REFRESH_REQUESTED)
            .detail(detail)
            .build();
        let answer = self
            .client
            .put_events()
            .entries(entry)
            .send()
            .await
            .map_err(|error| unavailable().with_source(error))?;
        // A refused entry comes back in an answer that is otherwise fine.
        match answer.entries().iter().find_map(|entry| entry.error_code()) {
            Some(code) => Err(unavailable().with_context("events_code", code)),
            None => Ok(()),
        }
    }
}

fn unavailable() -> Error {
    Error::unavailable("The event bus did not take the event; try again.").with_code("events_unavailable")
}
