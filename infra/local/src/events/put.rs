//! `PutEvents`: makes an event of each entry, or an error for that entry alone.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws_json::{AwsError, input};

use super::{EventBridge, PutEventsFailure};

/// The most entries in one call.
const MAX_ENTRIES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
    resources: Option<Vec<String>>,
}

/// Code and message of an entry that failed.
type EntryError = (&'static str, String);

pub(super) fn put_events(bridge: &EventBridge, body: &[u8]) -> Result<Value, AwsError> {
    let PutEvents { entries } = input(body)?;
    if entries.is_empty() || entries.len() > MAX_ENTRIES {
        let message = format!("Entries must hold 1 to {MAX_ENTRIES} entries.");
        return Err(AwsError::of("ValidationException", message));
    }
    let failure = bridge.state().failure.clone();
    if failure == Some(PutEventsFailure::Call) {
        return Err(AwsError::internal("InternalException", "Injected fault."));
    }
    let fails = |entry: &Entry| match &failure {
        Some(PutEventsFailure::EntriesWith(text)) => entry.detail.as_ref().is_some_and(|detail| detail.contains(text)),
        failure => failure.is_some(),
    };
    let results = entries.into_iter().map(|entry| {
        if fails(&entry) {
            return Err(("InternalFailure", "Injected fault.".to_owned()));
        }
        publish(bridge, entry)
    });
    let (mut failed, mut answers) = (0, Vec::new());
    for result in results {
        failed += usize::from(result.is_err());
        answers.push(match result {
            Ok(id) => json!({"EventId": id}),
            Err((code, message)) => json!({"ErrorCode": code, "ErrorMessage": message}),
        });
    }
    Ok(json!({"FailedEntryCount": failed, "Entries": answers}))
}

/// Publishes one entry and returns the id of its event.
fn publish(bridge: &EventBridge, entry: Entry) -> Result<Value, EntryError> {
    let missing = |name: &str| {
        ("InvalidArgument", format!("Parameter {name} is not valid. Reason: {name} is a required argument."))
    };
    let source = entry.source.filter(|text| !text.is_empty()).ok_or_else(|| missing("Source"))?;
    let detail_type = entry.detail_type.filter(|text| !text.is_empty()).ok_or_else(|| missing("DetailType"))?;
    let detail = entry.detail.ok_or_else(|| missing("Detail"))?;
    let detail: Value = serde_json::from_str(&detail).unwrap_or_default();
    if !detail.is_object() {
        return Err(("MalformedDetail", "Detail is malformed.".to_owned()));
    }
    let bus = entry.event_bus_name.unwrap_or_else(|| "default".to_owned());
    // By name or by ARN. Another bus is an error here, so that a test finds a wrong name.
    if bus != bridge.bus_name && !bus.ends_with(&format!(":event-bus/{}", bridge.bus_name)) {
        return Err(("NotFoundException", format!("Event bus {bus} does not exist.")));
    }
    let event = bridge.event(&detail_type, &source, &json!(entry.resources.unwrap_or_default()), detail);
    let id = event["id"].clone();
    bridge.publish(event);
    Ok(id)
}
