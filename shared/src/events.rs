//! Events that Polydesk puts on its EventBridge bus.

mod detail;
mod record;

use aws_sdk_eventbridge::{
    Client,
    config::SharedHttpClient,
    error::ProvideErrorMetadata,
    types::{PutEventsRequestEntry, PutEventsResultEntry},
};
use serde::{Deserialize, Serialize};

pub use self::detail::{
    CatalogRefreshed, Change, MessageWithdrawn, RawVendorStatus, RefreshedVendor, ReplyChange, ReplyUpdated,
    TicketChange, TicketRated, TicketReplied,
};
pub use self::record::{Record, UnreadableRecord};
use crate::{
    aws::sdk_config,
    config::Config,
    domain::RunId,
    error::{Error, Result},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    telemetry,
};

/// `source` of every event of ours.
pub const SOURCE: &str = "polydesk";

/// `detail-type` of [`RefreshRequested`].
pub const REFRESH_REQUESTED: &str = "CatalogRefreshRequested";
/// `detail-type` of a [`TicketChange`] to `open`: the vendor has the ticket.
pub const TICKET_CREATED: &str = "TicketCreated";
/// `detail-type` of a [`TicketReplied`].
pub const TICKET_REPLIED: &str = "TicketReplied";
/// `detail-type` of any other [`TicketChange`], and of a [`ReplyUpdated`].
pub const TICKET_UPDATED: &str = "TicketUpdated";
/// `detail-type` of a [`TicketChange`] to `closed`.
pub const TICKET_CLOSED: &str = "TicketClosed";
/// `detail-type` of a [`TicketChange`] from `closed` to `open`: the vendor has opened the ticket again.
pub const TICKET_REOPENED: &str = "TicketReopened";
/// `detail-type` of a [`CatalogRefreshed`].
pub const CATALOG_REFRESHED: &str = "CatalogRefreshed";

/// The most events that one call of [`Events::publish`] takes.
pub const MAX_EVENTS: usize = 10;
/// The most bytes that the events of one call of [`Events::publish`] may have, by [`BusEvent::bytes`].
pub const MAX_BYTES: usize = 256 * 1024;

/// Detail of the event that starts a refresh run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshRequested {
    /// The run, already stored as pending.
    pub run_id: RunId,
}

/// An event as the bus takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusEvent {
    /// What kind of event it is.
    pub detail_type: String,
    /// The detail: a JSON object as text.
    pub detail: String,
}

impl BusEvent {
    /// An event with that detail.
    pub fn new(detail_type: impl Into<String>, detail: &impl Serialize) -> Result<Self> {
        let detail = serde_json::to_string(detail)
            .map_err(|source| Error::unexpected("An event could not be written.").with_source(source))?;
        Ok(Self { detail_type: detail_type.into(), detail })
    }

    /// Its size as EventBridge counts it:
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html>.
    pub fn bytes(&self) -> usize {
        SOURCE.len() + self.detail_type.len() + self.detail.len()
    }
}

/// Why the bus did not accept one event of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishError {
    /// EventBridge's code, as `ThrottlingException`.
    pub code: String,
}

impl PublishError {
    /// Whether the event would be refused again, however often it is sent.
    pub fn is_final(&self) -> bool {
        matches!(self.code.as_str(), "InvalidArgument" | "MalformedDetail" | "ValidationException")
    }
}

/// The bus.
#[derive(Debug)]
pub struct Events {
    client: Client,
    bus: String,
}

impl Events {
    /// The bus that `config` names. Makes no call.
    pub fn new(config: &Config, http: SharedHttpClient) -> Self {
        let sdk = sdk_config(&config.aws, config.aws.events_endpoint.as_ref(), http);
        Self { client: Client::new(&sdk), bus: config.event_bus_name.clone() }
    }

    /// Opens a connection, by a call without events, which the bus refuses: the role allows no other call. A failure is
    /// ignored.
    pub async fn connect(&self) {
        let _ = self.client.put_events().set_entries(Some(Vec::new())).send().await;
    }

    /// Asks for a refresh run, which a rule on the bus starts. At least once: a run may be started twice.
    pub async fn request_refresh(&self, run_id: &RunId) -> Result<()> {
        let event = BusEvent::new(REFRESH_REQUESTED, &RefreshRequested { run_id: run_id.clone() })?;
        match self.publish(&[event]).await?.pop() {
            Some(Err(refusal)) => Err(unavailable().with_context("events_code", refusal.code)),
            _ => Ok(()),
        }
    }

    /// Puts up to [`MAX_EVENTS`] events of together up to [`MAX_BYTES`] on the bus in one call. Answers for each, in
    /// their order, whether it was accepted. At least once: the SDK repeats a call whose answer was lost.
    ///
    /// # Errors
    /// The whole call failed: no event was accepted, or it is not known which.
    pub async fn publish(&self, events: &[BusEvent]) -> Result<Vec<Result<(), PublishError>>> {
        // Work that an event starts is part of the same trace.
        let trace = telemetry::trace().map(|trace| trace.to_string());
        let entry = |event: &BusEvent| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.bus)
                .source(SOURCE)
                .detail_type(&event.detail_type)
                .detail(&event.detail)
                .set_trace_header(trace.clone())
                .build()
        };
        let entries = events.iter().map(entry).collect();
        let answer = self.client.put_events().set_entries(Some(entries)).send().await.map_err(|error| {
            let code = error.code().unwrap_or("none").to_owned();
            unavailable().with_context("events_code", code).with_source(error)
        })?;
        // A successful answer may contain refused entries.
        let outcomes: Vec<_> = answer.entries().iter().map(outcome).collect();
        if outcomes.len() != events.len() {
            return Err(unavailable().with_context("events_code", "answer of another length"));
        }
        Ok(outcomes)
    }
}

fn outcome(entry: &PutEventsResultEntry) -> Result<(), PublishError> {
    match (entry.error_code(), entry.event_id()) {
        (None, Some(_)) => Ok(()),
        _ if seeded_bugs::enabled(SeededBug::RefusedEventIgnored) => Ok(()),
        (code, _) => Err(PublishError { code: code.unwrap_or("none").to_owned() }),
    }
}

fn unavailable() -> Error {
    Error::unavailable("The event bus did not take the event; try again.").with_code(ProblemCode::EventsUnavailable)
}
