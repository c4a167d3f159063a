//! The operations, each from its request to its response.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::ids::{self, Random};

use crate::aws_json::{AwsError, input, unknown_operation};

use super::state::{SecretStore, SecretText, StoredSecret};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateSecret {
    name: String,
    client_request_token: String,
    secret_string: SecretText,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutSecretValue {
    secret_id: String,
    client_request_token: String,
    secret_string: SecretText,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetSecretValue {
    secret_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteSecret {
    secret_id: String,
    recovery_window_in_days: i64,
}

/// Runs `operation` on `secrets`.
pub(super) fn run(
    secrets: &mut SecretStore,
    now_ms: i64,
    random: &dyn Random,
    operation: &str,
    body: &[u8],
) -> Result<Value, AwsError> {
    match operation {
        "CreateSecret" => create(secrets, random, input(body)?),
        "PutSecretValue" => put(secrets, input(body)?),
        "GetSecretValue" => get(secrets, &input(body)?),
        "DeleteSecret" => delete(secrets, now_ms, &input(body)?),
        _ => Err(unknown_operation()),
    }
}

fn create(secrets: &mut SecretStore, random: &dyn Random, new: CreateSecret) -> Result<Value, AwsError> {
    check_name(&new.name)?;
    if let Some(secret) = secrets.by_name.get(&new.name) {
        let message = format!("The operation failed because the secret {} already exists.", new.name);
        check_not_deleted(secret)?;
        // The same token with the same value is the same request, sent again by the SDK.
        let is_repeat = secret.version_id == new.client_request_token && secret.value == new.secret_string;
        return is_repeat
            .then(|| response(&new.name, secret))
            .ok_or_else(|| AwsError::of("ResourceExistsException", message));
    }
    let suffix =
        ids::nonce(random).map_err(|_| AwsError::internal("InternalServiceError", "No random bytes are available."))?;
    let secret = StoredSecret {
        arn: format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{}-{suffix:.6}", new.name),
        version_id: new.client_request_token,
        value: new.secret_string,
        remove_at_ms: None,
    };
    let answer = response(&new.name, &secret);
    secrets.by_name.insert(new.name, secret);
    Ok(answer)
}

fn put(secrets: &mut SecretStore, new: PutSecretValue) -> Result<Value, AwsError> {
    let secret = secrets.by_name.get_mut(&new.secret_id).ok_or_else(not_found)?;
    check_not_deleted(secret)?;
    secret.version_id = new.client_request_token;
    secret.value = new.secret_string;
    Ok(response(&new.secret_id, secret))
}

fn get(secrets: &SecretStore, wanted: &GetSecretValue) -> Result<Value, AwsError> {
    let secret = secrets.by_name.get(&wanted.secret_id).ok_or_else(not_found)?;
    check_not_deleted(secret)?;
    let mut answer = response(&wanted.secret_id, secret);
    answer["SecretString"] = secret.value.0.clone().into();
    Ok(answer)
}

fn delete(secrets: &mut SecretStore, now_ms: i64, wanted: &DeleteSecret) -> Result<Value, AwsError> {
    let days = wanted.recovery_window_in_days;
    if !(7..=30).contains(&days) {
        let message = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
        return Err(AwsError::of("InvalidParameterException", message));
    }
    let secret = secrets.by_name.get_mut(&wanted.secret_id).ok_or_else(not_found)?;
    check_not_deleted(secret)?;
    let remove_at_ms = now_ms + days * DAY_MS;
    secret.remove_at_ms = Some(remove_at_ms);
    // AWS JSON writes times as Unix seconds.
    Ok(json!({"ARN": secret.arn, "Name": wanted.secret_id, "DeletionDate": remove_at_ms / 1000}))
}

fn response(name: &str, secret: &StoredSecret) -> Value {
    json!({"ARN": secret.arn, "Name": name, "VersionId": secret.version_id})
}

/// The names that Secrets Manager accepts:
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>.
fn check_name(name: &str) -> Result<(), AwsError> {
    let valid = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    if name.is_empty() || name.len() > 512 || !name.chars().all(valid) {
        let message = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the \
                       following: -/_+=.@!";
        return Err(AwsError::of("ValidationException", message));
    }
    Ok(())
}

fn check_not_deleted(secret: &StoredSecret) -> Result<(), AwsError> {
    if secret.remove_at_ms.is_some() {
        let message = "You can't perform this operation on the secret because it was marked for deletion.";
        return Err(AwsError::of("InvalidRequestException", message));
    }
    Ok(())
}

fn not_found() -> AwsError {
    AwsError::of("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}
