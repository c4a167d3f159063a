//! The table behind the store, for tests that break an item or prove that nothing was stored.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::World;

impl World {
    /// Every item of the table, for proving that nothing was stored, or no secret.
    pub async fn table(&self) -> Vec<String> {
        let client = self.stack.app.store.client();
        // Through JSON, whose maps are sorted.
        let text = |item| serde_dynamo::from_item::<_, Value>(item).unwrap().to_string();
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let answer = client
                .scan()
                .table_name(&self.stack.app.config.table_name)
                .set_exclusive_start_key(start)
                .send()
                .await
                .unwrap();
            items.extend(answer.items.unwrap_or_default().into_iter().map(text));
            start = answer.last_evaluated_key;
            if start.is_none() {
                items.sort();
                return items;
            }
        }
    }

    /// Writes an attribute of an item, past every condition of the store. The item must exist.
    pub async fn overwrite(&self, pk: &str, sk: &str, name: &str, value: AttributeValue) {
        let (client, table) = (self.stack.app.store.client(), &self.stack.app.config.table_name);
        let update = client.update_item().table_name(table).condition_expression("attribute_exists(PK)");
        let update = update.key("PK", AttributeValue::S(pk.into())).key("SK", AttributeValue::S(sk.into()));
        let update = update.update_expression("SET #name = :value").expression_attribute_names("#name", name);
        update.expression_attribute_values(":value", value).send().await.unwrap();
    }
}
