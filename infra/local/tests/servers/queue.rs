//! SQS, driven by the official SDK.

use std::sync::Arc;

use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region, retry::RetryConfig},
    error::ProvideErrorMetadata,
};
use local::queue::SqsQueue;
use loopback::Server;
use shared::ids::SystemRandom;

use crate::support::{access, other_credentials};

fn client(server: &Server, credentials: Credentials) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(shared::https::aws_client(std::sync::Arc::new(shared::clock::SystemClock)))
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .retry_config(RetryConfig::disabled())
        .endpoint_url(server.url());
    Client::from_conf(config.build())
}

#[tokio::test]
async fn a_message_is_still_there_after_a_restart() {
    let file = std::env::temp_dir().join(format!("polydesk-queue-{}.json", std::process::id()));
    let queue = SqsQueue::open("dead-letters", Arc::new(SystemRandom), Some(file.clone())).unwrap();
    let (key, credentials) = access();
    let server = queue.start(0, &key).await.unwrap();
    let send = client(&server, credentials).send_message().queue_url(queue.url(&server));
    let first = send.clone().message_body("one").send().await.unwrap();
    send.message_body("two").send().await.unwrap();
    server.shutdown().await;

    let again = SqsQueue::open("dead-letters", Arc::new(SystemRandom), Some(file.clone())).unwrap();
    assert_eq!(again.messages(), queue.messages());
    let bodies: Vec<_> = again.messages().into_iter().map(|message| message.body).collect();
    assert_eq!(bodies, ["one", "two"]);
    assert_eq!(Some(again.messages()[0].id.as_str()), first.message_id());
    std::fs::write(&file, "not json").unwrap();
    assert!(SqsQueue::open("dead-letters", Arc::new(SystemRandom), Some(file.clone())).is_err());
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_caller_without_the_access_key_is_refused() {
    let queue = SqsQueue::open("dead-letters", Arc::new(SystemRandom), None).unwrap();
    let server = queue.start(0, &access().0).await.unwrap();
    let send = client(&server, other_credentials()).send_message().queue_url(queue.url(&server)).message_body("one");
    assert_eq!(send.send().await.unwrap_err().code(), Some("UnrecognizedClientException"));
    assert_eq!(queue.messages(), []);
    server.shutdown().await;
}

#[tokio::test]
async fn a_wrong_request_is_refused() {
    let queue = SqsQueue::open("dead-letters", Arc::new(SystemRandom), None).unwrap();
    let (key, credentials) = access();
    let server = queue.start(0, &key).await.unwrap();
    let send = client(&server, credentials).send_message().queue_url(queue.url(&server)).message_body("one");
    let other = send.clone().queue_url(format!("{}/123456789012/other", server.url())).send().await;
    assert_eq!(other.unwrap_err().code(), Some("QueueDoesNotExist"));
    let long = send.clone().message_body("x".repeat(256 * 1024 + 1)).send().await;
    assert_eq!(long.unwrap_err().code(), Some("InvalidParameterValue"));
    queue.fail(true);
    assert_eq!(send.clone().send().await.unwrap_err().code(), Some("InternalError"));
    assert_eq!(queue.messages(), []);
    queue.fail(false);
    send.send().await.unwrap();
    assert_eq!(queue.messages().len(), 1);
    server.shutdown().await;
}
