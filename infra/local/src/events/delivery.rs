//! Handing events to functions, apart from the call that brought them, and again when a function fails.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::sync::watch;

use crate::{Invoke, InvokeError, invoke_within, template::Template};

/// How often a function is called for one event: once, and twice again, as Lambda's asynchronous invocation.
const ATTEMPTS: u32 = 3;

/// An event that a function failed on to the end.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    /// The function's package.
    pub function: String,
    /// The event.
    pub event: Value,
    /// The last failure.
    pub error: InvokeError,
}

/// The deliveries under way. Clones share them.
#[derive(Clone)]
pub(super) struct Deliveries {
    template: Arc<Template>,
    invoke: Arc<dyn Invoke>,
    retry_delay: Duration,
    under_way: watch::Sender<usize>,
    dead_letters: Arc<Mutex<Vec<DeadLetter>>>,
}

impl Deliveries {
    pub fn new(template: Arc<Template>, invoke: Arc<dyn Invoke>) -> Self {
        let retry_delay = Duration::from_millis(500);
        Self { template, invoke, retry_delay, under_way: watch::Sender::new(0), dead_letters: Arc::default() }
    }

    pub fn set_retry_delay(&mut self, delay: Duration) {
        self.retry_delay = delay;
    }

    /// Hands `event` to each of `functions`, and does not wait.
    pub fn start(&self, functions: &[String], event: &Value) {
        for function in functions {
            self.under_way.send_modify(|count| *count += 1);
            let (deliveries, function, event) = (self.clone(), function.clone(), event.clone());
            tokio::spawn(async move {
                deliveries.deliver(function, event).await;
                deliveries.under_way.send_modify(|count| *count -= 1);
            });
        }
    }

    /// Waits until nothing is under way.
    pub async fn settled(&self) {
        // The sender lives in `self`, so the channel can't close meanwhile.
        let _ = self.under_way.subscribe().wait_for(|count| *count == 0).await;
    }

    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.dead_letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        tracing::error!(function, %error, "An event could not be handed over.");
        let mut dead_letters = self.dead_letters.lock().unwrap_or_else(PoisonError::into_inner);
        dead_letters.push(DeadLetter { function, event, error });
    }
}
