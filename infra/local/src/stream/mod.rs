//! Delivers a table's stream to a function as Lambda does: in order, with retries. Stores the position after a batch.

mod batch_response;
mod reader;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    task::JoinHandle,
};

pub use self::reader::{StreamError, TableStream};
use crate::{
    Invoke, InvokeError, invoke_within,
    template::{EventSource, Mapping},
};

/// How often an empty stream is read.
const POLL: Duration = Duration::from_millis(200);

/// The wait after a failure. It doubles with each further one, up to the second value.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(2);

/// A running consumer: reads a stream and calls a function with its records.
pub struct StreamConsumer {
    gate: Arc<Mutex<()>>,
    stop: watch::Sender<()>,
    asked: watch::Sender<u64>,
    drained: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

/// Pauses a consumer until it is dropped.
pub struct PauseGuard(#[expect(dead_code, reason = "held, not used")] OwnedMutexGuard<()>);

impl StreamConsumer {
    /// Starts to deliver `stream` by `mapping`. The function gets `timeout` for a batch.
    #[must_use]
    pub fn start(stream: TableStream, mapping: Mapping, timeout: Duration, invoke: Arc<dyn Invoke>) -> Self {
        let gate = Arc::default();
        let (stop, stopped) = watch::channel(());
        let (asked, asked_for) = watch::channel(0);
        let (drained_until, drained) = watch::channel(0);
        let limit = mapping.batch_size;
        let poller = Poller { stream, mapping, timeout, invoke, limit };
        let task = tokio::spawn(poller.run(Arc::clone(&gate), stopped, asked_for, drained_until));
        Self { gate, stop, asked, drained, task }
    }

    /// Waits until the function has accepted every record that is in the stream now. A batch that waits for its retry
    /// is retried at once.
    ///
    /// It waits as long as the function fails.
    pub async fn wait_until_idle(&self) {
        let mut mine = 0;
        self.asked.send_modify(|number| {
            *number += 1;
            mine = *number;
        });
        // Fails only after the task has ended; then there is nothing to wait for.
        let _ = self.drained.clone().wait_for(|number| *number >= mine).await;
    }

    /// Waits for the batch in flight and delivers nothing more until the guard is dropped.
    pub async fn pause(&self) -> PauseGuard {
        PauseGuard(Arc::clone(&self.gate).lock_owned().await)
    }

    /// Ends after the batch in flight. The rest is delivered after the next start if a file holds the position.
    pub async fn stop(self) {
        drop(self.stop);
        // A task that panicked has ended already.
        let _ = self.task.await;
    }
}

/// The result of one batch.
enum BatchResult {
    /// The stream had no new record.
    Empty,
    /// The batch is done.
    Done,
    /// The batch, or its end, must be delivered again.
    Failed,
}

struct Poller {
    stream: TableStream,
    mapping: Mapping,
    timeout: Duration,
    invoke: Arc<dyn Invoke>,
    /// The most records in the next batch.
    limit: usize,
}

impl Poller {
    async fn run(
        mut self,
        gate: Arc<Mutex<()>>,
        mut stopped: watch::Receiver<()>,
        mut asked: watch::Receiver<u64>,
        drained: watch::Sender<u64>,
    ) {
        let mut retry = FIRST_RETRY;
        loop {
            // Read before the batch: a record that was written before the request is in this read or an earlier one.
            let asked_until = *asked.borrow_and_update();
            let result = {
                let _open = gate.lock().await;
                self.deliver_batch().await.unwrap_or_else(|error| {
                    tracing::error!(%error, "The table's stream could not be read.");
                    BatchResult::Failed
                })
            };
            let wait = match result {
                BatchResult::Empty => {
                    drained.send_replace(asked_until);
                    POLL
                }
                BatchResult::Done => Duration::ZERO,
                BatchResult::Failed => retry,
            };
            retry = if matches!(result, BatchResult::Failed) { (retry * 2).min(LAST_RETRY) } else { FIRST_RETRY };
            tokio::select! {
                biased;
                _ = stopped.changed() => return,
                _ = asked.changed() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn deliver_batch(&mut self) -> Result<BatchResult, StreamError> {
        let records = self.stream.read(self.limit).await?;
        let Some(last) = records.last() else { return Ok(BatchResult::Empty) };
        let batch: Vec<Value> = records.iter().filter(|record| self.mapping.source.accepts(record)).cloned().collect();
        let failed = if batch.is_empty() { Ok(None) } else { self.invoke(&batch).await };
        match failed {
            Ok(None) => {
                self.limit = self.mapping.batch_size;
                self.stream.advance_to(batch_response::sequence(last))?;
                Ok(BatchResult::Done)
            }
            Ok(Some(index)) => {
                if let Some(done) = index.checked_sub(1).and_then(|before| batch.get(before)) {
                    self.stream.advance_to(batch_response::sequence(done))?;
                }
                Ok(BatchResult::Failed)
            }
            Err(error) => {
                tracing::warn!(function = self.mapping.function, %error, "A batch of the stream failed.");
                if matches!(self.mapping.source, EventSource::Stream { bisect: true, .. }) {
                    self.limit = records.len().div_ceil(2);
                }
                Ok(BatchResult::Failed)
            }
        }
    }

    /// Calls the function. Returns the index of the first record that failed; `None` when all succeeded.
    async fn invoke(&self, batch: &[Value]) -> Result<Option<usize>, InvokeError> {
        let (function, event) = (self.mapping.function.clone(), json!({ "Records": batch }));
        let answer = invoke_within(self.invoke.clone(), function, event, self.timeout).await?;
        Ok(batch_response::first_failure(batch, &answer))
    }
}
