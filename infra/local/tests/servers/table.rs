//! The template's table, created on the embedded engine.

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Config, Region},
    types::{KeyType, ProjectionType, StreamViewType},
};
use dynoxide::{Database, server};
use tokio::{net::TcpListener, sync::oneshot};

use crate::support::{credentials, template};

#[tokio::test]
async fn the_table_is_created_as_in_the_template() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let engine = server::serve_with_shutdown(listener, Database::memory().unwrap(), async {
        let _ = stopped.await;
    });
    let engine = tokio::spawn(engine);
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url(url);
    let client = Client::from_conf(config.build());

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

    drop(client);
    let _ = stop.send(());
    engine.await.unwrap().unwrap();
}
