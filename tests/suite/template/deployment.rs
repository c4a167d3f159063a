//! How a new version takes over: everything calls the alias, and alarms take it back.

use std::collections::BTreeSet;

use local::template::TemplateDocument;
use serde_json::{Value, json};

use super::{FUNCTIONS, TEMPLATE, camel_case};

fn function(package: &str) -> &'static Value {
    &TEMPLATE.document.resource(&format!("{}Function", camel_case(package))).unwrap()["Properties"]
}

#[test]
fn a_version_takes_over_step_by_step_unless_a_parameter_says_at_once() {
    let preference = TEMPLATE.document.at("/Globals/Function/DeploymentPreference").unwrap();
    let expected = json!({
        "Type": {"Ref": "DeploymentPreference"},
        "Role": {"Fn::GetAtt": ["CodeDeployRole", "Arn"]},
    });
    assert_eq!(*preference, expected);
    let parameter = TEMPLATE.document.at("/Parameters/DeploymentPreference").unwrap();
    assert_eq!(parameter["Default"], "Canary10Percent5Minutes");
    // Names of CodeDeploy's own configurations, which SAM puts `CodeDeployDefault.Lambda` before.
    let mut known: BTreeSet<String> = ["Canary10Percent5Minutes", "AllAtOnce"].map(str::to_owned).into();
    known.extend([10, 15, 30].map(|minutes| format!("Canary10Percent{minutes}Minutes")));
    known.insert("Linear10PercentEvery1Minute".to_owned());
    known.extend([2, 3, 10].map(|minutes| format!("Linear10PercentEvery{minutes}Minutes")));
    let allowed = parameter["AllowedValues"].as_array().unwrap().iter().filter_map(Value::as_str);
    assert_eq!(allowed.map(str::to_owned).collect::<BTreeSet<_>>(), known);
}

#[test]
fn its_own_errors_and_defects_take_a_version_back() {
    for package in FUNCTIONS {
        let errors = format!("{}ErrorsAlarm", camel_case(package));
        // A stack that is watched minimally has no alarm of the function.
        let of_function = json!({"Fn::If": ["WatchesFully", {"Ref": errors}, {"Ref": "ApiErrorsAlarm"}]});
        let alarms = json!({"Fn::If": [
            "ShiftsGradually",
            [of_function, {"Ref": "DefectsAlarm"}],
            [{"Ref": "AWS::NoValue"}],
        ]});
        // While two versions of the desk answer, a page of one asks the other for its files.
        let expected = if package == "serve-desk" { json!({"Type": "AllAtOnce"}) } else { json!({"Alarms": alarms}) };
        assert_eq!(function(package)["DeploymentPreference"], expected, "{package}");
        // No longer than the shortest canary. CloudWatch evaluates the last `Period` seconds once a minute.
        for id in [errors.as_str(), "DefectsAlarm"] {
            let alarm = &TEMPLATE.document.resource(id).unwrap()["Properties"];
            let (period, periods) = (alarm["Period"].as_u64().unwrap(), alarm["EvaluationPeriods"].as_u64());
            assert!(period <= 300 && periods == Some(1), "{id}");
            assert!(alarm.get("EvaluationWindow").is_none(), "{id}: the window slides");
        }
    }
    let gradually = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "DeploymentPreference"}, "AllAtOnce"]}]});
    assert_eq!(TEMPLATE.document.at("/Conditions/ShiftsGradually"), Some(&gradually));
}

#[test]
fn codedeploy_may_move_these_aliases_and_read_alarms() {
    let role = &TEMPLATE.document.resource("CodeDeployRole").unwrap()["Properties"];
    assert!(role.get("ManagedPolicyArns").is_none());
    let trust = &role["AssumeRolePolicyDocument"]["Statement"];
    let codedeploy = json!([{
        "Effect": "Allow",
        "Principal": {"Service": "codedeploy.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }]);
    assert_eq!(*trust, codedeploy);
    let [policy] = role["Policies"].as_array().unwrap().as_slice() else { panic!("there must be one policy") };
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    let [aliases, alarms] = statements.as_slice() else { panic!("there must be two statements") };
    assert_eq!((&aliases["Effect"], &alarms["Effect"]), (&json!("Allow"), &json!("Allow")));
    let actions = json!(["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]);
    assert_eq!(aliases["Action"], actions);
    let resources = aliases["Resource"].as_array().unwrap().iter().map(|one| {
        // That of the desk is there only with it.
        let one = if one["Fn::If"][0] == "ServesDesk" { &one["Fn::If"][1] } else { one };
        TemplateDocument::text(one).unwrap()
    });
    let expected = FUNCTIONS.iter().flat_map(|package| {
        let arn = format!("${{{}Function.Arn}}", camel_case(package));
        [format!("{arn}:live"), arn]
    });
    assert_eq!(resources.collect::<BTreeSet<_>>(), expected.collect());
    assert_eq!(alarms["Action"], "cloudwatch:DescribeAlarms");
    let all = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*";
    assert_eq!(TemplateDocument::text(&alarms["Resource"]).unwrap(), all);
}

/// Elsewhere a function stands for itself: as the dimension of a metric, or as whose setting it is.
#[test]
fn whoever_calls_a_function_calls_its_alias() {
    let kinds = [
        ("AWS::ApiGatewayV2::Integration", "/Properties/IntegrationUri"),
        ("AWS::Lambda::EventSourceMapping", "/Properties/FunctionName"),
        ("AWS::Lambda::Permission", "/Properties/FunctionName"),
    ];
    let mut called: Vec<(&str, &Value)> = Vec::new();
    for (kind, place) in kinds {
        called.extend(TEMPLATE.document.resources_of(kind).map(|(id, one)| (id, one.pointer(place).unwrap())));
    }
    for (id, rule) in TEMPLATE.document.resources_of("AWS::Events::Rule") {
        let targets = rule["Properties"]["Targets"].as_array().unwrap();
        called.extend(targets.iter().map(|target| (id, &target["Arn"])));
    }
    let aliases: BTreeSet<String> =
        TEMPLATE.functions.iter().map(|function| format!("{}.Alias", function.logical_id)).collect();
    for (id, value) in &called {
        let name = value["Ref"].as_str().unwrap_or_else(|| panic!("{id}: {value}"));
        assert!(aliases.contains(name), "{id}: {name}");
        assert_eq!(value.as_object().unwrap().len(), 1, "{id}");
    }
    let reached: BTreeSet<String> = called.iter().map(|(_, value)| value["Ref"].as_str().unwrap().to_owned()).collect();
    assert_eq!(reached, aliases, "called / functions");
}
