//! The table behind the store, for tests that break an item or prove that nothing was stored.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use shared::domain::AccountId;

use super::World;

impl World {
    /// Every item of the table, for proving that nothing was changed. Audit records are left out: a refused write has
    /// one, too.
    pub async fn table(&self) -> Vec<String> {
        let items = self.whole_table().await;
        items.into_iter().filter(|item| !item.contains(r#""PK":"AUDIT""#)).collect()
    }

    /// Every item of the table, for proving that it has no secret.
    pub async fn whole_table(&self) -> Vec<String> {
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

    /// Removes an item, past every condition of the store.
    pub async fn delete_item(&self, pk: &str, sk: &str) {
        let (client, table) = (self.stack.app.store.client(), &self.stack.app.config.table_name);
        let delete = client.delete_item().table_name(table).key("PK", AttributeValue::S(pk.into()));
        delete.key("SK", AttributeValue::S(sk.into())).send().await.unwrap();
    }

    /// Makes an account one of an earlier version, whose customer is not known, and forgets its customer's accounts.
    pub async fn forget_customer(&self, account: &str) {
        let stored = self.stack.app.store.account(&AccountId::parse(account).unwrap()).await.unwrap().unwrap();
        let customer = stored.customer_id.unwrap();
        self.delete_item(&format!("CUSTOMER#{}#{customer}", stored.vendor), "CUSTOMER").await;
        self.remove_attribute(&format!("ACCOUNT#{account}"), "ACCOUNT", "customer_id").await;
    }

    /// Makes every answer one that was not stored: each request counts as under way.
    pub async fn forget_answers(&self) {
        for item in self.table().await {
            let item: Value = serde_json::from_str(&item).unwrap();
            if let (Some(pk), Some(sk @ "IDEMPOTENCY")) = (item["PK"].as_str(), item["SK"].as_str()) {
                self.remove_attribute(pk, sk, "answer").await;
            }
        }
    }

    /// Removes an attribute of an item, past every condition of the store.
    pub async fn remove_attribute(&self, pk: &str, sk: &str, name: &str) {
        let (client, table) = (self.stack.app.store.client(), &self.stack.app.config.table_name);
        let update = client.update_item().table_name(table).update_expression("REMOVE #name");
        let update = update.expression_attribute_names("#name", name);
        let update = update.key("PK", AttributeValue::S(pk.into())).key("SK", AttributeValue::S(sk.into()));
        update.send().await.unwrap();
    }

    /// Writes a number of an account's item, past every condition of the store.
    pub async fn overwrite_number(&self, account: &str, name: &str, value: i64) {
        self.overwrite(&format!("ACCOUNT#{account}"), "ACCOUNT", name, AttributeValue::N(value.to_string())).await;
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

/// The items without the time of the next copy, which a reply sets whatever becomes of it, and without versions.
pub fn without_next_copy(items: Vec<String>) -> Vec<String> {
    without(items, &["next_copy", "version"])
}

/// The items without attributes with these names.
pub fn without(items: Vec<String>, names: &[&str]) -> Vec<String> {
    let without = |item: String| {
        let mut item: Value = serde_json::from_str(&item).unwrap();
        item.as_object_mut().unwrap().retain(|name, _| !names.contains(&name.as_str()));
        item.to_string()
    };
    items.into_iter().map(without).collect()
}
