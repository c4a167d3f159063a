//! What starts a refresh, and the events in `tests/events`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use local::template::{EventRule, TemplateDocument, reference};
use serde_json::{Value, json};
use shared::domain::RefreshRun;

use super::TEMPLATE;

#[test]
fn a_refresh_is_started_by_event_and_by_schedule() {
    let rule = rule("refresh-catalog");
    assert_eq!(rule.targets, ["refresh-catalog"]);
    assert!(rule.pattern.matches(&event("refresh-catalog-requested")));
    for (field, other) in [("source", "aws.events"), ("detail-type", "CatalogRefreshed")] {
        let mut event = event("refresh-catalog-requested");
        event[field] = other.into();
        assert!(!rule.pattern.matches(&event), "{field}");
    }
    let resource = TEMPLATE.document.resource(&rule.logical_id).unwrap();
    assert_eq!(resource["Properties"]["EventBusName"], json!({"Ref": "EventBus"}));
}

/// The rule that starts a function by an event.
fn rule(function: &str) -> &'static EventRule {
    TEMPLATE.rules.iter().find(|rule| rule.targets == [function]).unwrap()
}

#[test]
fn a_transcript_is_written_when_an_archive_is_committed_or_changes() {
    let rule = rule("write-transcripts");
    for (detail_type, state, starts) in [
        ("TicketClosed", "closed", true),
        ("TicketUpdated", "closed", true),
        ("TicketUpdated", "open", false),
        ("TicketCreated", "open", false),
    ] {
        let event = json!({"source": "polydesk", "detail-type": detail_type, "detail": {"state": state}});
        assert_eq!(rule.pattern.matches(&event), starts, "{detail_type} {state}");
    }
    let resource = TEMPLATE.document.resource(&rule.logical_id).unwrap();
    assert_eq!(resource["Properties"]["EventBusName"], json!({"Ref": "EventBus"}));
}

#[test]
fn the_catalog_is_refreshed_every_day_and_tickets_are_synced_every_minute() {
    let mut schedules: Vec<_> = TEMPLATE
        .schedules
        .iter()
        .map(|schedule| {
            // Schedules run on the default bus only.
            let resource = TEMPLATE.document.resource(&schedule.logical_id).unwrap();
            assert!(resource["Properties"].get("EventBusName").is_none());
            let parameter = schedule.expression.trim_matches(['$', '{', '}']);
            let default = TEMPLATE.document.at(&format!("/Parameters/{parameter}/Default")).and_then(Value::as_str);
            (schedule.targets.join(" "), default.unwrap_or(&schedule.expression))
        })
        .collect();
    schedules.sort();
    let expected = [
        ("copy-attachments", "rate(1 minute)"),
        ("refresh-catalog manage-accounts", "rate(1 day)"),
        ("sync-tickets", "rate(1 minute)"),
    ];
    assert_eq!(schedules, expected.map(|(target, rate)| (target.to_owned(), rate)));
}

#[test]
fn what_eventbridge_cannot_deliver_goes_to_a_queue() {
    let mut queues: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, rule) in TEMPLATE.document.resources_of("AWS::Events::Rule") {
        for target in rule["Properties"]["Targets"].as_array().unwrap() {
            let queue = TemplateDocument::text(&target["DeadLetterConfig"]["Arn"]).unwrap();
            queues.entry(queue).or_default().push(format!("${{{id}.Arn}}"));
            assert!(target["RetryPolicy"]["MaximumRetryAttempts"].is_u64(), "{id}");
        }
    }
    // A failed sync is of no use to anybody after the next one, and would hide a refresh that failed.
    let expected = [
        (
            "EventDeadLetterQueue",
            vec![
                "${RefreshRequestedRule.Arn}",
                "${RefreshScheduleRule.Arn}",
                "${RefreshScheduleRule.Arn}",
                "${TranscriptRule.Arn}",
            ],
        ),
        ("SyncDeadLetterQueue", vec!["${CopyScheduleRule.Arn}", "${SyncScheduleRule.Arn}"]),
    ];
    let expected = expected
        .map(|(queue, rules)| (format!("${{{queue}.Arn}}"), rules.into_iter().map(str::to_owned).collect::<Vec<_>>()));
    assert_eq!(queues, BTreeMap::from(expected));
    // Each queue takes what comes of its rules, and of nobody else.
    for (queue, mut rules) in queues {
        rules.dedup();
        let id = reference(&queue).unwrap();
        let policy = &TEMPLATE.document.resource(&format!("{id}Policy")).unwrap()["Properties"];
        assert_eq!(policy["Queues"], json!([{"Ref": id}]));
        let [statement] = policy["PolicyDocument"]["Statement"].as_array().unwrap().as_slice() else {
            panic!("{id}: there must be one statement")
        };
        assert_eq!(TemplateDocument::text(&statement["Resource"]).unwrap(), queue);
        let sources = statement["Condition"]["ArnEquals"]["aws:SourceArn"].as_array().unwrap();
        let mut sources: Vec<String> = sources.iter().map(|source| TemplateDocument::text(source).unwrap()).collect();
        sources.sort();
        assert_eq!(sources, rules, "{id}");
    }
}

#[test]
fn every_route_has_an_event_to_try_it_with() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    let mut keys = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let event = event(name.strip_suffix(".json").unwrap());
        if event["version"] != "2.0" {
            continue;
        }
        let key = event["routeKey"].as_str().unwrap().to_owned();
        let route = TEMPLATE.routes.iter().find(|route| route.key() == key);
        let route = route.unwrap_or_else(|| panic!("{name}: {key} is no route"));
        assert!(name.starts_with(&route.function), "{name} goes to {}", route.function);
        assert_eq!(event["requestContext"]["routeKey"], key.as_str(), "{name}");
        let id = event["pathParameters"]["id"].as_str().unwrap_or_default();
        let reply = event["pathParameters"]["reply_id"].as_str().unwrap_or_default();
        let attachment = event["pathParameters"]["attachment_id"].as_str().unwrap_or_default();
        let message = event["pathParameters"]["message_id"].as_str().unwrap_or_default();
        let path = route.path.replace("{id}", id).replace("{reply_id}", reply).replace("{attachment_id}", attachment);
        let rest = event["pathParameters"]["path"].as_str().unwrap_or_default();
        let path = path.replace("{message_id}", message).replace("{path+}", rest);
        assert_eq!(event["rawPath"], path, "{name}");
        assert_eq!(event["requestContext"]["http"]["method"], route.method, "{name}");
        assert_eq!(event["requestContext"]["http"]["path"], event["rawPath"], "{name}");
        keys.insert(key);
    }
    let routes: BTreeSet<String> = TEMPLATE.routes.iter().map(|route| route.key()).collect();
    assert_eq!(keys, routes);
}

/// The event in `tests/events/<name>.json`.
fn event(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("events/{name}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn no_delivery_of_a_refresh_comes_after_it_counts_as_lost() {
    let rule = rule("refresh-catalog");
    let rule = TEMPLATE.document.resource(&rule.logical_id).unwrap();
    let config = TEMPLATE.document.resource("RefreshCatalogInvokeConfig").unwrap();
    let age = |of: &Value| of["MaximumEventAgeInSeconds"].as_u64().unwrap();
    let waits_s = age(&rule["Properties"]["Targets"][0]["RetryPolicy"]) + age(&config["Properties"]);
    let run_s = TEMPLATE.function("refresh-catalog").unwrap().timeout.as_secs();
    let lost_after_s = u64::try_from(RefreshRun::LOST_AFTER_MS).unwrap() / 1000;
    assert!(waits_s + run_s <= lost_after_s, "{waits_s} s and a run of {run_s} s");
}

#[test]
fn an_event_whose_run_fails_goes_to_a_queue() {
    let queues = [
        ("CopyAttachments", "SyncDeadLetterQueue"),
        ("ManageAccounts", "EventDeadLetterQueue"),
        ("RefreshCatalog", "EventDeadLetterQueue"),
        ("SyncTickets", "SyncDeadLetterQueue"),
        ("WriteTranscripts", "EventDeadLetterQueue"),
    ];
    for (function, queue) in queues {
        let config = TEMPLATE.document.resource(&format!("{function}InvokeConfig")).unwrap();
        let properties = &config["Properties"];
        assert_eq!(properties["FunctionName"]["Ref"], format!("{function}Function"));
        // What is set for `$LATEST` does not hold for calls of the alias.
        assert_eq!(properties["Qualifier"], "live");
        assert_eq!(config["DependsOn"], format!("{function}FunctionAliaslive"));
        let destination = &properties["DestinationConfig"]["OnFailure"]["Destination"];
        assert_eq!(destination["Fn::GetAtt"][0], queue);
    }
}
