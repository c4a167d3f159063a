//! Delivers events to functions, apart from the call that published them, with retries.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::sync::watch;

use crate::{Invoke, InvokeError, invoke_within, template::Template};

/// The attempts for one event, as with Lambda's asynchronous invocation: one and two retries.
const ATTEMPTS: u32 = 3;

/// An event whose delivery to a function failed on every attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct FailedDelivery {
    /// The function's package.
    pub function: String,
    /// The event.
    pub event: Value,
    /// The last failure.
    pub error: InvokeError,
}

/// The deliveries in flight. Clones share them.
#[derive(Clone)]
pub(super) struct Deliveries {
    template: Arc<Template>,
    invoke: Arc<dyn Invoke>,
    retry_delay: Duration,
    in_flight: watch::Sender<usize>,
    failed_deliveries: Arc<Mutex<Vec<FailedDelivery>>>,
}

impl Deliveries {
    pub fn new(template: Arc<Template>, invoke: Arc<dyn Invoke>) -> Self {
        let retry_delay = Duration::from_millis(500);
        Self { template, invoke, retry_delay, in_flight: watch::Sender::new(0), failed_deliveries: Arc::default() }
    }

    pub fn set_retry_delay(&mut self, delay: Duration) {
        self.retry_delay = delay;
    }

    /// Delivers `event` to each of `functions` in the background.
    pub fn start(&self, functions: &[String], event: &Value) {
        for function in functions {
            self.in_flight.send_modify(|count| *count += 1);
            let (deliveries, function, event) = (self.clone(), function.clone(), event.clone());
            tokio::spawn(async move {
                deliveries.deliver(function, event).await;
                deliveries.in_flight.send_modify(|count| *count -= 1);
            });
        }
    }

    /// Waits until nothing is in flight.
    pub async fn wait_until_idle(&self) {
        // The sender is in `self`, so the channel can't close meanwhile.
        let _ = self.in_flight.subscribe().wait_for(|count| *count == 0).await;
    }

    pub fn failed_deliveries(&self) -> Vec<FailedDelivery> {
        self.failed_deliveries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn deliver(&self, function: String, event: Value) {
        let timeout = self.template.function(&function).map(|function| function.timeout).unwrap_or_default();
        let mut attempt = 1;
        let error = loop {
            let call = invoke_within(self.invoke.clone(), function.clone(), event.clone(), timeout);
            let Err(error) = call.await else { return };
            if attempt == ATTEMPTS {
                break error;
            }
            tokio::time::sleep(self.retry_delay * 2_u32.pow(attempt - 1)).await;
            attempt += 1;
        };
        tracing::error!(function, %error, "An event could not be delivered.");
        let mut failed_deliveries = self.failed_deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        failed_deliveries.push(FailedDelivery { function, event, error });
    }
}
