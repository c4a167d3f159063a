//! The policy of whoever deploys: it creates every resource of the stack, and nothing outside of it.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};

use super::TEMPLATE;

/// The most characters of the inline policies of a role, without white space.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MAX_INLINE_POLICY: usize = 10_240;

/// The actions that create each resource of the template, and those that SAM makes of it.
const CREATES: [(&str, &[&str]); 21] = [
    ("AWS::ApiGatewayV2::Api", &["apigateway:POST"]),
    ("AWS::ApiGatewayV2::Authorizer", &["apigateway:POST"]),
    ("AWS::ApiGatewayV2::Integration", &["apigateway:POST"]),
    ("AWS::ApiGatewayV2::Route", &["apigateway:POST"]),
    // The stage writes an access log.
    ("AWS::ApiGatewayV2::Stage", &["apigateway:POST", "logs:CreateLogDelivery"]),
    ("AWS::CloudWatch::Alarm", &["cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"]),
    ("AWS::CloudWatch::Dashboard", &["cloudwatch:PutDashboard"]),
    ("AWS::DynamoDB::Table", &["dynamodb:CreateTable", "dynamodb:UpdateTimeToLive"]),
    ("AWS::Events::EventBus", &["events:CreateEventBus"]),
    ("AWS::Events::EventBusPolicy", &["events:PutPermission"]),
    ("AWS::Events::Rule", &["events:PutRule", "events:PutTargets"]),
    ("AWS::IAM::Role", &["iam:CreateRole", "iam:PassRole", "iam:PutRolePolicy"]),
    ("AWS::Lambda::EventInvokeConfig", &["lambda:PutFunctionEventInvokeConfig"]),
    ("AWS::Lambda::EventSourceMapping", &["lambda:CreateEventSourceMapping"]),
    ("AWS::Lambda::Permission", &["lambda:AddPermission"]),
    ("AWS::Logs::LogGroup", &["logs:CreateLogGroup", "logs:PutRetentionPolicy"]),
    (
        "AWS::S3::Bucket",
        &[
            "s3:CreateBucket",
            "s3:PutBucketCORS",
            "s3:PutBucketObjectLockConfiguration",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
        ],
    ),
    ("AWS::S3::BucketPolicy", &["s3:PutBucketPolicy"]),
    ("AWS::SQS::Queue", &["sqs:CreateQueue"]),
    ("AWS::SQS::QueuePolicy", &["sqs:SetQueueAttributes"]),
    // With its version and alias, and the application of CodeDeploy and its groups.
    (
        "AWS::Serverless::Function",
        &[
            "codedeploy:CreateApplication",
            "codedeploy:CreateDeployment",
            "codedeploy:CreateDeploymentGroup",
            "lambda:CreateAlias",
            "lambda:CreateFunction",
            "lambda:PublishVersion",
            "lambda:PutFunctionConcurrency",
        ],
    ),
];

fn policy() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/deployer-policy.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn statements() -> Vec<Value> {
    policy()["Statement"].as_array().unwrap().clone()
}

/// A text or a list of texts, as a list.
fn texts(value: &Value) -> Vec<String> {
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    values.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_deployer_may_create_every_resource() {
    let kinds: BTreeSet<&str> =
        TEMPLATE.document.at("/Resources").and_then(Value::as_object).unwrap().values().map(kind).collect();
    assert_eq!(kinds, CREATES.iter().map(|(kind, _)| *kind).collect());
    let allowed: BTreeSet<String> = statements().iter().flat_map(|statement| texts(&statement["Action"])).collect();
    for (kind, actions) in CREATES {
        for action in actions {
            assert!(allowed.contains(*action), "{kind}: {action}");
        }
    }
}

fn kind(resource: &Value) -> &str {
    resource["Type"].as_str().unwrap()
}

#[test]
fn the_deployer_may_use_nothing_but_stacks_of_this_project() {
    for statement in statements() {
        assert_eq!(statement["Effect"], "Allow");
        for action in texts(&statement["Action"]) {
            assert!(!action.contains('*'), "{action}");
        }
        let id = statement["Sid"].as_str().unwrap();
        for resource in texts(&statement["Resource"]) {
            let has_name = resource.contains("polydesk") || resource.contains("aws-sam-cli-managed-default");
            let expected = match id {
                // The ids of these are random.
                "Api" => resource.starts_with("arn:aws:apigateway:*::/"),
                "StreamAndQueueOfFunctions" | "TagsOfStreamAndQueue" => resource.contains(":event-source-mapping:"),
                // Public ones of AWS.
                "Transform" => resource.ends_with(":aws:transform/Serverless-2016-10-31"),
                "Deployments" => has_name || resource.ends_with(":deploymentconfig:CodeDeployDefault.Lambda*"),
                "NewStreamAndQueueOfFunctions" | "WithoutResourceLevelPermissions" => resource == "*",
                _ => has_name,
            };
            assert!(expected, "{id}: {resource}");
        }
    }
}

/// Without a boundary, who may write the policies of a role and pass it to a function may do everything.
#[test]
fn the_deployer_makes_no_role_without_the_boundary() {
    let boundary = json!({"ArnLike": {"iam:PermissionsBoundary": "arn:aws:iam::*:policy/polydesk*"}});
    let services = json!(["codedeploy.amazonaws.com", "lambda.amazonaws.com"]);
    let passed = json!({"StringEquals": {"iam:PassedToService": services}});
    let mut conditions = Vec::new();
    for statement in statements() {
        for action in texts(&statement["Action"]) {
            let expected = match action.as_str() {
                "iam:CreateRole" | "iam:DeleteRolePolicy" | "iam:PutRolePermissionsBoundary" | "iam:PutRolePolicy" => {
                    &boundary
                }
                "iam:PassRole" => &passed,
                _ => continue,
            };
            assert_eq!(statement["Condition"], *expected, "{action}");
            conditions.push(action);
        }
    }
    assert_eq!(conditions.len(), 5, "{conditions:?}");
    let allowed: Vec<String> = statements().iter().flat_map(|statement| texts(&statement["Action"])).collect();
    for action in ["iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:DeleteRolePermissionsBoundary"] {
        assert!(!allowed.iter().any(|one| one == action), "{action}");
    }
}

#[test]
fn the_policy_fits_into_a_role() {
    let length = policy().to_string().chars().filter(|character| !character.is_whitespace()).count();
    assert!(length <= MAX_INLINE_POLICY, "{length}");
}
