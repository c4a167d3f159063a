//! EventBridge in process: stores the entries of `PutEvents`.

use serde_json::{Value, json};

/// Name of the one bus.
pub const BUS: &str = "polydesk";

/// The bus.
#[derive(Debug, Default)]
pub struct SimulatedBus {
    /// The accepted events in order: `{detail-type, source, detail, at_ms}`.
    pub events: Vec<Value>,
    /// The index of the next event to deliver.
    pub delivered: usize,
}

impl SimulatedBus {
    /// Carries out `PutEvents`: `refuse` says of each entry whether it is refused, as a busy bus does.
    pub fn put(&mut self, body: &[u8], at_ms: i64, mut refuse: impl FnMut() -> bool) -> (u16, String) {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let (mut failed, mut answers) = (0, Vec::new());
        for entry in request["Entries"].as_array().into_iter().flatten() {
            if entry["EventBusName"] != BUS {
                failed += 1;
                answers.push(json!({"ErrorCode": "NotFoundException", "ErrorMessage": "no such bus"}));
            } else if refuse() {
                failed += 1;
                answers.push(json!({"ErrorCode": "InternalFailure", "ErrorMessage": "The bus is busy."}));
            } else {
                let detail = entry["Detail"].as_str().unwrap_or_default();
                let detail: Value = serde_json::from_str(detail).unwrap_or_default();
                let (kind, source) = (&entry["DetailType"], &entry["Source"]);
                self.events.push(json!({"detail-type": kind, "source": source, "detail": detail, "at_ms": at_ms}));
                answers.push(json!({"EventId": format!("event-{}", self.events.len())}));
            }
        }
        (200, json!({"FailedEntryCount": failed, "Entries": answers}).to_string())
    }
}
