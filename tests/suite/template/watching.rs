//! What a stack has that is watched minimally: all alarms but those of single functions, and no dashboard.

use std::collections::BTreeSet;

use serde_json::json;

use super::{FUNCTIONS, TEMPLATE, camel_case};

#[test]
fn minimal_watching_leaves_out_the_dashboard_and_the_alarms_of_single_functions() {
    let mut expected = BTreeSet::from(["Dashboard".to_owned()]);
    for function in FUNCTIONS {
        expected.extend(["Errors", "Throttles"].map(|metric| format!("{}{metric}Alarm", camel_case(function))));
    }
    // Those of the desk are there only with it.
    let condition = |id: &str| if id.starts_with("ServeDesk") { "WatchesDesk" } else { "WatchesFully" };
    let found = |kind| TEMPLATE.document.resources_of(kind).filter(|(id, one)| one["Condition"] == condition(id));
    let alarms = found("AWS::CloudWatch::Alarm").chain(found("AWS::CloudWatch::Dashboard"));
    assert_eq!(alarms.map(|(id, _)| id.to_owned()).collect::<BTreeSet<_>>(), expected);
    for (id, alarm) in TEMPLATE.document.resources_of("AWS::CloudWatch::Alarm") {
        assert_eq!(alarm.get("Condition").is_some(), expected.contains(id), "{id}");
    }
}

#[test]
fn a_stack_is_watched_fully_unless_a_parameter_says_otherwise() {
    let parameter = TEMPLATE.document.at("/Parameters/Watching").unwrap();
    assert_eq!((&parameter["Default"], &parameter["AllowedValues"]), (&json!("full"), &json!(["full", "minimal"])));
    let full = json!({"Fn::Equals": [{"Ref": "Watching"}, "full"]});
    assert_eq!(TEMPLATE.document.at("/Conditions/WatchesFully"), Some(&full));
    let both = json!({"Fn::And": [{"Condition": "ServesDesk"}, {"Condition": "WatchesFully"}]});
    assert_eq!(TEMPLATE.document.at("/Conditions/WatchesDesk"), Some(&both));
}
