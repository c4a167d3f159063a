//! What each function may do, who may call it, and where it logs.

use std::collections::{BTreeMap, BTreeSet};

use local::template::{LambdaFunction, Statement, TemplateDocument};
use serde_json::json;

use super::{TEMPLATE, camel_case};

const TABLE: &str = "${Table.Arn}";
const GSI1: &str = "${Table.Arn}/index/GSI1";
const GSI2: &str = "${Table.Arn}/index/GSI2";
const GSI3: &str = "${Table.Arn}/index/GSI3";
const BUS: &str = "${EventBus.Arn}";
const QUEUE: &str = "${EventDeadLetterQueue.Arn}";
const SYNC_QUEUE: &str = "${SyncDeadLetterQueue.Arn}";
const FILES: &str = "${Files.Arn}/attachments/*";
const BUCKET: &str = "${Files.Arn}";
const TRANSCRIPTS: &str = "${Files.Arn}/transcripts/*";
const UPLOADS: &str = "${Files.Arn}/uploads/*";
const STREAM: &str = "${Table.StreamArn}";
const STREAM_QUEUE: &str = "${StreamDeadLetterQueue.Arn}";
const STATISTICS_QUEUE: &str = "${StatisticsDeadLetterQueue.Arn}";
const SECRETS: &str = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:\
                       polydesk/${AWS::StackName}/account/*";

/// What each function may do, and where, logs apart.
const ALLOWED: [(&str, &[&str], &str); 73] = [
    ("close-ticket", &["GetItem", "Query"], TABLE),
    ("close-ticket", &["BatchWriteItem", "ConditionCheckItem", "DeleteItem", "UpdateItem"], TABLE),
    ("close-ticket", &["PutItem"], TABLE),
    ("close-ticket", &["GetSecretValue"], SECRETS),
    ("copy-attachments", &["GetItem", "Query"], TABLE),
    ("copy-attachments", &["BatchWriteItem", "ConditionCheckItem", "PutItem", "UpdateItem"], TABLE),
    ("copy-attachments", &["Query"], GSI2),
    ("copy-attachments", &["Query"], GSI3),
    ("copy-attachments", &["AbortMultipartUpload", "PutObject"], FILES),
    ("copy-attachments", &["ListBucketVersions"], BUCKET),
    ("copy-attachments", &["DeleteObject", "DeleteObjectVersion"], FILES),
    ("copy-attachments", &["DeleteObject", "DeleteObjectVersion"], TRANSCRIPTS),
    ("copy-attachments", &["GetSecretValue"], SECRETS),
    ("copy-attachments", &["SendMessage"], SYNC_QUEUE),
    ("create-ticket", &["BatchGetItem", "GetItem", "Query"], TABLE),
    ("create-ticket", &["ConditionCheckItem", "DeleteItem", "UpdateItem"], TABLE),
    ("create-ticket", &["PutItem"], TABLE),
    ("create-ticket", &["Query"], GSI1),
    ("create-ticket", &["GetObject", "PutObject"], UPLOADS),
    ("create-ticket", &["GetSecretValue"], SECRETS),
    ("manage-accounts", &["GetItem"], TABLE),
    ("manage-accounts", &["DeleteItem", "UpdateItem"], TABLE),
    ("manage-accounts", &["PutItem"], TABLE),
    ("manage-accounts", &["Query"], GSI1),
    ("manage-accounts", &["Query"], GSI3),
    ("manage-accounts", &["CreateSecret", "GetSecretValue", "PutSecretValue"], SECRETS),
    ("manage-accounts", &["DeleteSecret"], SECRETS),
    ("manage-accounts", &["PutEvents"], BUS),
    ("manage-accounts", &["SendMessage"], QUEUE),
    ("publish-events", &["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"], STREAM),
    ("publish-events", &["PutEvents"], BUS),
    ("publish-events", &["DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage"], STREAM_QUEUE),
    ("query-catalog", &["GetItem", "Query"], TABLE),
    ("query-catalog", &["Query"], GSI1),
    ("query-tickets", &["GetItem", "Query"], TABLE),
    ("query-tickets", &["BatchWriteItem", "ConditionCheckItem", "PutItem", "UpdateItem"], TABLE),
    ("query-tickets", &["Query"], GSI1),
    ("query-tickets", &["Query"], GSI2),
    ("query-tickets", &["Query"], GSI3),
    ("query-tickets", &["GetObject"], FILES),
    ("query-tickets", &["GetObject"], TRANSCRIPTS),
    ("query-tickets", &["GetSecretValue"], SECRETS),
    ("refresh-catalog", &["GetItem", "Query"], TABLE),
    ("refresh-catalog", &["BatchWriteItem", "UpdateItem"], TABLE),
    ("refresh-catalog", &["PutItem"], TABLE),
    ("refresh-catalog", &["Query"], GSI1),
    ("refresh-catalog", &["GetSecretValue"], SECRETS),
    ("refresh-catalog", &["PutEvents"], BUS),
    ("refresh-catalog", &["SendMessage"], QUEUE),
    ("reply-ticket", &["GetItem", "Query"], TABLE),
    ("reply-ticket", &["DeleteItem", "UpdateItem"], TABLE),
    ("reply-ticket", &["PutItem"], TABLE),
    ("reply-ticket", &["GetObject"], UPLOADS),
    ("reply-ticket", &["GetSecretValue"], SECRETS),
    ("resolve-outcome", &["GetItem", "Query"], TABLE),
    ("resolve-outcome", &["ConditionCheckItem", "DeleteItem", "UpdateItem"], TABLE),
    ("resolve-outcome", &["PutItem"], TABLE),
    ("resolve-outcome", &["GetSecretValue"], SECRETS),
    ("sync-tickets", &["BatchGetItem", "GetItem", "Query"], TABLE),
    ("sync-tickets", &["BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"], TABLE),
    ("sync-tickets", &["Query"], GSI1),
    ("sync-tickets", &["Query"], GSI2),
    ("sync-tickets", &["Query"], GSI3),
    ("sync-tickets", &["GetSecretValue"], SECRETS),
    ("sync-tickets", &["SendMessage"], SYNC_QUEUE),
    ("update-statistics", &["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"], STREAM),
    ("update-statistics", &["BatchGetItem", "GetItem", "Query"], TABLE),
    ("update-statistics", &["BatchWriteItem", "ConditionCheckItem", "PutItem", "UpdateItem"], TABLE),
    ("update-statistics", &["Query"], GSI2),
    ("update-statistics", &["SendMessage"], STATISTICS_QUEUE),
    ("write-transcripts", &["BatchGetItem", "GetItem", "Query"], TABLE),
    ("write-transcripts", &["PutObject"], TRANSCRIPTS),
    ("write-transcripts", &["SendMessage"], QUEUE),
];

#[test]
fn every_function_may_do_just_this() {
    let allowed: BTreeSet<(String, Vec<String>, String)> = TEMPLATE
        .functions
        .iter()
        .flat_map(|function| function.statements.iter().map(move |statement| (function, statement)))
        .filter(|(_, statement)| service(statement) != "logs")
        .flat_map(|(function, statement)| {
            let actions = operations(statement);
            let to_row = move |resource: &String| (function.package.clone(), actions.clone(), resource.clone());
            statement.resources.iter().map(to_row)
        })
        .collect();
    let to_row = |(function, actions, resource): &(&str, &[&str], &str)| {
        ((*function).to_owned(), actions.iter().map(|a| (*a).to_owned()).collect(), (*resource).to_owned())
    };
    let expected: BTreeSet<(String, Vec<String>, String)> = ALLOWED.iter().map(to_row).collect();
    assert_eq!(allowed, expected);
}

#[test]
fn keys_are_not_deleted_without_days_to_bring_them_back() {
    let conditions = statements().filter(|(_, statement)| !statement.condition.is_null());
    let conditions: Vec<_> = conditions.filter(|(_, statement)| service(statement) != "dynamodb").collect();
    let [(function, statement)] = conditions.as_slice() else { panic!("{conditions:?}") };
    assert_eq!((function.package.as_str(), operations(statement)), ("manage-accounts", vec!["DeleteSecret".into()]));
    // The function's request does not have it, and whether AWS then takes it for false is not written down.
    let not_forced = json!({"BoolIfExists": {"secretsmanager:ForceDeleteWithoutRecovery": "false"}});
    assert_eq!(statement.condition, not_forced);
}

#[test]
fn no_policy_has_a_wildcard_but_the_end_of_a_prefix() {
    for (function, statement) in statements() {
        for action in &statement.actions {
            assert!(!action.contains('*'), "{}: {action}", function.package);
        }
        let prefixes = [SECRETS, FILES, TRANSCRIPTS, UPLOADS];
        for resource in statement.resources.iter().filter(|resource| !prefixes.contains(&resource.as_str())) {
            assert!(!resource.contains('*'), "{}: {resource}", function.package);
        }
    }
    // A policy elsewhere would go past the roles that are read above.
    let kinds = ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy"];
    for kind in kinds {
        assert_eq!(TEMPLATE.document.resources_of(kind).count(), 0, "{kind}");
    }
    // The one besides the functions' own: `deployment.rs`.
    let roles = TEMPLATE.document.resources_of("AWS::IAM::Role").map(|(id, _)| id);
    let of_functions = TEMPLATE.functions.iter().map(|function| format!("{}Role", camel_case(&function.package)));
    let expected: BTreeSet<String> = of_functions.chain(["CodeDeployRole".to_owned()]).collect();
    assert_eq!(roles.map(str::to_owned).collect::<BTreeSet<_>>(), expected);
}

#[test]
fn every_action_belongs_to_the_service_of_its_resource() {
    for (function, statement) in statements() {
        let log_group = format!("${{{}.Arn}}", function.log_group);
        let expected = match statement.resources[0].as_str() {
            TABLE | GSI1 | GSI2 | GSI3 | STREAM => "dynamodb",
            SECRETS => "secretsmanager",
            BUS => "events",
            QUEUE | STATISTICS_QUEUE | STREAM_QUEUE | SYNC_QUEUE => "sqs",
            BUCKET | FILES | TRANSCRIPTS | UPLOADS => "s3",
            resource if resource == log_group => "logs",
            resource => panic!("{}: {resource}", function.package),
        };
        for action in &statement.actions {
            assert_eq!(action.split(':').next(), Some(expected), "{}", function.package);
        }
    }
}

#[test]
fn every_function_and_the_api_keep_logs_for_a_set_time() {
    let mut log_groups = BTreeSet::new();
    for function in &TEMPLATE.functions {
        let may_write = statements().any(|(of, statement)| {
            of.package == function.package
                && statement.resources == [format!("${{{}.Arn}}", function.log_group)]
                && operations(statement) == ["CreateLogStream", "PutLogEvents"]
        });
        assert!(may_write, "{}", function.package);
        log_groups.insert(function.log_group.as_str());
    }
    log_groups.insert("HttpApiLogGroup");
    assert_eq!(log_groups.len(), TEMPLATE.functions.len() + 1);
    for (id, log_group) in TEMPLATE.document.resources_of("AWS::Logs::LogGroup") {
        assert!(log_groups.remove(id), "{id} is nobody's");
        assert_eq!(log_group["Properties"]["RetentionInDays"], json!({"Ref": "LogRetentionDays"}), "{id}");
    }
    assert!(log_groups.is_empty());
}

#[test]
fn whoever_calls_a_function_is_permitted_to() {
    let mut permissions = BTreeMap::new();
    for (id, permission) in TEMPLATE.document.resources_of("AWS::Lambda::Permission") {
        let properties = &permission["Properties"];
        assert_eq!(properties["Action"], "lambda:InvokeFunction", "{id}");
        let text = |name: &str| TemplateDocument::text(&properties[name]).unwrap();
        let twice = permissions.insert((text("FunctionName"), text("SourceArn")), text("Principal"));
        assert_eq!(twice, None, "{id}");
    }
    let api = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}/*";
    let calls_by_api = TEMPLATE.routes.iter().map(|route| (route.function.as_str(), api.to_owned(), "apigateway"));
    let rules = TEMPLATE.rules.iter().map(|rule| (&rule.logical_id, &rule.targets));
    let schedules = TEMPLATE.schedules.iter().map(|schedule| (&schedule.logical_id, &schedule.targets));
    let calls_by_rule = rules.chain(schedules).flat_map(|(id, targets)| {
        targets.iter().map(move |target| (target.as_str(), format!("${{{id}.Arn}}"), "events"))
    });
    let expected: BTreeMap<(String, String), String> = calls_by_api
        .chain(calls_by_rule)
        .map(|(package, source, principal)| {
            let alias = format!("${{{}.Alias}}", TEMPLATE.function(package).unwrap().logical_id);
            ((alias, source), format!("{principal}.amazonaws.com"))
        })
        .collect();
    assert_eq!(permissions, expected);
}

pub(super) fn statements() -> impl Iterator<Item = (&'static LambdaFunction, &'static Statement)> {
    TEMPLATE.functions.iter().flat_map(|function| function.statements.iter().map(move |s| (function, s)))
}

pub(super) fn service(statement: &Statement) -> &str {
    statement.actions[0].split(':').next().unwrap()
}

/// The actions without their service, sorted.
pub(super) fn operations(statement: &Statement) -> Vec<String> {
    let mut operations: Vec<String> =
        statement.actions.iter().filter_map(|action| Some(action.split_once(':')?.1.to_owned())).collect();
    operations.sort();
    operations
}
