//! EventBridge, driven by the official SDK.

use std::{sync::Arc, time::Duration};

use aws_sdk_eventbridge::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region, retry::RetryConfig},
    error::ProvideErrorMetadata,
    types::PutEventsRequestEntry,
};
use local::{
    InvokeError,
    events::{EventBridge, PutEventsFailure, UnknownSchedule},
};
use loopback::Server;
use serde_json::{Value, json};
use shared::ids::SystemRandom;

use crate::support::{Scripted, SetClock, access, other_credentials, template};

const BUS: &str = "polydesk-dev";

fn bridge(functions: Arc<Scripted>) -> EventBridge {
    EventBridge::new(BUS, template(), functions, SetClock::new(), Arc::new(SystemRandom))
        .with_retry_delay(Duration::from_millis(1))
}

fn client(server: &Server, credentials: Credentials) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(shared::https::aws_client(std::sync::Arc::new(shared::clock::SystemClock)))
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .retry_config(RetryConfig::disabled())
        .endpoint_url(server.url());
    Client::from_conf(config.build())
}

async fn serve(bridge: &EventBridge) -> (Server, Client) {
    let (key, credentials) = access();
    let server = bridge.start(0, &key).await.unwrap();
    let client = client(&server, credentials);
    (server, client)
}

fn entry(detail_type: &str, detail: &str) -> PutEventsRequestEntry {
    let entry = PutEventsRequestEntry::builder().source("polydesk").event_bus_name(BUS);
    entry.detail_type(detail_type).detail(detail).build()
}

fn refresh_requested() -> PutEventsRequestEntry {
    entry("CatalogRefreshRequested", r#"{"run_id":"01J"}"#)
}

#[tokio::test]
async fn an_event_goes_to_the_function_of_the_rule_it_matches() {
    let functions = Scripted::new(|_| Ok(Value::Null));
    let bridge = bridge(functions.clone());
    let (server, client) = serve(&bridge).await;
    let request = client.put_events().entries(refresh_requested()).entries(entry("TicketClosed", "{}"));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.failed_entry_count, 0);
    bridge.wait_until_idle().await;

    let id = answer.entries.unwrap()[0].event_id.clone().unwrap();
    let expected = json!({
        "version": "0",
        "id": id,
        "detail-type": "CatalogRefreshRequested",
        "source": "polydesk",
        "account": "123456789012",
        "time": "2026-03-04T05:06:07Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"run_id": "01J"},
    });
    assert_eq!(functions.calls(), [("refresh-catalog".to_owned(), expected.clone())]);
    assert_eq!(bridge.events()[0], expected);
    assert_eq!(bridge.events()[1]["detail-type"], "TicketClosed");
    assert!(functions.time_limits()[0] > Duration::from_secs(290));
    server.shutdown().await;
}

#[tokio::test]
async fn a_failing_function_is_called_three_times_and_then_its_delivery_has_failed() {
    let functions = Scripted::new(|number| if number == 3 { Ok(Value::Null) } else { Err("scripted".to_owned()) });
    let bridge = bridge(functions.clone());
    let (server, client) = serve(&bridge).await;
    let put = || client.put_events().entries(refresh_requested()).send();

    put().await.unwrap();
    bridge.wait_until_idle().await;
    assert_eq!(functions.calls().len(), 3);
    assert!(bridge.failed_deliveries().is_empty());

    put().await.unwrap();
    bridge.wait_until_idle().await;
    assert_eq!(functions.calls().len(), 6);
    let [failed] = bridge.failed_deliveries().try_into().unwrap();
    assert_eq!(failed.function, "refresh-catalog");
    assert_eq!(failed.event, bridge.events()[1]);
    assert_eq!(failed.error, InvokeError::Failed("scripted".to_owned()));
    server.shutdown().await;
}

#[tokio::test]
async fn a_caller_without_the_access_key_is_refused() {
    let bridge = bridge(Scripted::new(|_| Ok(Value::Null)));
    let (server, _) = serve(&bridge).await;
    let put = client(&server, other_credentials()).put_events().entries(refresh_requested());
    assert_eq!(put.send().await.unwrap_err().code(), Some("UnrecognizedClientException"));
    assert!(bridge.events().is_empty());
    server.shutdown().await;
}

#[tokio::test]
async fn a_schedule_can_be_fired_at_once() {
    let functions = Scripted::new(|_| Ok(Value::Null));
    let bridge = bridge(functions.clone());
    bridge.fire_schedule("RefreshScheduleRule").unwrap();
    bridge.wait_until_idle().await;
    let [(function, event), (second, same)] = functions.calls().try_into().unwrap();
    assert_eq!((&*function, &*second, &same), ("refresh-catalog", "manage-accounts", &event));
    assert_eq!(event["source"], "aws.events");
    assert_eq!(event["detail-type"], "Scheduled Event");
    assert_eq!(event["detail"], json!({}));
    assert_eq!(event["resources"], json!(["arn:aws:events:us-east-1:123456789012:rule/RefreshScheduleRule"]));
    assert_eq!(bridge.fire_schedule("None"), Err(UnknownSchedule("None".to_owned())));
}

#[tokio::test]
async fn bad_entries_are_refused_one_by_one() {
    let bridge = bridge(Scripted::new(|_| Ok(Value::Null)));
    let (server, client) = serve(&bridge).await;
    let wrong_bus =
        PutEventsRequestEntry::builder().source("polydesk").detail_type("T").detail("{}").event_bus_name("other");
    let no_source = PutEventsRequestEntry::builder().detail_type("T").detail("{}").event_bus_name(BUS);
    let by_arn = wrong_bus.clone().event_bus_name(format!("arn:aws:events:us-east-1:123456789012:event-bus/{BUS}"));
    let answer = client
        .put_events()
        .entries(entry("T", "no json"))
        .entries(entry("T", "[]"))
        .entries(wrong_bus.build())
        .entries(no_source.build())
        .entries(by_arn.build())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.failed_entry_count, 4);
    let entries = answer.entries.unwrap();
    let codes: Vec<Option<&str>> = entries.iter().map(|entry| entry.error_code()).collect();
    let malformed = Some("MalformedDetail");
    assert_eq!(codes, [malformed, malformed, Some("NotFoundException"), Some("InvalidArgument"), None]);
    assert_eq!(bridge.events().len(), 1);

    let too_many = client.put_events().set_entries(Some(vec![refresh_requested(); 11])).send().await;
    assert_eq!(too_many.unwrap_err().code(), Some("ValidationException"));
    server.shutdown().await;
}

#[tokio::test]
async fn an_injected_fault_fails_the_call_or_its_entries() {
    let functions = Scripted::new(|_| Ok(Value::Null));
    let bridge = bridge(functions.clone());
    let (server, client) = serve(&bridge).await;

    bridge.fail(Some(PutEventsFailure::Call));
    let error = client.put_events().entries(refresh_requested()).send().await.unwrap_err();
    assert_eq!(error.code(), Some("InternalException"));

    bridge.fail(Some(PutEventsFailure::Entries));
    let answer = client.put_events().entries(refresh_requested()).send().await.unwrap();
    assert_eq!(answer.failed_entry_count, 1);
    assert_eq!(answer.entries.unwrap()[0].error_code(), Some("InternalFailure"));

    bridge.fail(None);
    let answer = client.put_events().entries(refresh_requested()).send().await.unwrap();
    assert_eq!(answer.failed_entry_count, 0);
    bridge.wait_until_idle().await;
    assert_eq!(functions.calls().len(), 1);
    server.shutdown().await;
}
