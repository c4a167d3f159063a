//! The common settings of all AWS clients: endpoint, credentials, time limits and retries.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, SharedHttpClient, retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::SdkConfig;

use crate::config::AwsConfig;

/// How long one attempt of a call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a call may take with its retries.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);

/// The common settings of a client. `endpoint` replaces AWS's own host.
///
/// Credentials come from the settings, not from the SDK's provider chain: Lambda gives a function its only credentials,
/// and the chain would add STS, SSO and the instance metadata client to every binary.
pub fn sdk_config(aws: &AwsConfig, endpoint: Option<&String>, http: SharedHttpClient) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(aws.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(aws.credentials.clone()))
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
        .http_client(http);
    builder.set_endpoint_url(endpoint.cloned());
    builder.build()
}
