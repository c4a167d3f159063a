//! The accounts of a test.

use std::array::IntoIter;

use serde_json::{Value, json};
use simulators::Keys;

use super::{ApiEvent, CaseIterator, World, cases};

/// An account at each vendor with tickets.
pub struct Accounts {
    /// The account's id at Alibaba.
    pub alibaba: String,
    /// The account's id at Huawei.
    pub huawei: String,
}

impl Accounts {
    /// Each vendor with its account.
    pub fn both(&self) -> CaseIterator<IntoIter<(&'static str, &str), 2>> {
        cases([("ALIBABA", self.alibaba.as_str()), ("HUAWEI", self.huawei.as_str())])
    }
}

impl World {
    /// Registers an account at Alibaba and one at Huawei and refreshes their catalogs.
    pub async fn register_accounts(&self) -> Accounts {
        let alibaba = self.register("ALIBABA").await;
        let huawei = self.register("HUAWEI").await;
        self.refresh(json!({})).await;
        Accounts { alibaba, huawei }
    }

    /// The body of `POST /accounts` for the vendor's simulator.
    pub fn account_body(&self, vendor: &str) -> Value {
        let simulators = &self.stack.simulators;
        let (keys, region, endpoint): (&Keys, _, _) = match vendor {
            "ALIBABA" => (&simulators::alibaba::DEMO_KEYS, "cn-hangzhou", simulators.alibaba_url()),
            "HUAWEI" => (&simulators::huawei::DEMO_KEYS, "cn-south-1", simulators.huawei_url()),
            "TENCENT" => (&simulators::tencent::DEMO_KEYS, "ap-guangzhou", simulators.tencent_url()),
            _ => panic!("no vendor {vendor}"),
        };
        json!({
            "type": vendor,
            "region_id": region,
            "secret_id": keys.id,
            "secret_key_secret": keys.secret,
            "endpoint": endpoint,
        })
    }

    /// Registers an account, whether the customer has another one or not, and returns its id.
    pub async fn register(&self, vendor: &str) -> String {
        let mut body = self.account_body(vendor);
        body["allow_same_customer"] = json!(true);
        self.call(ApiEvent::of("POST /accounts").body(body)).await.expect(201).text("id")
    }

    /// Registers an account with the keys of the vendor's second customer and returns its id.
    pub async fn register_second(&self, vendor: &str) -> String {
        let keys = super::second_keys(vendor);
        let mut body = self.account_body(vendor);
        body["secret_id"] = json!(keys.id);
        body["secret_key_secret"] = json!(keys.secret);
        self.call(ApiEvent::of("POST /accounts").body(body)).await.expect(201).text("id")
    }

    /// Removes an account whose tickets are closed, once their rechecks are done.
    pub async fn remove(&self, account: &str) {
        self.clock.advance(super::SETTLE_TIME);
        self.sync().await;
        self.call(ApiEvent::of("DELETE /accounts/{id}").id(account)).await.expect(204);
    }
}
