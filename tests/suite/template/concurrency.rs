//! How many runs of a function there may be at once: what calls vendors must not flood them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::TEMPLATE;

/// What is set aside for each function that calls vendors.
fn reserved() -> BTreeMap<&'static str, Value> {
    let by_parameter = json!({"Ref": "ReservedConcurrency"});
    let for_callers =
        ["close-ticket", "create-ticket", "manage-accounts", "query-tickets", "reply-ticket", "resolve-outcome"];
    let mut reserved: BTreeMap<_, _> = for_callers.map(|name| (name, by_parameter.clone())).into();
    reserved.insert("sync-tickets", json!(2));
    reserved.insert("refresh-catalog", json!(5));
    reserved.insert("copy-attachments", json!(2));
    reserved
}

#[test]
fn what_calls_vendors_has_a_reservation() {
    let mut expected = reserved();
    for function in &TEMPLATE.functions {
        let resource = TEMPLATE.document.resource(&function.logical_id).unwrap();
        let found = resource["Properties"].get("ReservedConcurrentExecutions").cloned();
        let reserved = expected.remove(function.package.as_str());
        let chosen = reserved.map(|number| json!({"Fn::If": ["ReservesConcurrency", number, {"Ref": "AWS::NoValue"}]}));
        assert_eq!(found, chosen, "{}", function.package);
        // Without keys nobody calls a vendor.
        let touches_keys = function.statements.iter().flat_map(|statement| &statement.actions);
        let touches_keys = touches_keys.into_iter().any(|action| action.starts_with("secretsmanager:"));
        assert_eq!(touches_keys, found.is_some(), "{}", function.package);
    }
    assert!(expected.is_empty(), "{expected:?}");
}

#[test]
fn reservations_can_be_left_out_in_a_small_aws_account() {
    let parameter = TEMPLATE.document.at("/Parameters/ReservedConcurrency").unwrap();
    assert_eq!((&parameter["Type"], &parameter["MinValue"]), (&json!("Number"), &json!(0)));
    let none = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "ReservedConcurrency"}, "0"]}]});
    assert_eq!(TEMPLATE.document.at("/Conditions/ReservesConcurrency"), Some(&none));
    // By default the vendors are protected.
    assert!(parameter["Default"].as_u64().unwrap() > 0);
}

#[test]
fn parked_events_come_two_at_a_time() {
    let redrive = TEMPLATE.document.resource("PublishEventsRedrive").unwrap();
    assert_eq!(redrive["Properties"]["ScalingConfig"], json!({"MaximumConcurrency": 2}));
}
