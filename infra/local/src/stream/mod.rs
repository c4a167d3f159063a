//! Hands a table's stream to a function as Lambda does: in order, a batch again until it is done, the position kept after.

mod reader;
mod turn;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    task::JoinHandle,
};

pub use self::reader::{StreamError, TableStream};
use crate::{
    Invoke, InvokeError, invoke_within,
    template::{Mapping, Source},
};

/// How often an empty stream is read.
const POLL: Duration = Duration::from_millis(200);

/// The wait after a failure, doubled with each that follows, up to the second.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(2);

/// A stream that is handed to a function.
pub struct Stream {
    gate: Arc<Mutex<()>>,
    stop: watch::Sender<()>,
    asked: watch::Sender<u64>,
    drained: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

/// A stream that waits as long as this lives.
pub struct Paused(#[expect(dead_code, reason = "held, not used")] OwnedMutexGuard<()>);

impl Stream {
    /// Reads `stream` from now on and hands it over by `mapping`. The function gets `timeout` for a batch.
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

    /// Waits until all that is in the stream now was handed over, and done. Tries again at once what waits for its next try.
    ///
    /// As long as the function fails, this waits.
    pub async fn settled(&self) {
        let mut mine = 0;
        self.asked.send_modify(|number| {
            *number += 1;
            mine = *number;
        });
        // Fails when the task has ended, which nothing can be waited for then.
        let _ = self.drained.clone().wait_for(|number| *number >= mine).await;
    }

    /// Waits for the batch under way and hands nothing over until the answer is dropped.
    pub async fn pause(&self) -> Paused {
        Paused(Arc::clone(&self.gate).lock_owned().await)
    }

    /// Ends after the batch under way. What is left is handed over after the next start, where the position is kept.
    pub async fn stop(self) {
        drop(self.stop);
        // A task that panicked has nothing left to stop.
        let _ = self.task.await;
    }
}

/// What became of a turn.
enum Turn {
    /// There was nothing to hand over.
    Empty,
    /// Something was handed over and done.
    Done,
    /// Something must be handed over again.
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
            // Whatever was written before this was asked for is seen by the read after it.
            let asked_until = *asked.borrow_and_update();
            let turn = {
                let _open = gate.lock().await;
                self.turn().await.unwrap_or_else(|error| {
                    tracing::error!(%error, "The table's stream is stuck.");
                    Turn::Failed
                })
            };
            let wait = match turn {
                Turn::Empty => {
                    drained.send_replace(asked_until);
                    POLL
                }
                Turn::Done => Duration::ZERO,
                Turn::Failed => retry,
            };
            retry = if matches!(turn, Turn::Failed) { (retry * 2).min(LAST_RETRY) } else { FIRST_RETRY };
            tokio::select! {
                biased;
                _ = stopped.changed() => return,
                _ = asked.changed() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn turn(&mut self) -> Result<Turn, StreamError> {
        let records = self.stream.read(self.limit).await?;
        let Some(last) = records.last() else { return Ok(Turn::Empty) };
        let batch: Vec<Value> =
            records.iter().filter(|record| self.mapping.source.takes(record)).cloned().collect();
        let failed = if batch.is_empty() { Ok(None) } else { self.hand_over(&batch).await };
        match failed {
            Ok(None) => {
                self.limit = self.mapping.batch_size;
                self.stream.done_with(turn::sequence(last))?;
                Ok(Turn::Done)
            }
            Ok(Some(index)) => {
                if let Some(done) = index.checked_sub(1).and_then(|before| batch.get(before)) {
                    self.stream.done_with(turn::sequence(done))?;
                }
                Ok(Turn::Failed)
            }
            Err(error) => {
                tracing::warn!(function = self.mapping.function, %error, "A batch of the stream failed.");
                if matches!(self.mapping.source, Source::Stream { bisect: true, .. }) {
                    self.limit = records.len().div_ceil(2);
                }
                Ok(Turn::Failed)
            }
        }
    }

    /// The index of the first record that is not done; `None` when all are.
    async fn hand_over(&self, batch: &[Value]) -> Result<Option<usize>, InvokeError> {
        let (function, event) = (self.mapping.function.clone(), json!({ "Records": batch }));
        let answer = invoke_within(self.invoke.clone(), function, event, self.timeout).await?;
        Ok(turn::first_failure(batch, &answer))
    }
}
