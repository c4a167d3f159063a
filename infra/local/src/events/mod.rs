//! EventBridge: `PutEvents` and schedules, delivered to functions by the template's rules.
//!
//! Follows <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>. Of a signature only
//! the access key is checked.

mod delivery;
mod put;
mod schedules;

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use loopback::{AccessKey, Server};
use serde_json::{Value, json};
use shared::{clock::Clock, ids::Random};

use crate::{
    Invoke,
    aws_json::{self, AwsResponse, AwsService},
    template::Template,
};

use self::delivery::Deliveries;
pub use self::{delivery::FailedDelivery, schedules::Schedules};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";

/// How many of the latest events [`EventBridge::events`] returns.
const MAX_EVENTS: usize = 1000;

/// An EventBridge with one bus. Clones share it.
#[derive(Clone)]
pub struct EventBridge {
    bus_name: String,
    template: Arc<Template>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    deliveries: Deliveries,
    state: Arc<Mutex<BusState>>,
}

#[derive(Default)]
struct BusState {
    events: VecDeque<Value>,
    failure: Option<PutEventsFailure>,
    discarded: Option<&'static str>,
}

/// An injected fault of `PutEvents`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutEventsFailure {
    /// The call fails with status 500.
    Call,
    /// The call succeeds, but each of its entries failed.
    Entries,
    /// The call succeeds, but each entry whose detail contains this text failed.
    EntriesWith(String),
}

/// The template has no such schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the template has no schedule {0}")]
pub struct UnknownSchedule(pub String);

impl EventBridge {
    /// An EventBridge with the bus `bus_name` and the template's rules; functions are called through `invoke`.
    #[must_use]
    pub fn new(
        bus_name: impl Into<String>,
        template: Arc<Template>,
        invoke: Arc<dyn Invoke>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let deliveries = Deliveries::new(template.clone(), invoke);
        Self { bus_name: bus_name.into(), template, clock, random, deliveries, state: Arc::default() }
    }

    /// Retries a failed function after `delay`, and a second time after twice that.
    #[must_use]
    pub fn with_retry_delay(mut self, delay: Duration) -> Self {
        self.deliveries.set_retry_delay(delay);
        self
    }

    /// Serves on `127.0.0.1:port` for callers that sign with `access_key`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// The port is in use.
    pub async fn start(&self, port: u16, access_key: &AccessKey) -> io::Result<Server> {
        aws_json::start(self.clone(), port, access_key).await
    }

    /// The latest events, the oldest first; a schedule's events are among them.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.state().events.iter().cloned().collect()
    }

    /// Makes every `PutEvents` fail from now on; with `None` they succeed again.
    pub fn fail(&self, failure: Option<PutEventsFailure>) {
        self.state().failure = failure;
    }

    /// Forgets every event of that `detail-type` from now on, as if nobody had put it; with `None` none any longer.
    pub fn discard(&self, detail_type: Option<&'static str>) {
        self.state().discarded = detail_type;
    }

    /// Fires a schedule of the template now: its functions get a scheduled event.
    ///
    /// # Errors
    ///
    /// The template has no such schedule.
    pub fn fire_schedule(&self, logical_id: &str) -> Result<(), UnknownSchedule> {
        let schedule = self.template.schedules.iter().find(|schedule| schedule.logical_id == logical_id);
        let schedule = schedule.ok_or_else(|| UnknownSchedule(logical_id.to_owned()))?;
        let rule = format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{logical_id}");
        let event = self.event("Scheduled Event", "aws.events", &json!([rule]), json!({}));
        self.record(event.clone());
        self.deliveries.start(&schedule.targets, &event);
        Ok(())
    }

    /// Waits until no delivery is in flight, retries included.
    pub async fn wait_until_idle(&self) {
        self.deliveries.wait_until_idle().await;
    }

    /// The deliveries that failed on every attempt.
    #[must_use]
    pub fn failed_deliveries(&self) -> Vec<FailedDelivery> {
        self.deliveries.failed_deliveries()
    }

    /// Records an event and delivers it to the functions of each matching rule.
    fn publish(&self, event: Value) {
        if self.state().discarded.is_some_and(|discarded| event["detail-type"] == discarded) {
            return;
        }
        for rule in self.template.rules.iter().filter(|rule| rule.pattern.matches(&event)) {
            self.deliveries.start(&rule.targets, &event);
        }
        self.record(event);
    }

    fn record(&self, event: Value) {
        let mut state = self.state();
        if state.events.len() == MAX_EVENTS {
            state.events.pop_front();
        }
        state.events.push_back(event);
    }

    fn event(&self, detail_type: &str, source: &str, resources: &Value, detail: Value) -> Value {
        let time = Timestamp::from_millisecond(self.clock.now_ms()).unwrap_or_default();
        json!({
            "version": "0",
            "id": self.id(),
            "detail-type": detail_type,
            "source": source,
            "account": ACCOUNT,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": REGION,
            "resources": resources,
            "detail": detail,
        })
    }

    /// An id in the shape of a UUID.
    fn id(&self) -> String {
        let nonce = shared::ids::nonce(self.random.as_ref()).unwrap_or_default();
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| nonce.get(part).unwrap_or_default());
        parts.join("-")
    }

    fn state(&self) -> MutexGuard<'_, BusState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AwsService for EventBridge {
    const TARGET: &'static str = "AWSEvents";
    const CONTENT_TYPE: &'static str = aws_json::JSON_1_1;

    fn call(&self, operation: &str, body: &[u8]) -> AwsResponse {
        aws_json::answer(match operation {
            "PutEvents" => put::put_events(self, body),
            _ => Err(aws_json::unknown_operation()),
        })
    }
}
