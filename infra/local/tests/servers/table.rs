//! The template's table, created on the embedded engine.

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
    error::ProvideErrorMetadata,
    types::{KeyType, ProjectionType, StreamViewType},
};
use dynoxide::Database;
use local::dynamodb::DynamoDb;
use loopback::Server;

use crate::support::{access, other_credentials, template};

fn client(server: &Server, credentials: Credentials) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(shared::https::aws_client(std::sync::Arc::new(shared::clock::SystemClock)))
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url(server.url());
    Client::from_conf(config.build())
}

#[tokio::test]
async fn a_caller_without_the_access_key_is_refused() {
    let (key, _) = access();
    let server = DynamoDb::new(Database::memory().unwrap()).start(0, &key).await.unwrap();
    let refused = client(&server, other_credentials()).list_tables().send().await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 403);
    assert_eq!(refused.code(), Some("UnrecognizedClientException"));
    server.shutdown().await;
}

#[tokio::test]
async fn the_table_is_created_as_in_the_template() {
    let (key, credentials) = access();
    let server = DynamoDb::new(Database::memory().unwrap()).start(0, &key).await.unwrap();
    let client = client(&server, credentials);

    // Twice: an existing table stays as it is.
    for _ in 0..2 {
        template().table.create(&client, "polydesk").await.unwrap();
    }

    let table = client.describe_table().table_name("polydesk").send().await.unwrap().table.unwrap();
    let keys = |schema: &[aws_sdk_dynamodb::types::KeySchemaElement]| {
        schema.iter().map(|key| (key.attribute_name.clone(), key.key_type.clone())).collect::<Vec<_>>()
    };
    let pair = |pk: &str, sk: &str| vec![(pk.to_owned(), KeyType::Hash), (sk.to_owned(), KeyType::Range)];
    assert_eq!(keys(table.key_schema()), pair("PK", "SK"));
    let mut indexes: Vec<_> = table.global_secondary_indexes().to_vec();
    indexes.sort_by_key(|index| index.index_name.clone());
    assert_eq!(indexes.len(), 3);
    for (index, name) in indexes.iter().zip(["GSI1", "GSI2", "GSI3"]) {
        assert_eq!(index.index_name(), Some(name));
        assert_eq!(keys(index.key_schema()), pair(&format!("{name}PK"), &format!("{name}SK")));
        assert_eq!(index.projection().unwrap().projection_type(), Some(&ProjectionType::All));
    }
    let stream = table.stream_specification.unwrap();
    assert_eq!(stream.stream_view_type, Some(StreamViewType::NewAndOldImages));
    let ttl = client.describe_time_to_live().table_name("polydesk").send().await.unwrap();
    assert_eq!(ttl.time_to_live_description.unwrap().attribute_name(), Some("expires_at"));

    server.shutdown().await;
}
