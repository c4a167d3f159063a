//! What the operations are given, and the checks that need no stored secret.

use serde::Deserialize;
use shared::ids::{self, Random};

use crate::aws_json::AwsError;

use super::state::SecretValue;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateSecret {
    pub name: String,
    pub description: Option<String>,
    #[serde(flatten)]
    pub version: NewVersion,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutSecretValue {
    pub secret_id: String,
    pub version_stages: Option<Vec<String>>,
    #[serde(flatten)]
    pub version: NewVersion,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewVersion {
    pub client_request_token: Option<String>,
    pub secret_string: Option<String>,
    pub secret_binary: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetSecretValue {
    pub secret_id: String,
    pub version_id: Option<String>,
    pub version_stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteSecret {
    pub secret_id: String,
    pub recovery_window_in_days: Option<i64>,
    #[serde(default)]
    pub force_delete_without_recovery: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SecretId {
    pub secret_id: String,
}

/// Refuses a name that Secrets Manager would refuse.
pub(super) fn check_name(name: &str) -> Result<(), AwsError> {
    let valid = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    if name.is_empty() || name.len() > 512 || !name.chars().all(valid) {
        let message = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the \
                       following: -/_+=.@!";
        return Err(AwsError::of("ValidationException", message));
    }
    Ok(())
}

/// What is to be kept; `None` when the request holds no value.
pub(super) fn value_of(version: &NewVersion) -> Result<Option<SecretValue>, AwsError> {
    match (&version.secret_string, &version.secret_binary) {
        (Some(_), Some(_)) => {
            let message =
                "You can't specify both a binary secret value and a string secret value in the same secret.";
            Err(AwsError::of("InvalidParameterException", message))
        }
        (Some(text), None) => Ok(Some(SecretValue::Text(text.clone()))),
        (None, binary) => Ok(binary.clone().map(SecretValue::Binary)),
    }
}

/// The SDKs always send a token; it becomes the version's id.
pub(super) fn token_of(version: &NewVersion, random: &dyn Random) -> Result<String, AwsError> {
    match &version.client_request_token {
        Some(token) if (32..=64).contains(&token.len()) => Ok(token.clone()),
        Some(_) => {
            let message = "ClientRequestToken must be 32 to 64 characters long.";
            Err(AwsError::of("InvalidParameterException", message))
        }
        None => ids::nonce(random).map_err(|_| no_randomness()),
    }
}

pub(super) fn no_randomness() -> AwsError {
    AwsError::internal("InternalServiceError", "No randomness could be had.")
}
