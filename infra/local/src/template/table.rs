//! The table's definition, and its creation on a local engine.

use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
    },
};
use serde_json::Value;

use super::{TemplateDocument, TemplateError};

const TABLE: &str = "AWS::DynamoDB::Table";

/// The DynamoDB table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDefinition {
    /// The resource's name in the template.
    pub logical_id: String,
    /// Partition key; all keys are strings.
    pub partition_key: String,
    /// Sort key.
    pub sort_key: String,
    /// Global secondary indexes, in the template's order; each projects all attributes.
    pub indexes: Vec<TableIndex>,
    /// The attribute with the time when an item expires, in Unix seconds.
    pub ttl_attribute: Option<String>,
    /// The view type of the stream, as `NEW_AND_OLD_IMAGES`.
    pub stream_view: Option<String>,
}

/// A global secondary index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableIndex {
    /// As `GSI1`.
    pub name: String,
    /// As `GSI1PK`.
    pub partition_key: String,
    /// As `GSI1SK`.
    pub sort_key: String,
}

/// The table could not be created.
#[derive(Debug, thiserror::Error)]
#[error("the table could not be created")]
pub struct CreateTableFailed(#[source] Box<dyn std::error::Error + Send + Sync>);

impl TableDefinition {
    /// Creates the table under `name` with its indexes, stream and TTL. An existing table stays as it is.
    ///
    /// For local engines, where a table is ready at once.
    ///
    /// # Errors
    ///
    /// The engine refuses the table.
    pub async fn create(&self, client: &Client, name: &str) -> Result<(), CreateTableFailed> {
        let request = self.create_request(client, name).map_err(|error| CreateTableFailed(error.into()))?;
        match request.send().await.map_err(aws_sdk_dynamodb::Error::from) {
            Ok(_) => {}
            Err(aws_sdk_dynamodb::Error::ResourceInUseException(_)) => return Ok(()),
            Err(error) => return Err(CreateTableFailed(error.into())),
        }
        self.set_ttl(client, name).await
    }

    fn create_request(
        &self,
        client: &Client,
        name: &str,
    ) -> Result<aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder, BuildError> {
        let mut request = client
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(key_schema(&self.partition_key, &self.sort_key)?));
        for attribute in self.key_attributes() {
            let definition = AttributeDefinition::builder().attribute_name(attribute);
            request = request.attribute_definitions(definition.attribute_type(ScalarAttributeType::S).build()?);
        }
        for index in &self.indexes {
            request = request.global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(&index.name)
                    .set_key_schema(Some(key_schema(&index.partition_key, &index.sort_key)?))
                    .projection(Projection::builder().projection_type(ProjectionType::All).build())
                    .build()?,
            );
        }
        if let Some(view) = &self.stream_view {
            let stream = StreamSpecification::builder().stream_enabled(true);
            request =
                request.stream_specification(stream.stream_view_type(StreamViewType::from(view.as_str())).build()?);
        }
        Ok(request)
    }

    async fn set_ttl(&self, client: &Client, name: &str) -> Result<(), CreateTableFailed> {
        let Some(attribute) = &self.ttl_attribute else {
            return Ok(());
        };
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name(attribute).build();
        let ttl = ttl.map_err(|error| CreateTableFailed(error.into()))?;
        let request = client.update_time_to_live().table_name(name).time_to_live_specification(ttl);
        request.send().await.map_err(|error| CreateTableFailed(error.into()))?;
        Ok(())
    }

    fn key_attributes(&self) -> Vec<&str> {
        let own = [self.partition_key.as_str(), self.sort_key.as_str()];
        let of_indexes = self.indexes.iter().flat_map(|index| [index.partition_key.as_str(), index.sort_key.as_str()]);
        own.into_iter().chain(of_indexes).collect()
    }
}

fn key_schema(partition_key: &str, sort_key: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    Ok(vec![element(partition_key, KeyType::Hash)?, element(sort_key, KeyType::Range)?])
}

pub(super) fn read(document: &TemplateDocument) -> Result<TableDefinition, TemplateError> {
    let mut tables = document.resources_of(TABLE);
    let (Some((id, resource)), None) = (tables.next(), tables.next()) else {
        return Err(TemplateError::of("Resources", "there must be one table"));
    };
    let properties = &resource["Properties"];
    let (partition_key, sort_key) = keys(id, &properties["KeySchema"])?;
    let table = TableDefinition {
        logical_id: id.to_owned(),
        partition_key,
        sort_key,
        indexes: indexes(id, properties)?,
        ttl_attribute: properties.pointer("/TimeToLiveSpecification/AttributeName").and_then(text),
        stream_view: properties.pointer("/StreamSpecification/StreamViewType").and_then(text),
    };
    let defined = properties["AttributeDefinitions"].as_array().into_iter().flatten();
    let defined: Vec<&str> =
        defined.filter(|a| a["AttributeType"] == "S").filter_map(|a| a["AttributeName"].as_str()).collect();
    if defined != table.key_attributes() {
        return Err(TemplateError::of(id, "AttributeDefinitions must be the keys, in their order, all strings"));
    }
    Ok(table)
}

fn indexes(id: &str, properties: &Value) -> Result<Vec<TableIndex>, TemplateError> {
    let indexes = properties["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
    indexes
        .map(|index| {
            if index.pointer("/Projection/ProjectionType").and_then(Value::as_str) != Some("ALL") {
                return Err(TemplateError::of(id, "only indexes that project all attributes are supported"));
            }
            let (partition_key, sort_key) = keys(id, &index["KeySchema"])?;
            let name = text(&index["IndexName"]).ok_or_else(|| TemplateError::of(id, "an index has no name"))?;
            Ok(TableIndex { name, partition_key, sort_key })
        })
        .collect()
}

fn keys(id: &str, schema: &Value) -> Result<(String, String), TemplateError> {
    let key = |place: usize, kind: &str| {
        schema.get(place).filter(|key| key["KeyType"] == kind).and_then(|key| text(&key["AttributeName"]))
    };
    key(0, "HASH").zip(key(1, "RANGE")).ok_or_else(|| TemplateError::of(id, "KeySchema is not HASH and RANGE"))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
