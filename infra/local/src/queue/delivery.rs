//! Handing a queue's messages to a function, as Lambda does: what the function names as failed stays in the queue.

use std::{collections::HashSet, sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{Invoke, InvokeError, invoke_within, template::Mapping};

use super::{Message, Queue};

impl Queue {
    /// Hands every message over once, by `mapping`; the function gets `timeout` for a batch. A batch that fails as a whole
    /// stays, and ends it.
    pub async fn hand_over(
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
            let failed: HashSet<&str> = failures.filter_map(|one| one["itemIdentifier"].as_str()).collect();
            let done: HashSet<&str> =
                batch.iter().map(|message| message.id.as_str()).filter(|id| !failed.contains(id)).collect();
            self.remove(&done);
        }
        Ok(())
    }

    fn remove(&self, done: &HashSet<&str>) {
        let mut kept = self.kept();
        kept.messages.retain(|message| !done.contains(message.id.as_str()));
        // Logged there; a message that comes back after a restart is handed over again.
        let _ = self.keep(&kept.messages);
    }

    fn record(&self, message: &Message) -> Value {
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
