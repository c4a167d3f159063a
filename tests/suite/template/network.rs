//! The roles' boundary and the functions' VPC, both set by parameters.

use local::template::TemplateDocument;
use serde_json::{Value, json};

use super::TEMPLATE;

/// Of AWS's managed policy `AWSLambdaVPCAccessExecutionRole`, without the logs.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
const OF_NETWORK_INTERFACES: [&str; 6] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

fn is_set(parameter: &str) -> Value {
    json!({"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]})
}

fn if_set(condition: &str, value: &Value) -> Value {
    json!({"Fn::If": [condition, value, {"Ref": "AWS::NoValue"}]})
}

#[test]
fn every_role_has_the_boundary_of_the_parameter() {
    let boundary = if_set("HasPermissionsBoundary", &json!({"Ref": "PermissionsBoundary"}));
    let mut roles = 0;
    for (id, role) in TEMPLATE.document.resources_of("AWS::IAM::Role") {
        assert_eq!(role["Properties"]["PermissionsBoundary"], boundary, "{id}");
        roles += 1;
    }
    assert_eq!(roles, TEMPLATE.functions.len() + 1);
    assert_eq!(TEMPLATE.document.at("/Conditions/HasPermissionsBoundary"), Some(&is_set("PermissionsBoundary")));
    assert_eq!(TEMPLATE.document.at("/Parameters/PermissionsBoundary/Default"), Some(&json!("")));
}

#[test]
fn functions_are_in_a_vpc_when_both_parameters_are_set() {
    let split = |parameter: &str| json!({"Fn::Split": [",", {"Ref": parameter}]});
    let (subnets, groups) = ("VpcSubnetIds", "VpcSecurityGroupIds");
    let config = json!({"SubnetIds": split(subnets), "SecurityGroupIds": split(groups)});
    assert_eq!(TEMPLATE.document.at("/Globals/Function/VpcConfig"), Some(&if_set("UsesVpc", &config)));
    let both = json!({"Fn::And": [is_set(subnets), is_set(groups)]});
    assert_eq!(TEMPLATE.document.at("/Conditions/UsesVpc"), Some(&both));
    for parameter in [subnets, groups] {
        assert_eq!(TEMPLATE.document.at(&format!("/Parameters/{parameter}/Default")), Some(&json!("")));
    }
    for function in &TEMPLATE.functions {
        let resource = TEMPLATE.document.resource(&function.logical_id).unwrap();
        assert!(resource["Properties"].get("VpcConfig").is_none(), "{}", function.package);
    }
}

#[test]
fn roles_may_make_network_interfaces_for_a_vpc_alone() {
    for function in &TEMPLATE.functions {
        let resource = TEMPLATE.document.resource(&function.logical_id).unwrap();
        let role = TemplateDocument::text(&resource["Properties"]["Role"]).unwrap();
        let role = TEMPLATE.document.resource(local::template::reference(&role).unwrap()).unwrap();
        let policies = role["Properties"]["Policies"].as_array().unwrap();
        let is_conditional = |policy: &&Value| policy.get("PolicyDocument").is_none();
        let conditional: Vec<&Value> = policies.iter().filter(is_conditional).collect();
        // Lambda sets the key for calls of the function's own code.
        let statement = json!({
            "Effect": "Allow",
            "Action": OF_NETWORK_INTERFACES,
            "Resource": "*",
            "Condition": {"Null": {"lambda:SourceFunctionArn": "true"}},
        });
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        let expected = if_set("UsesVpc", &json!({"PolicyName": "vpc", "PolicyDocument": document}));
        assert_eq!(conditional, [&expected], "{}", function.package);
    }
}
