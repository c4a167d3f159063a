//! Settings, read once when a process starts. [`Config::from_env`] is the only reader of the environment.

use std::time::Duration;

use crate::error::{Error, Result};

/// The CloudWatch namespace of the metrics where none is set.
pub const METRICS_NAMESPACE: &str = "Polydesk";

/// All settings of a function.
///
/// | variable | meaning | without it |
/// |---|---|---|
/// | `TABLE_NAME` | the DynamoDB table | error |
/// | `SECRETS_PREFIX` | start of the names of account secrets, for example `polydesk/prod/account/` | error |
/// | `EVENT_BUS_NAME` | the EventBridge bus | error |
/// | `CURSOR_KEY` | key of the checksum in list cursors; not a secret, but not to be guessed | error |
/// | `ALLOW_LOOPBACK_ENDPOINTS` | `true`: accounts may have an endpoint such as `http://127.0.0.1:port` | `false` |
/// | `SETTLE_TIME_MS` | how long a vendor's list may lag behind its writes, milliseconds | 960000 |
/// | `KEYS_MAX_AGE_MS` | how long account keys are used before they are read again, milliseconds | 300000 |
/// | `METRICS_NAMESPACE` | CloudWatch namespace of the metrics, a different one for each stack | `Polydesk` |
/// | `DEAD_LETTER_QUEUE_URL` | URL of the dead letter queue of `publish-events` | none |
/// | `FILES_BUCKET` | the bucket for files of messages | none |
/// | `MAX_ATTACHMENT_MIB` | the largest file that is copied into it, MiB | 100 |
/// | `RETENTION_DAYS` | how long a closed ticket is kept before its texts are erased, days; `0`: forever | 0 |
/// | `AUDIT_RETENTION_DAYS` | how long an audit record is kept, days; `0`: forever | 0 |
/// | `AWS_REGION` | region of the AWS clients | error |
/// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` | credentials of the AWS clients; Lambda sets them | error |
/// | `AWS_SESSION_TOKEN` | session token of the credentials; Lambda sets it | none |
/// | `AWS_ENDPOINT_URL` | endpoint of all AWS services, for a local stack | AWS's own |
/// | `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL_SECRETS_MANAGER` | endpoint of one service | `AWS_ENDPOINT_URL` |
/// | `AWS_ENDPOINT_URL_EVENTBRIDGE`, `AWS_ENDPOINT_URL_SQS` | endpoint of one service | `AWS_ENDPOINT_URL` |
/// | `AWS_ENDPOINT_URL_S3` | endpoint of one service | `AWS_ENDPOINT_URL` |
#[derive(Clone, Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table_name: String,
    /// Start of the names of account secrets.
    pub secrets_prefix: String,
    /// The EventBridge bus.
    pub event_bus_name: String,
    /// Key of the checksum in list cursors.
    pub cursor_key: String,
    /// Whether accounts may name a loopback endpoint.
    pub allow_loopback_endpoints: bool,
    /// The settle time: how long a vendor's list may lag behind its writes, milliseconds. It must be longer than the 15
    /// minutes for which vendors accept a signature, so that a request that was held back for longer is refused.
    pub settle_time_ms: i64,
    /// How long account keys are used before they are read again.
    pub keys_max_age: Duration,
    /// CloudWatch namespace of the metrics.
    pub metrics_namespace: String,
    /// URL of the dead letter queue, in a function that has one.
    pub dead_letter_queue_url: Option<String>,
    /// The bucket for files of messages, in a function that has one.
    pub files_bucket: Option<String>,
    /// The largest file that is copied into it, bytes.
    pub max_attachment_bytes: u64,
    /// How many days a closed ticket is kept before its texts and files are erased; 0: forever.
    pub retention_days: u32,
    /// How many days an audit record is kept; 0: forever.
    pub audit_retention_days: u32,
    /// Region, credentials and endpoints of the AWS clients.
    pub aws: AwsConfig,
}

/// Region, credentials and endpoints of the AWS clients.
#[derive(Clone)]
pub struct AwsConfig {
    /// Region of the clients.
    pub region: String,
    /// Credentials; on Lambda those of the function's role, valid as long as the process lives.
    pub credentials: aws_credential_types::Credentials,
    /// Endpoint of DynamoDB, if not AWS's own.
    pub dynamodb_endpoint: Option<String>,
    /// Endpoint of Secrets Manager, if not AWS's own.
    pub secrets_endpoint: Option<String>,
    /// Endpoint of EventBridge, if not AWS's own.
    pub events_endpoint: Option<String>,
    /// Endpoint of SQS, if not AWS's own.
    pub queue_endpoint: Option<String>,
    /// Endpoint of S3, if not AWS's own.
    pub files_endpoint: Option<String>,
}

impl std::fmt::Debug for AwsConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwsConfig").field("region", &self.region).finish_non_exhaustive()
    }
}

impl Config {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
    pub fn from_env() -> Result<Self> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads the settings through `lookup`; the error names the first variable that is missing or wrong.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let optional = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let required = |name: &str| {
            optional(name).ok_or_else(|| Error::config(format!("The environment variable {name} must be set.")))
        };
        let endpoint = |name: &str| lookup(name).or_else(|| lookup("AWS_ENDPOINT_URL"));
        let keys_max_age_ms = milliseconds(&optional, "KEYS_MAX_AGE_MS", 300_000)?;
        Ok(Self {
            table_name: required("TABLE_NAME")?,
            secrets_prefix: required("SECRETS_PREFIX")?,
            event_bus_name: required("EVENT_BUS_NAME")?,
            cursor_key: required("CURSOR_KEY")?,
            allow_loopback_endpoints: flag(&optional, "ALLOW_LOOPBACK_ENDPOINTS")?,
            settle_time_ms: milliseconds(&optional, "SETTLE_TIME_MS", 960_000)?,
            keys_max_age: Duration::from_millis(keys_max_age_ms.unsigned_abs()),
            metrics_namespace: optional("METRICS_NAMESPACE").unwrap_or_else(|| METRICS_NAMESPACE.to_owned()),
            dead_letter_queue_url: optional("DEAD_LETTER_QUEUE_URL"),
            files_bucket: optional("FILES_BUCKET"),
            max_attachment_bytes: mebibytes(&optional, "MAX_ATTACHMENT_MIB", 100)?,
            retention_days: days(&optional, "RETENTION_DAYS")?,
            audit_retention_days: days(&optional, "AUDIT_RETENTION_DAYS")?,
            aws: AwsConfig {
                region: required("AWS_REGION")?,
                credentials: aws_credential_types::Credentials::new(
                    required("AWS_ACCESS_KEY_ID")?,
                    required("AWS_SECRET_ACCESS_KEY")?,
                    lookup("AWS_SESSION_TOKEN"),
                    None,
                    "environment",
                ),
                dynamodb_endpoint: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
                secrets_endpoint: endpoint("AWS_ENDPOINT_URL_SECRETS_MANAGER"),
                events_endpoint: endpoint("AWS_ENDPOINT_URL_EVENTBRIDGE"),
                queue_endpoint: endpoint("AWS_ENDPOINT_URL_SQS"),
                files_endpoint: endpoint("AWS_ENDPOINT_URL_S3"),
            },
        })
    }
}

fn flag(lookup: &impl Fn(&str) -> Option<String>, name: &str) -> Result<bool> {
    match lookup(name).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Error::config(format!("The environment variable {name} must be true or false."))),
    }
}

fn milliseconds(lookup: &impl Fn(&str) -> Option<String>, name: &str, default: i64) -> Result<i64> {
    let Some(text) = lookup(name) else { return Ok(default) };
    match text.parse() {
        Ok(number @ 0..) => Ok(number),
        _ => Err(Error::config(format!("The environment variable {name} must be a number of milliseconds."))),
    }
}

/// A number of days; none is 0.
fn days(lookup: &impl Fn(&str) -> Option<String>, name: &str) -> Result<u32> {
    let number = lookup(name).map_or(Ok(0), |text| text.parse());
    number.map_err(|_| Error::config(format!("The environment variable {name} must be a number of days.")))
}

/// A number of MiB as bytes.
fn mebibytes(lookup: &impl Fn(&str) -> Option<String>, name: &str, default: u64) -> Result<u64> {
    let number = lookup(name).map_or(Ok(default), |text| text.parse());
    let bytes = number.ok().and_then(|number: u64| number.checked_mul(1024 * 1024));
    bytes.ok_or_else(|| Error::config(format!("The environment variable {name} must be a number of MiB.")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn complete() -> HashMap<&'static str, &'static str> {
        HashMap::from([
            ("TABLE_NAME", "polydesk"),
            ("SECRETS_PREFIX", "polydesk/dev/account/"),
            ("EVENT_BUS_NAME", "polydesk"),
            ("CURSOR_KEY", "key"),
            ("AWS_REGION", "cn-north-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "canary-secret"),
        ])
    }

    fn read(settings: &HashMap<&str, &str>) -> Result<Config> {
        Config::from_lookup(|name| settings.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn reads_everything_and_falls_back_to_defaults() {
        let mut settings = complete();
        settings.insert("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        settings.insert("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:2");
        let config = read(&settings).unwrap();
        assert!(!format!("{config:?}").contains("canary"), "a credential shows");
        assert_eq!(config.settle_time_ms, 960_000);
        assert!(!config.allow_loopback_endpoints);
        assert_eq!(config.aws.dynamodb_endpoint.as_deref(), Some("http://127.0.0.1:2"));
        assert_eq!(config.aws.secrets_endpoint.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(config.dead_letter_queue_url, None);
        assert_eq!((config.files_bucket, config.max_attachment_bytes), (None, 100 << 20));
        assert_eq!((config.retention_days, config.audit_retention_days), (0, 0));
        assert_eq!(config.aws.files_endpoint.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(config.metrics_namespace, "Polydesk");
    }

    #[test]
    fn names_the_variable_that_is_missing_or_wrong() {
        for name in complete().into_keys() {
            let mut settings = complete();
            settings.remove(name);
            assert!(read(&settings).unwrap_err().message().contains(name));
        }
        for (name, value) in [
            ("ALLOW_LOOPBACK_ENDPOINTS", "yes"),
            ("SETTLE_TIME_MS", "-1"),
            ("MAX_ATTACHMENT_MIB", "x"),
            ("RETENTION_DAYS", "-1"),
            ("AUDIT_RETENTION_DAYS", "x"),
        ] {
            let mut settings = complete();
            settings.insert(name, value);
            assert!(read(&settings).unwrap_err().message().contains(name));
        }
    }
}
