//! SQS in process: the dead-letter queue with `SendMessage`, the only operation in use.

use serde_json::{Value, json};

/// The queue's URL.
pub const URL: &str = "http://queue.invalid/123456789012/dead-letters";

/// The queue.
#[derive(Debug, Default)]
pub struct SimulatedQueue {
    /// Bodies by their ids, the oldest first.
    pub messages: Vec<(String, String)>,
    sent: u64,
}

impl SimulatedQueue {
    /// Carries out one operation: HTTP status and JSON.
    pub fn call(&mut self, operation: &str, body: &[u8]) -> (u16, String) {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        if operation != "SendMessage" || request["QueueUrl"] != URL {
            return (400, json!({"__type": "QueueDoesNotExist"}).to_string());
        }
        self.sent += 1;
        let id = format!("message-{}", self.sent);
        self.messages.push((id.clone(), request["MessageBody"].as_str().unwrap_or_default().to_owned()));
        (200, json!({"MessageId": id}).to_string())
    }
}
