//! Secrets Manager, driven by the official SDK.

use std::{fmt::Debug, fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use aws_sdk_secretsmanager::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
    error::{ProvideErrorMetadata, SdkError},
};
use local::secrets::SecretsManager;
use loopback::Server;
use shared::ids::SystemRandom;

use crate::support::{NOW_MS, SetClock, access, other_credentials};

const NAME: &str = "polydesk/dev/account/01J";
const TOKEN_1: &str = "11111111-1111-1111-1111-111111111111";
const TOKEN_2: &str = "22222222-2222-2222-2222-222222222222";

fn client(server: &Server, credentials: Credentials) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(shared::https::aws_client(std::sync::Arc::new(shared::clock::SystemClock)))
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url(server.url());
    Client::from_conf(config.build())
}

async fn start(clock: Arc<SetClock>) -> (Server, Client) {
    serve(SecretsManager::new(clock, Arc::new(SystemRandom))).await
}

async fn serve(manager: SecretsManager) -> (Server, Client) {
    let (key, credentials) = access();
    let server = manager.start(0, &key).await.unwrap();
    let client = client(&server, credentials);
    (server, client)
}

async fn value(client: &Client, id: &str) -> String {
    let answer = client.get_secret_value().secret_id(id).send().await.unwrap();
    answer.secret_string.unwrap()
}

fn code<T: Debug, E: ProvideErrorMetadata, R>(result: Result<T, SdkError<E, R>>) -> String {
    let error = result.expect_err("the call should fail");
    error.as_service_error().expect("the service should answer").code().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_secret_is_created_read_and_replaced() {
    let (server, client) = start(SetClock::new()).await;
    let created = client.create_secret().name(NAME).secret_string("one").send().await.unwrap();
    let arn = format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{NAME}-");
    assert!(created.arn.unwrap().starts_with(&arn));
    assert_eq!(value(&client, NAME).await, "one");
    let put = client.put_secret_value().secret_id(NAME).secret_string("two").send().await.unwrap();
    assert_ne!(put.version_id, created.version_id);
    assert_eq!(value(&client, NAME).await, "two");
    server.shutdown().await;
}

#[tokio::test]
async fn a_caller_without_the_access_key_is_refused() {
    let (server, client_with_key) = start(SetClock::new()).await;
    client_with_key.create_secret().name(NAME).secret_string("one").send().await.unwrap();
    let client = client(&server, other_credentials());
    assert_eq!(code(client.get_secret_value().secret_id(NAME).send().await), "UnrecognizedClientException");
    server.shutdown().await;
}

#[tokio::test]
async fn a_request_token_makes_a_repeated_create_safe() {
    let (server, client) = start(SetClock::new()).await;
    let create = |token: &str, text: &str| {
        client.create_secret().name(NAME).client_request_token(token).secret_string(text).send()
    };
    let first = create(TOKEN_1, "one").await.unwrap();
    let again = create(TOKEN_1, "one").await.unwrap();
    assert_eq!((first.arn, first.version_id), (again.arn, again.version_id));
    assert_eq!(code(create(TOKEN_1, "other").await), "ResourceExistsException");
    assert_eq!(code(create(TOKEN_2, "one").await), "ResourceExistsException");
    assert_eq!(value(&client, NAME).await, "one");
    server.shutdown().await;
}

#[tokio::test]
async fn a_deleted_secret_keeps_its_name_until_its_recovery_window_ends() {
    let clock = SetClock::new();
    let (server, client) = start(clock.clone()).await;
    client.create_secret().name(NAME).secret_string("one").send().await.unwrap();
    let delete = || client.delete_secret().secret_id(NAME).recovery_window_in_days(7).send();
    let deleted = delete().await.unwrap();
    assert_eq!(deleted.deletion_date.unwrap().secs() * 1000, NOW_MS / 1000 * 1000 + 7 * 24 * 60 * 60 * 1000);

    assert_eq!(code(client.get_secret_value().secret_id(NAME).send().await), "InvalidRequestException");
    let put = client.put_secret_value().secret_id(NAME).secret_string("two");
    assert_eq!(code(put.send().await), "InvalidRequestException");
    let create = || client.create_secret().name(NAME).secret_string("two").send();
    assert_eq!(code(create().await), "InvalidRequestException");
    assert_eq!(code(delete().await), "InvalidRequestException");

    clock.forward_days(8);
    assert_eq!(code(client.get_secret_value().secret_id(NAME).send().await), "ResourceNotFoundException");
    create().await.unwrap();
    assert_eq!(value(&client, NAME).await, "two");
    server.shutdown().await;
}

#[tokio::test]
async fn wrong_requests_get_the_error_codes_of_aws() {
    let (server, client) = start(SetClock::new()).await;
    client.create_secret().name(NAME).secret_string("one").send().await.unwrap();
    let missing = "ResourceNotFoundException";
    assert_eq!(code(client.get_secret_value().secret_id("none").send().await), missing);
    let delete = client.delete_secret().recovery_window_in_days(7);
    assert_eq!(code(delete.secret_id("none").send().await), missing);
    assert_eq!(code(client.put_secret_value().secret_id("none").secret_string("a").send().await), missing);
    for days in [6, 31] {
        let delete = client.delete_secret().secret_id(NAME).recovery_window_in_days(days);
        assert_eq!(code(delete.send().await), "InvalidParameterException");
    }
    assert_eq!(code(client.create_secret().name("工单").secret_string("a").send().await), "ValidationException");
    assert_eq!(code(client.list_secrets().send().await), "UnknownOperationException");
    server.shutdown().await;
}

#[tokio::test]
async fn secrets_are_stored_in_a_file_that_only_its_owner_can_read() {
    let file = Scratch::new("secrets");
    let manager = || SecretsManager::in_file(SetClock::new(), Arc::new(SystemRandom), file.0.join("secrets.json"));
    let (server, client) = serve(manager().unwrap()).await;
    client.create_secret().name(NAME).secret_string("one").send().await.unwrap();
    server.shutdown().await;

    let mode = fs::metadata(file.0.join("secrets.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_dir(&file.0).unwrap().count(), 1);

    let (server, client) = serve(manager().unwrap()).await;
    assert_eq!(value(&client, NAME).await, "one");
    server.shutdown().await;

    fs::write(file.0.join("secrets.json"), "{\"by_name\": \"hush\"}").unwrap();
    let error = manager().err().unwrap().to_string();
    assert!(!error.contains("hush"), "{error}");
}

#[tokio::test]
async fn a_change_that_can_not_be_written_is_refused() {
    let folder = Scratch::new("unwritable");
    let file = folder.0.join("none/secrets.json");
    let manager = SecretsManager::in_file(SetClock::new(), Arc::new(SystemRandom), file).unwrap();
    let (server, client) = serve(manager).await;
    let create = client.create_secret().name(NAME).secret_string("one").send().await;
    assert_eq!(code(create), "InternalServiceError");
    assert_eq!(code(client.get_secret_value().secret_id(NAME).send().await), "ResourceNotFoundException");
    server.shutdown().await;
}

/// A folder of one test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
