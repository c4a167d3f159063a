//! Secrets Manager on loopback: the four operations that Polydesk calls, with the error codes of AWS.
//!
//! Follows <https://docs.aws.amazon.com/secretsmanager/latest/apireference/>. Of a signature only the
//! access key is checked. No log line and no error holds a secret.

mod file;
mod operations;
mod state;

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use loopback::{AccessKey, Server};
use serde_json::Value;
use shared::{clock::Clock, ids::Random};

use crate::aws_json::{self, AwsError, AwsResponse, AwsService};

use self::state::SecretStore;

/// A Secrets Manager that is not started yet.
#[derive(Clone)]
pub struct SecretsManager {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    file: Option<PathBuf>,
    secrets: Arc<Mutex<SecretStore>>,
}

impl SecretsManager {
    /// An empty Secrets Manager, in memory only.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random, file: None, secrets: Arc::default() }
    }

    /// A Secrets Manager that stores its secrets in `file` (mode 0600) and starts with those that are there.
    ///
    /// # Errors
    ///
    /// The file exists but can't be read, or does not hold secrets.
    pub fn in_file(clock: Arc<dyn Clock>, random: Arc<dyn Random>, file: PathBuf) -> io::Result<Self> {
        let secrets = Arc::new(Mutex::new(file::read(&file)?));
        Ok(Self { clock, random, file: Some(file), secrets })
    }

    /// Serves on `127.0.0.1:port` for callers that sign with `access_key`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// The port is in use.
    pub async fn start(self, port: u16, access_key: &AccessKey) -> io::Result<Server> {
        aws_json::start(self, port, access_key).await
    }

    /// Runs one operation. A change takes effect only after it was written to the file.
    fn run(&self, operation: &str, body: &[u8]) -> Result<Value, AwsError> {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = secrets.clone();
        changed.remove_expired(self.clock.now_ms());
        let answer = operations::run(&mut changed, self.clock.now_ms(), self.random.as_ref(), operation, body)?;
        if changed != *secrets {
            self.write(&changed)?;
            *secrets = changed;
        }
        Ok(answer)
    }

    fn write(&self, secrets: &SecretStore) -> Result<(), AwsError> {
        let Some(path) = &self.file else { return Ok(()) };
        file::write(path, secrets).map_err(|error| {
            tracing::error!(%error, path = %path.display(), "The file with the secrets could not be written.");
            AwsError::internal("InternalServiceError", "The secrets could not be stored.")
        })
    }
}

impl AwsService for SecretsManager {
    const TARGET: &'static str = "secretsmanager";
    const CONTENT_TYPE: &'static str = aws_json::JSON_1_1;

    fn call(&self, operation: &str, body: &[u8]) -> AwsResponse {
        aws_json::answer(self.run(operation, body))
    }
}
