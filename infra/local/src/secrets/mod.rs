//! Secrets Manager: the operations Polydesk uses, on loopback, with the real error shapes.
//!
//! Follows <https://docs.aws.amazon.com/secretsmanager/latest/apireference/>. Signatures are not checked. No secret is
//! ever logged or part of an error.

mod file;
mod input;
mod operations;
mod state;

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, response::Response};
use serde_json::Value;
use shared::{clock::Clock, ids::Random};

use crate::{
    Server,
    aws_json::{self, AwsError},
};

use self::state::Secrets;

const SERVICE: &str = "secretsmanager";

/// What a Secrets Manager is made of.
#[derive(Clone)]
pub struct SecretsManager {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    file: Option<PathBuf>,
    secrets: Arc<Mutex<Secrets>>,
}

impl SecretsManager {
    /// An empty one, in memory only.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random, file: None, secrets: Arc::default() }
    }

    /// One that keeps its secrets in `file` (mode 0600), with those that are there already.
    ///
    /// Fails when the file is there but can't be read or understood.
    pub fn in_file(clock: Arc<dyn Clock>, random: Arc<dyn Random>, file: PathBuf) -> io::Result<Self> {
        let secrets = Arc::new(Mutex::new(file::read(&file)?));
        Ok(Self { clock, random, file: Some(file), secrets })
    }

    /// Serves on `127.0.0.1:port`; port 0 takes a free one.
    pub async fn start(self, port: u16) -> io::Result<Server> {
        Server::start(port, Router::new().fallback(answer).with_state(self)).await
    }

    /// Runs one operation. What it changed is kept only once it is in the file.
    fn run(&self, operation: &str, body: &[u8]) -> Result<Value, AwsError> {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = secrets.clone();
        changed.forget_deleted(self.clock.now_ms());
        let answer =
            operations::run(&mut changed, self.clock.now_ms(), self.random.as_ref(), operation, body)?;
        if changed != *secrets {
            self.keep(&changed)?;
            *secrets = changed;
        }
        Ok(answer)
    }

    fn keep(&self, secrets: &Secrets) -> Result<(), AwsError> {
        let Some(path) = &self.file else { return Ok(()) };
        file::write(path, secrets).map_err(|error| {
            tracing::error!(%error, path = %path.display(), "The secrets' file can't be written.");
            AwsError::internal("InternalServiceError", "The secrets can't be kept.")
        })
    }
}

async fn answer(State(manager): State<SecretsManager>, headers: HeaderMap, body: Bytes) -> Response {
    let result = aws_json::operation(&headers, SERVICE).and_then(|operation| manager.run(operation, &body));
    aws_json::response(aws_json::JSON_1_1, result)
}
