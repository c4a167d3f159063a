//! Delivers a queue's messages to a function as Lambda does: a message that the function reports as failed stays.

use std::{collections::HashSet, sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{Invoke, InvokeError, invoke_within, template::Mapping};

use super::{QueueMessage, SqsQueue};

impl SqsQueue {
    /// Delivers every message once, by `mapping`. The function gets `timeout` for a batch.
    ///
    /// # Errors
    ///
    /// The function failed for a whole batch. That batch and those after it stay in the queue.
    pub async fn deliver_all(
        &self,
        mapping: &Mapping,
        timeout: Duration,
        invoke: &Arc<dyn Invoke>,
    ) -> Result<(), InvokeError> {
        for batch in self.messages().chunks(mapping.batch_size) {
            let records: Vec<Value> = batch.iter().map(|message| self.record(message)).collect();
            let (function, event) = (mapping.function.clone(), json!({ "Records": records }));
            let answer = invoke_within(Arc::clone(invoke), function, event, timeout).await?;
            let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
            let failed: HashSet<&str> = failures.filter_map(|failure| failure["itemIdentifier"].as_str()).collect();
            let done: HashSet<&str> =
                batch.iter().map(|message| message.id.as_str()).filter(|id| !failed.contains(id)).collect();
            self.remove(&done);
        }
        Ok(())
    }

    fn remove(&self, done: &HashSet<&str>) {
        let mut state = self.state();
        state.messages.retain(|message| !done.contains(message.id.as_str()));
        // The error is logged there. A message that is back after a restart is delivered again.
        let _ = self.write(&state.messages);
    }

    fn record(&self, message: &QueueMessage) -> Value {
        json!({
            "messageId": message.id,
            "receiptHandle": message.id,
            "body": message.body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:us-east-1:123456789012:{}", self.name),
            "awsRegion": "us-east-1",
        })
    }
}
