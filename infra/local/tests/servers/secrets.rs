//! Secrets Manager, driven by the official SDK.

use std::{fmt::Debug, fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use aws_sdk_secretsmanager::{
    Client,
    config::{BehaviorVersion, Config, Region},
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
};
use local::{Server, secrets::SecretsManager};
use shared::ids::SystemRandom;

use crate::support::{SetClock, credentials};

const NAME: &str = "polydesk/dev/account/01J";
const TOKEN_1: &str = "11111111-1111-1111-1111-111111111111";
const TOKEN_2: &str = "22222222-2222-2222-2222-222222222222";

fn client(server: &Server) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url(server.url());
    Client::from_conf(config.build())
}

async fn start(clock: Arc<SetClock>) -> (Server, Client) {
    let server = SecretsManager::new(clock, Arc::new(SystemRandom)).start(0).await.unwrap();
    let client = client(&server);
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
async fn a_secret_is_created_read_replaced_and_described() {
    let (server, client) = start(SetClock::new()).await;
    let created =
        client.create_secret().name(NAME).description("keys").secret_string("one").send().await.unwrap();
    let arn = created.arn.unwrap();
    assert!(arn.starts_with(&format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{NAME}-")));
    assert_eq!(value(&client, NAME).await, "one");
    assert_eq!(value(&client, &arn).await, "one");

    let put = client.put_secret_value().secret_id(NAME).secret_string("two").send().await.unwrap();
    assert_eq!(put.version_stages.unwrap(), ["AWSCURRENT"]);
    assert_eq!(value(&client, NAME).await, "two");
    let previous =
        client.get_secret_value().secret_id(NAME).version_stage("AWSPREVIOUS").send().await.unwrap();
    assert_eq!(previous.secret_string.unwrap(), "one");
    assert_eq!(previous.version_id, created.version_id);

    let described = client.describe_secret().secret_id(&arn).send().await.unwrap();
    assert_eq!(described.name.unwrap(), NAME);
    assert_eq!(described.description.unwrap(), "keys");
    assert_eq!(described.version_ids_to_stages.unwrap().len(), 2);
    assert!(described.deleted_date.is_none());
    server.shutdown().await;
}

#[tokio::test]
async fn bytes_are_kept_as_bytes() {
    let (server, client) = start(SetClock::new()).await;
    client.create_secret().name(NAME).secret_binary(Blob::new([0xff, 0])).send().await.unwrap();
    let answer = client.get_secret_value().secret_id(NAME).send().await.unwrap();
    assert_eq!(answer.secret_binary.unwrap().as_ref(), [0xff, 0]);
    assert!(answer.secret_string.is_none());
    server.shutdown().await;
}

#[tokio::test]
async fn a_request_token_makes_a_repeat_safe() {
    let (server, client) = start(SetClock::new()).await;
    let create = |token: &str, text: &str| {
        client.create_secret().name(NAME).client_request_token(token).secret_string(text).send()
    };
    let first = create(TOKEN_1, "one").await.unwrap();
    let again = create(TOKEN_1, "one").await.unwrap();
    assert_eq!((first.arn, first.version_id), (again.arn, again.version_id));
    assert_eq!(code(create(TOKEN_1, "other").await), "ResourceExistsException");
    assert_eq!(code(create(TOKEN_2, "one").await), "ResourceExistsException");

    let put = |token: &str, text: &str| {
        client.put_secret_value().secret_id(NAME).client_request_token(token).secret_string(text).send()
    };
    put(TOKEN_2, "two").await.unwrap();
    assert_eq!(put(TOKEN_2, "two").await.unwrap().version_id.unwrap(), TOKEN_2);
    assert_eq!(code(put(TOKEN_2, "three").await), "ResourceExistsException");
    assert_eq!(value(&client, NAME).await, "two");
    // A late repeat of the first request changes nothing.
    put(TOKEN_1, "one").await.unwrap();
    assert_eq!(value(&client, NAME).await, "two");
    server.shutdown().await;
}

#[tokio::test]
async fn a_secret_marked_for_deletion_can_be_restored_until_its_window_ends() {
    let clock = SetClock::new();
    let (server, client) = start(clock.clone()).await;
    client.create_secret().name(NAME).secret_string("one").send().await.unwrap();
    let delete = || client.delete_secret().secret_id(NAME).recovery_window_in_days(7).send();
    delete().await.unwrap();

    assert_eq!(code(client.get_secret_value().secret_id(NAME).send().await), "InvalidRequestException");
    let put = client.put_secret_value().secret_id(NAME).secret_string("two");
    assert_eq!(code(put.send().await), "InvalidRequestException");
    let create = client.create_secret().name(NAME).secret_string("two");
    assert_eq!(code(create.send().await), "InvalidRequestException");
    assert_eq!(code(delete().await), "InvalidRequestException");
    let described = client.describe_secret().secret_id(NAME).send().await.unwrap();
    assert!(described.deleted_date.is_some());

    client.restore_secret().secret_id(NAME).send().await.unwrap();
    assert_eq!(value(&client, NAME).await, "one");

    delete().await.unwrap();
    clock.forward_days(8);
    assert_eq!(code(client.restore_secret().secret_id(NAME).send().await), "ResourceNotFoundException");
    server.shutdown().await;
}

#[tokio::test]
async fn a_forced_deletion_is_at_once_and_may_be_repeated() {
    let (server, client) = start(SetClock::new()).await;
    client.create_secret().name(NAME).secret_string("one").send().await.unwrap();
    client.delete_secret().secret_id(NAME).recovery_window_in_days(7).send().await.unwrap();
    for _ in 0..2 {
        client.delete_secret().secret_id(NAME).force_delete_without_recovery(true).send().await.unwrap();
    }
    assert_eq!(code(client.get_secret_value().secret_id(NAME).send().await), "ResourceNotFoundException");
    client.create_secret().name(NAME).secret_string("new").send().await.unwrap();
    assert_eq!(value(&client, NAME).await, "new");
    server.shutdown().await;
}

#[tokio::test]
async fn wrong_requests_get_the_real_error_codes() {
    let (server, client) = start(SetClock::new()).await;
    client.create_secret().name(NAME).secret_string("one").send().await.unwrap();
    let missing = "ResourceNotFoundException";
    assert_eq!(code(client.get_secret_value().secret_id("none").send().await), missing);
    assert_eq!(code(client.describe_secret().secret_id("none").send().await), missing);
    assert_eq!(code(client.delete_secret().secret_id("none").send().await), missing);
    assert_eq!(code(client.put_secret_value().secret_id("none").secret_string("a").send().await), missing);
    assert_eq!(code(client.restore_secret().secret_id("none").send().await), missing);
    assert_eq!(code(client.get_secret_value().secret_id(NAME).version_stage("S").send().await), missing);
    assert_eq!(code(client.get_secret_value().secret_id(NAME).version_id(TOKEN_2).send().await), missing);
    let both =
        client.delete_secret().secret_id(NAME).recovery_window_in_days(7).force_delete_without_recovery(true);
    assert_eq!(code(both.send().await), "InvalidParameterException");
    let short = client.delete_secret().secret_id(NAME).recovery_window_in_days(6);
    assert_eq!(code(short.send().await), "InvalidParameterException");
    assert_eq!(code(client.put_secret_value().secret_id(NAME).send().await), "InvalidRequestException");
    assert_eq!(code(client.create_secret().name("工单").send().await), "ValidationException");
    assert_eq!(code(client.list_secrets().send().await), "UnknownOperationException");
    server.shutdown().await;
}

#[tokio::test]
async fn secrets_outlive_a_restart_in_a_file_of_the_owner_alone() {
    let file = Scratch::new("secrets");
    let manager =
        || SecretsManager::in_file(SetClock::new(), Arc::new(SystemRandom), file.0.join("secrets.json"));
    let server = manager().unwrap().start(0).await.unwrap();
    client(&server).create_secret().name(NAME).secret_string("one").send().await.unwrap();
    server.shutdown().await;

    let mode = fs::metadata(file.0.join("secrets.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_dir(&file.0).unwrap().count(), 1);

    let server = manager().unwrap().start(0).await.unwrap();
    assert_eq!(value(&client(&server), NAME).await, "one");
    server.shutdown().await;

    fs::write(file.0.join("secrets.json"), "{\"by_name\": \"hush\"}").unwrap();
    let error = manager().err().unwrap().to_string();
    assert!(!error.contains("hush"), "{error}");
}

#[tokio::test]
async fn what_the_file_did_not_take_did_not_happen() {
    let folder = Scratch::new("unwritable");
    let file = folder.0.join("none/secrets.json");
    let manager = SecretsManager::in_file(SetClock::new(), Arc::new(SystemRandom), file).unwrap();
    let server = manager.start(0).await.unwrap();
    let client = client(&server);
    let create = client.create_secret().name(NAME).secret_string("one").send().await;
    assert_eq!(code(create), "InternalServiceError");
    assert_eq!(code(client.get_secret_value().secret_id(NAME).send().await), "ResourceNotFoundException");
    server.shutdown().await;
}

/// A folder of a test's own, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
