//! The operations, each from its input to its output.

use serde_json::{Map, Value, json};
use shared::ids::{self, Random};

use crate::aws_json::{AwsError, input};

use super::{
    input::{
        CreateSecret, DeleteSecret, GetSecretValue, PutSecretValue, SecretId, check_name, no_randomness,
        token_of, value_of,
    },
    state::{CURRENT, Deletion, Secret, SecretValue, Secrets},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const MARKED: &str = "You can't perform this operation on the secret because it was marked for deletion.";

/// Runs `operation` on `secrets`.
pub(super) fn run(
    secrets: &mut Secrets,
    now_ms: i64,
    random: &dyn Random,
    operation: &str,
    body: &[u8],
) -> Result<Value, AwsError> {
    match operation {
        "CreateSecret" => create(secrets, now_ms, random, input(body)?),
        "PutSecretValue" => put(secrets, now_ms, random, input(body)?),
        "GetSecretValue" => get(secrets, &input(body)?),
        "DescribeSecret" => describe(secrets, &input(body)?),
        "DeleteSecret" => delete(secrets, now_ms, &input(body)?),
        "RestoreSecret" => restore(secrets, &input(body)?),
        _ => Err(AwsError::of("UnknownOperationException", "The operation is not known.")),
    }
}

fn create(
    secrets: &mut Secrets,
    now_ms: i64,
    random: &dyn Random,
    new: CreateSecret,
) -> Result<Value, AwsError> {
    check_name(&new.name)?;
    let value = value_of(&new.version)?;
    let token = token_of(&new.version, random)?;
    if let Some(secret) = secrets.by_name.get(&new.name) {
        return create_again(&new.name, secret, &token, value.as_ref());
    }
    let arn =
        format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{}-{}", new.name, suffix(random)?);
    let mut secret = Secret {
        arn,
        description: new.description,
        created_ms: now_ms,
        changed_ms: now_ms,
        deletion: None,
        versions: Vec::new(),
    };
    let mut answer = named(&new.name, &secret);
    if let Some(value) = value {
        answer["VersionId"] = token.clone().into();
        secret.add(token, value, vec![CURRENT.to_owned()], now_ms);
    }
    secrets.by_name.insert(new.name, secret);
    Ok(answer)
}

/// The same token with the same value is the same request, sent again.
fn create_again(
    name: &str,
    secret: &Secret,
    token: &str,
    value: Option<&SecretValue>,
) -> Result<Value, AwsError> {
    if secret.deletion.is_some() {
        let message =
            "You can't create this secret because a secret with this name is already scheduled for deletion.";
        return Err(AwsError::of("InvalidRequestException", message));
    }
    let same = secret.version(token).filter(|version| Some(&version.value) == value);
    let Some(version) = same else {
        let message = format!("The operation failed because the secret {name} already exists.");
        return Err(AwsError::of("ResourceExistsException", message));
    };
    let mut answer = named(name, secret);
    answer["VersionId"] = version.id.clone().into();
    Ok(answer)
}

fn put(
    secrets: &mut Secrets,
    now_ms: i64,
    random: &dyn Random,
    new: PutSecretValue,
) -> Result<Value, AwsError> {
    let value = value_of(&new.version)?;
    let value = value.ok_or_else(|| {
        AwsError::of("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
    })?;
    let token = token_of(&new.version, random)?;
    let (name, secret) = secrets.find_mut(&new.secret_id).ok_or_else(not_found)?;
    alive(secret)?;
    match secret.version(&token) {
        Some(version) if version.value == value => {}
        Some(_) => {
            let message = format!(
                "You can't use ClientRequestToken {token} because that value is already in use for a version of \
                 secret {}.",
                secret.arn
            );
            return Err(AwsError::of("ResourceExistsException", message));
        }
        None => {
            let stages = new.version_stages.unwrap_or_else(|| vec![CURRENT.to_owned()]);
            secret.add(token.clone(), value, stages, now_ms);
        }
    }
    let mut answer = named(name, secret);
    answer["VersionStages"] = secret.version(&token).map(|version| json!(version.stages)).unwrap_or_default();
    answer["VersionId"] = token.into();
    Ok(answer)
}

fn get(secrets: &Secrets, wanted: &GetSecretValue) -> Result<Value, AwsError> {
    let (name, secret) = secrets.find(&wanted.secret_id).ok_or_else(not_found)?;
    alive(secret)?;
    let stage = wanted.version_stage.as_deref();
    let version = match &wanted.version_id {
        Some(id) => secret
            .version(id)
            .filter(|version| stage.is_none_or(|stage| version.stages.iter().any(|s| s == stage))),
        None => secret.staged(stage.unwrap_or(CURRENT)),
    };
    let version = version.ok_or_else(|| {
        let which = match &wanted.version_id {
            Some(id) => format!("VersionId: {id}"),
            None => format!("staging label: {}", stage.unwrap_or(CURRENT)),
        };
        let message = format!("Secrets Manager can't find the specified secret value for {which}");
        AwsError::of("ResourceNotFoundException", message)
    })?;
    let mut answer = named(name, secret);
    answer["VersionId"] = version.id.clone().into();
    answer["VersionStages"] = json!(version.stages);
    answer["CreatedDate"] = seconds(version.created_ms);
    match &version.value {
        SecretValue::Text(text) => answer["SecretString"] = text.clone().into(),
        SecretValue::Binary(base64) => answer["SecretBinary"] = base64.clone().into(),
    }
    Ok(answer)
}

fn describe(secrets: &Secrets, wanted: &SecretId) -> Result<Value, AwsError> {
    let (name, secret) = secrets.find(&wanted.secret_id).ok_or_else(not_found)?;
    let staged = secret.versions.iter().filter(|version| !version.stages.is_empty());
    let stages: Map<String, Value> =
        staged.map(|version| (version.id.clone(), json!(version.stages))).collect();
    let mut answer = named(name, secret);
    answer["CreatedDate"] = seconds(secret.created_ms);
    answer["LastChangedDate"] = seconds(secret.changed_ms);
    answer["VersionIdsToStages"] = stages.into();
    if let Some(description) = &secret.description {
        answer["Description"] = description.clone().into();
    }
    if let Some(deletion) = secret.deletion {
        answer["DeletedDate"] = seconds(deletion.marked_ms);
    }
    Ok(answer)
}

fn delete(secrets: &mut Secrets, now_ms: i64, wanted: &DeleteSecret) -> Result<Value, AwsError> {
    let force = wanted.force_delete_without_recovery;
    let days = wanted.recovery_window_in_days;
    if force && days.is_some() {
        let message = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
        return Err(AwsError::of("InvalidParameterException", message));
    }
    let days = days.unwrap_or(30);
    if !(7..=30).contains(&days) {
        let message = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
        return Err(AwsError::of("InvalidParameterException", message));
    }
    let Some((name, secret)) = secrets.find_mut(&wanted.secret_id) else {
        return if force { Ok(gone_already(&wanted.secret_id, now_ms)) } else { Err(not_found()) };
    };
    let mut answer = named(name, secret);
    if force {
        answer["DeletionDate"] = seconds(now_ms);
        let name = name.to_owned();
        secrets.by_name.remove(&name);
        return Ok(answer);
    }
    alive(secret)?;
    let gone_ms = now_ms + days * DAY_MS;
    secret.deletion = Some(Deletion { marked_ms: now_ms, gone_ms });
    answer["DeletionDate"] = seconds(gone_ms);
    Ok(answer)
}

/// Deleting by force what is not there is no error.
fn gone_already(id: &str, now_ms: i64) -> Value {
    json!({"Name": id, "DeletionDate": seconds(now_ms)})
}

fn restore(secrets: &mut Secrets, wanted: &SecretId) -> Result<Value, AwsError> {
    let (name, secret) = secrets.find_mut(&wanted.secret_id).ok_or_else(not_found)?;
    secret.deletion = None;
    Ok(named(name, secret))
}

fn named(name: &str, secret: &Secret) -> Value {
    json!({"ARN": secret.arn, "Name": name})
}

fn not_found() -> AwsError {
    AwsError::of("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

fn alive(secret: &Secret) -> Result<(), AwsError> {
    if secret.deletion.is_some() {
        return Err(AwsError::of("InvalidRequestException", MARKED));
    }
    Ok(())
}

/// The six characters at the end of an ARN.
fn suffix(random: &dyn Random) -> Result<String, AwsError> {
    let nonce = ids::nonce(random).map_err(|_| no_randomness())?;
    Ok(nonce.chars().take(6).collect())
}

/// Unix seconds with a fraction, as AWS JSON writes times.
fn seconds(ms: i64) -> Value {
    let seconds = ms as f64 / 1000.0;
    seconds.into()
}
