//! The queue for dead letters. No other module uses SQS.

use aws_sdk_sqs::{Client, config::SharedHttpClient, error::ProvideErrorMetadata};
use shared::{
    aws::sdk_config,
    config::Config,
    error::{Error, Result},
    problem_code::ProblemCode,
};

use crate::dead_letter::DeadLetter;

/// The SQS queue for dead letters.
#[derive(Debug)]
pub struct DeadLetterQueue {
    client: Client,
    queue_url: String,
}

impl DeadLetterQueue {
    /// The queue that `config` names; `ConfigInvalid` when it names none. Makes no call.
    pub fn new(config: &Config, http: SharedHttpClient) -> Result<Self> {
        let queue_url = config
            .dead_letter_queue_url
            .clone()
            .ok_or_else(|| Error::config("The environment variable DEAD_LETTER_QUEUE_URL must be set."))?;
        let sdk = sdk_config(&config.aws, config.aws.queue_endpoint.as_ref(), http);
        Ok(Self { client: Client::new(&sdk), queue_url })
    }

    /// Puts a dead letter into the queue, at least once.
    ///
    /// # Errors
    /// `queue_unavailable`.
    pub async fn send(&self, dead_letter: &DeadLetter) -> Result<()> {
        let body = serde_json::to_string(dead_letter).map_err(|source| unavailable().with_source(source))?;
        let sent = self.client.send_message().queue_url(&self.queue_url).message_body(body).send().await;
        sent.map(|_| ()).map_err(|error| {
            let code = error.code().unwrap_or("none").to_owned();
            unavailable().with_context("queue_code", code).with_source(error)
        })
    }
}

fn unavailable() -> Error {
    Error::unavailable("The queue for dead letters did not take one.").with_code(ProblemCode::QueueUnavailable)
}
