//! The bus takes events of our source from the functions that publish, and from nobody else.

use std::collections::BTreeSet;

use local::template::TemplateDocument;
use serde_json::json;

use super::{TEMPLATE, camel_case};

#[test]
fn only_the_functions_that_publish_may_use_our_source() {
    let mut policies = TEMPLATE.document.resources_of("AWS::Events::EventBusPolicy");
    let (Some((_, policy)), None) = (policies.next(), policies.next()) else { panic!("there must be one policy") };
    let properties = &policy["Properties"];
    assert_eq!(properties["EventBusName"], json!({"Ref": "EventBus"}));
    let statement = &properties["Statement"];
    assert_eq!((&statement["Effect"], &statement["Principal"]), (&json!("Deny"), &json!("*")));
    assert_eq!(statement["Action"], "events:PutEvents");
    assert_eq!(TemplateDocument::text(&statement["Resource"]).unwrap(), "${EventBus.Arn}");
    let conditions = statement["Condition"].as_object().unwrap();
    assert_eq!(conditions.len(), 2, "{conditions:?}");
    // A request has up to ten events: one of them is enough.
    assert_eq!(conditions["ForAnyValue:StringEquals"], json!({"events:source": "polydesk"}));
    // The ARN of the role, whatever the session of the function is called.
    let roles = conditions["ArnNotEquals"]["aws:PrincipalArn"].as_array().unwrap().iter();
    let roles: BTreeSet<String> = roles.map(|role| TemplateDocument::text(role).unwrap()).collect();
    let publishes = TEMPLATE.functions.iter().filter(|function| {
        let mut actions = function.statements.iter().flat_map(|statement| &statement.actions);
        actions.any(|action| action == "events:PutEvents")
    });
    let expected = publishes.map(|function| format!("${{{}Role.Arn}}", camel_case(&function.package)));
    assert_eq!(roles, expected.collect());
}
