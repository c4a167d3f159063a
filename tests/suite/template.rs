//! What `infra/template.yaml` must say: the limits of the design, and what the code relies on.

mod alarms;
mod api;
mod bus;
mod code;
mod concurrency;
mod deployer;
mod deployment;
mod desk;
mod files;
mod grants;
mod network;
mod parameters;
mod policies;
mod queues;
mod rules;
mod stream;
mod table;
mod versions;
mod watching;
mod written_keys;

use std::{path::Path, sync::LazyLock};

use local::template::Template;

/// The environment of every function.
const ENVIRONMENT: [&str; 7] = [
    "ALLOW_LOOPBACK_ENDPOINTS",
    "CURSOR_KEY",
    "EVENT_BUS_NAME",
    "METRICS_NAMESPACE",
    "RUST_LOG",
    "SECRETS_PREFIX",
    "TABLE_NAME",
];

/// The functions, by package.
const FUNCTIONS: [&str; 14] = [
    "close-ticket",
    "copy-attachments",
    "create-ticket",
    "manage-accounts",
    "publish-events",
    "query-catalog",
    "query-tickets",
    "refresh-catalog",
    "reply-ticket",
    "resolve-outcome",
    "serve-desk",
    "sync-tickets",
    "update-statistics",
    "write-transcripts",
];

/// The functions that read whole conversations and catalogs, whatever memory the others have.
const LARGE: [&str; 5] = ["close-ticket", "copy-attachments", "refresh-catalog", "sync-tickets", "write-transcripts"];

/// What a function has in its environment besides.
const OWN_ENVIRONMENT: [(&str, &str, &str); 16] = [
    ("close-ticket", "AUDIT_RETENTION_DAYS", "${AuditRetentionDays}"),
    ("create-ticket", "AUDIT_RETENTION_DAYS", "${AuditRetentionDays}"),
    ("manage-accounts", "AUDIT_RETENTION_DAYS", "${AuditRetentionDays}"),
    ("refresh-catalog", "AUDIT_RETENTION_DAYS", "${AuditRetentionDays}"),
    ("reply-ticket", "AUDIT_RETENTION_DAYS", "${AuditRetentionDays}"),
    ("resolve-outcome", "AUDIT_RETENTION_DAYS", "${AuditRetentionDays}"),
    ("copy-attachments", "FILES_BUCKET", "${Files}"),
    ("copy-attachments", "MAX_ATTACHMENT_MIB", "${MaxAttachmentMiB}"),
    ("create-ticket", "FILES_BUCKET", "${Files}"),
    ("create-ticket", "MAX_ATTACHMENT_MIB", "${MaxAttachmentMiB}"),
    ("copy-attachments", "RETENTION_DAYS", "${RetentionDays}"),
    ("query-tickets", "FILES_BUCKET", "${Files}"),
    ("write-transcripts", "FILES_BUCKET", "${Files}"),
    ("publish-events", "DEAD_LETTER_QUEUE_URL", "${StreamDeadLetterQueue}"),
    ("reply-ticket", "FILES_BUCKET", "${Files}"),
    ("serve-desk", "FILES_ORIGIN", "https://${Files.RegionalDomainName}"),
];

/// The template.
pub static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/template.yaml");
    Template::read(&path).unwrap()
});

#[test]
fn functions_are_named_after_their_packages() {
    let mut packages: Vec<&str> = TEMPLATE.functions.iter().map(|function| function.package.as_str()).collect();
    packages.sort_unstable();
    assert_eq!(packages, FUNCTIONS);
    for function in &TEMPLATE.functions {
        assert_eq!(function.logical_id, format!("{}Function", camel_case(&function.package)));
        let resource = TEMPLATE.document.resource(&function.logical_id).unwrap();
        assert_eq!(resource["Properties"]["CodeUri"], format!("../functions/{}", function.package));
        assert_eq!(resource["Metadata"]["BuildMethod"], "rust-cargolambda");
    }
}

#[test]
fn functions_run_on_the_same_processor_with_the_same_environment() {
    for function in &TEMPLATE.functions {
        assert_eq!(function.runtime, "provided.al2023", "{}", function.package);
        assert_eq!(function.architectures, ["${Architecture}"], "{}", function.package);
        let is_large = LARGE.contains(&function.package.as_str());
        assert_eq!(function.memory_mb, if is_large { 512 } else { 256 }, "{}", function.package);
        let resource = TEMPLATE.document.resource(&function.logical_id).unwrap();
        assert_eq!(resource["Properties"].get("MemorySize").is_some(), is_large, "{}", function.package);
        let value = |name: &str| function.environment[name].as_str();
        let mut expected = ENVIRONMENT.to_vec();
        for (_, name, set) in OWN_ENVIRONMENT.iter().filter(|(package, ..)| *package == function.package) {
            expected.push(*name);
            assert_eq!(value(name), *set, "{}", function.package);
        }
        expected.sort_unstable();
        let names: Vec<&str> = function.environment.keys().map(String::as_str).collect();
        assert_eq!(names, expected, "{}", function.package);
        assert_eq!(value("TABLE_NAME"), "${Table}");
        assert_eq!(value("SECRETS_PREFIX"), "polydesk/${AWS::StackName}/account/");
        assert_eq!(value("EVENT_BUS_NAME"), "${EventBus}");
        assert_eq!(value("CURSOR_KEY"), "${AWS::StackId}");
        assert_eq!(value("ALLOW_LOOPBACK_ENDPOINTS"), "${AllowLoopbackEndpoints}");
        assert_eq!(value("METRICS_NAMESPACE"), "Polydesk/${AWS::StackName}");
    }
}

#[test]
fn loopback_endpoints_are_off_by_default() {
    let parameter = TEMPLATE.document.at("/Parameters/AllowLoopbackEndpoints").unwrap();
    assert_eq!(parameter["Default"], "false");
    assert_eq!(parameter["AllowedValues"], serde_json::json!(["true", "false"]));
    let deployments = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samconfig.toml");
    let deployments = std::fs::read_to_string(deployments).unwrap();
    assert!(!deployments.contains("AllowLoopbackEndpoints"), "no deployment on AWS enables it");
}

fn camel_case(name: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-').map(capital).collect()
}
