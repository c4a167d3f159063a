//! SQS: one queue that accepts messages, lists them and delivers them to a function.
//!
//! Follows <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>, without the
//! digest of the body. Of a signature only the access key is checked.

mod delivery;

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use loopback::{AccessKey, Server, private_file};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::ids::Random;

use crate::aws_json::{self, AwsError, AwsResponse, AwsService, input};

/// The longest body that a message may have, in bytes.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// A queue. Clones share it.
#[derive(Clone)]
pub struct SqsQueue {
    name: String,
    random: Arc<dyn Random>,
    file: Option<PathBuf>,
    state: Arc<Mutex<QueueState>>,
}

#[derive(Default)]
struct QueueState {
    messages: Vec<QueueMessage>,
    fails: bool,
}

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueMessage {
    /// The message id, as SQS returns it.
    pub id: String,
    /// The body, at most 256 KiB.
    pub body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    queue_url: String,
    message_body: String,
}

impl SqsQueue {
    /// The queue `name`, with the messages in `file`, if there is one.
    ///
    /// # Errors
    ///
    /// The file exists but can't be read, or does not hold messages.
    pub fn open(name: impl Into<String>, random: Arc<dyn Random>, file: Option<PathBuf>) -> io::Result<Self> {
        let stored = file.as_deref().map(private_file::read).transpose()?.flatten();
        let messages = stored.map(|stored| serde_json::from_slice(&stored)).transpose()?.unwrap_or_default();
        let state = Arc::new(Mutex::new(QueueState { messages, fails: false }));
        Ok(Self { name: name.into(), random, file, state })
    }

    /// Serves on `127.0.0.1:port` for callers that sign with `access_key`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// The port is in use.
    pub async fn start(&self, port: u16, access_key: &AccessKey) -> io::Result<Server> {
        aws_json::start(self.clone(), port, access_key).await
    }

    /// The queue's URL at `server`.
    #[must_use]
    pub fn url(&self, server: &Server) -> String {
        format!("{}/123456789012/{}", server.url(), self.name)
    }

    /// The messages, the oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<QueueMessage> {
        self.state().messages.clone()
    }

    /// Makes every `SendMessage` fail from now on, or succeed again.
    pub fn fail(&self, fails: bool) {
        self.state().fails = fails;
    }

    fn send(&self, body: &[u8]) -> Result<Value, AwsError> {
        let SendMessage { queue_url, message_body } = input(body)?;
        if !queue_url.ends_with(&format!("/{}", self.name)) {
            return Err(AwsError::of("QueueDoesNotExist", "The specified queue does not exist."));
        }
        if message_body.is_empty() || message_body.len() > MAX_BODY_BYTES {
            let message = format!("The body must hold 1 to {MAX_BODY_BYTES} bytes.");
            return Err(AwsError::of("InvalidParameterValue", message));
        }
        let id = shared::ids::nonce(self.random.as_ref()).unwrap_or_default();
        let mut state = self.state();
        if state.fails {
            return Err(AwsError::internal("InternalError", "Injected fault."));
        }
        state.messages.push(QueueMessage { id: id.clone(), body: message_body });
        self.write(&state.messages)?;
        Ok(json!({ "MessageId": id }))
    }

    fn write(&self, messages: &[QueueMessage]) -> Result<(), AwsError> {
        let Some(file) = &self.file else { return Ok(()) };
        private_file::replace(file, json!(messages).to_string().as_bytes()).map_err(|error| {
            tracing::error!(%error, path = %file.display(), "The file with the queue's messages could not be written.");
            AwsError::internal("InternalError", "The message could not be stored.")
        })
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AwsService for SqsQueue {
    const TARGET: &'static str = "AmazonSQS";
    const CONTENT_TYPE: &'static str = aws_json::JSON_1_0;

    fn call(&self, operation: &str, body: &[u8]) -> AwsResponse {
        aws_json::answer(match operation {
            "SendMessage" => self.send(body),
            _ => Err(aws_json::unknown_operation()),
        })
    }
}
