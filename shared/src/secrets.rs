//! Account keys in Secrets Manager, with a cache in memory. No other module reads or writes the secrets.
//!
//! A secret is named `<prefix><account id>` and holds `{"secret_id": …, "secret_key_secret": …}`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_sdk_secretsmanager::{
    Client,
    config::SharedHttpClient,
    error::{ProvideErrorMetadata, SdkError},
    operation::{delete_secret::DeleteSecretError, get_secret_value::GetSecretValueError},
};
use tokio::time::Instant;

use crate::{
    aws::sdk_config,
    config::Config,
    domain::{AccountId, AccountKeys},
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// For how many days an operator can restore a removed account's keys.
const RECOVERY_DAYS: i64 = 7;

/// The account keys.
#[derive(Debug)]
pub struct Secrets {
    client: Client,
    prefix: String,
    max_age: Duration,
    cache: Mutex<HashMap<AccountId, Cached>>,
}

#[derive(Debug)]
struct Cached {
    read_at: Instant,
    keys: Arc<AccountKeys>,
}

impl Secrets {
    /// Keys under the prefix that `config` names. Makes no call.
    pub fn new(config: &Config, http: SharedHttpClient) -> Self {
        let sdk = sdk_config(&config.aws, config.aws.secrets_endpoint.as_ref(), http);
        Self {
            client: Client::new(&sdk),
            prefix: config.secrets_prefix.clone(),
            max_age: config.keys_max_age,
            cache: Mutex::default(),
        }
    }

    /// Opens a connection, by a read of a secret that is never there, as no account has the id `connection`: a call
    /// that every role with keys allows. A failure is ignored.
    pub async fn connect(&self) {
        let _ = self.client.get_secret_value().secret_id(format!("{}connection", self.prefix)).send().await;
    }

    /// The account's keys. `fresh`: read from Secrets Manager now; else from the cache until they reach the age limit.
    /// Failures are not cached.
    pub async fn keys(&self, account: &AccountId, fresh: bool) -> Result<Arc<AccountKeys>> {
        if let Some(keys) = self.cached(account).filter(|_| !fresh) {
            return Ok(keys);
        }
        let answer = self
            .client
            .get_secret_value()
            .secret_id(self.name(account))
            .send()
            .await
            .map_err(|error| secret_error("get_secret_value", error))?;
        let text = answer.secret_string.unwrap_or_default();
        // No source here: serde's error can quote what it read.
        let keys = serde_json::from_str(&text)
            .map_err(|_| Error::unexpected("An account's keys are stored in a form that can't be read."))?;
        let keys = Arc::new(keys);
        self.remember(account, Arc::clone(&keys));
        Ok(keys)
    }

    /// Whether the account's keys are stored, and not scheduled for deletion.
    pub async fn exist(&self, account: &AccountId) -> Result<bool> {
        let answer = self.client.get_secret_value().secret_id(self.name(account)).send().await;
        let is_gone = |error: &GetSecretValueError| {
            error.is_resource_not_found_exception() || error.is_invalid_request_exception()
        };
        match answer {
            Err(error) if error.as_service_error().is_some_and(is_gone) => Ok(false),
            answer => answer.map(|_| true).map_err(|error| secret_error("get_secret_value", error)),
        }
    }

    /// Stores a new account's keys. Repeating it stores them again. `false`: the account was removed, and its keys can
    /// only be restored, for 7 days.
    pub async fn create(&self, account: &AccountId, keys: &AccountKeys) -> Result<bool> {
        let done = self
            .client
            .create_secret()
            .name(self.name(account))
            .description("Polydesk: keys of a cloud account for its support tickets")
            .secret_string(secret_text(keys)?)
            .send()
            .await;
        match done {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_resource_exists_exception()) => {
                self.replace(account, keys).await.map(|()| true)
            }
            Err(error) if error.as_service_error().is_some_and(|e| e.is_invalid_request_exception()) => Ok(false),
            done => done.map(|_| true).map_err(|error| secret_error("create_secret", error)),
        }
    }

    /// Replaces an account's keys.
    pub async fn replace(&self, account: &AccountId, keys: &AccountKeys) -> Result<()> {
        self.client
            .put_secret_value()
            .secret_id(self.name(account))
            .secret_string(secret_text(keys)?)
            .send()
            .await
            .map_err(|error| secret_error("put_secret_value", error))?;
        self.remember(account, Arc::new(keys.clone()));
        Ok(())
    }

    /// Removes an account's keys; for 7 days an operator can restore them. Repeating it is safe.
    pub async fn delete(&self, account: &AccountId) -> Result<()> {
        self.lock().remove(account);
        let request = self.client.delete_secret().secret_id(self.name(account));
        let done = request.recovery_window_in_days(RECOVERY_DAYS).send().await;
        let is_gone =
            |error: &DeleteSecretError| error.is_resource_not_found_exception() || error.is_invalid_request_exception();
        match done {
            Err(error) if error.as_service_error().is_some_and(is_gone) => Ok(()),
            done => done.map(|_| ()).map_err(|error| secret_error("delete_secret", error)),
        }
    }

    fn name(&self, account: &AccountId) -> String {
        format!("{}{account}", self.prefix)
    }

    fn cached(&self, account: &AccountId) -> Option<Arc<AccountKeys>> {
        let cache = self.lock();
        let cached = cache.get(account)?;
        (cached.read_at.elapsed() < self.max_age).then(|| Arc::clone(&cached.keys))
    }

    fn remember(&self, account: &AccountId, keys: Arc<AccountKeys>) {
        self.lock().insert(account.clone(), Cached { read_at: Instant::now(), keys });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<AccountId, Cached>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn secret_text(keys: &AccountKeys) -> Result<String> {
    serde_json::to_string(keys).map_err(|_| Error::unexpected("An account's keys could not be written."))
}

fn secret_error<E>(operation: &'static str, error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let code = error.code().unwrap_or("none").to_owned();
    Error::unavailable("The store of account keys did not answer; try again.")
        .with_code(ProblemCode::SecretsUnavailable)
        .with_context("secrets_operation", operation)
        .with_context("secrets_code", code)
        .with_source(error)
}
