//! Huawei's gateway and operations against golden signatures and a small signing caller.

mod console;
mod lists;
mod operations;
mod signing;

use super::*;
use crate::fault::{Fault, FaultRule};
use crate::testing::{pairs_of, read, request, vectors};
use crate::wire::{hex, hmac_sha256, percent_encode, sha256_hex, utc_text};

const NOW: i64 = 1_714_534_252_000;
const CONSULTING: &str = "5efc9f47ace944bfafd054161409f15b";
const ECS: &str = "69af625c1be54800b58ac4bae4870c90";

struct HuaweiTestClient {
    simulator: HuaweiSimulator,
    secret: &'static str,
    language: &'static str,
}

impl HuaweiTestClient {
    fn new() -> Self {
        Self { simulator: HuaweiSimulator::new(), secret: DEMO_KEYS.secret, language: "zh-cn" }
    }

    /// `path` is whole, or follows `/v2/servicerequest/`.
    fn signed(&self, path: &str, query: &[(&str, &str)], body: Option<&Value>, now_ms: i64) -> Request<Bytes> {
        let method = if body.is_some() { "POST" } else { "GET" };
        let mut pairs: Vec<_> =
            query.iter().map(|(name, value)| (*name, format!("{name}={}", percent_encode(value)), *value)).collect();
        pairs.sort_by(|one, two| (one.0, one.2).cmp(&(two.0, two.2)));
        let query = pairs.into_iter().map(|(_, pair, _)| pair).collect::<Vec<_>>().join("&");
        let body = body.map(|body| if body.is_null() { String::new() } else { body.to_string() }).unwrap_or_default();
        let date = utc_text(now_ms).replace(['-', ':'], "");
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("host".to_owned(), "127.0.0.1:1".to_owned()),
            ("x-language".to_owned(), self.language.to_owned()),
            ("x-sdk-date".to_owned(), date.clone()),
            ("x-time-zone".to_owned(), "GMT+8".to_owned()),
        ];
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/v2/servicerequest/{path}") };
        let canonical = format!("{method}\n{path}/\n{query}\n{lines}\n{names}\n{}", sha256_hex(body.as_bytes()));
        let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", sha256_hex(canonical.as_bytes()));
        let signature = hex(&hmac_sha256(self.secret.as_bytes(), to_sign.as_bytes()));
        let id = DEMO_KEYS.id;
        let authorization = format!("SDK-HMAC-SHA256 Access={id}, SignedHeaders={names}, Signature={signature}");
        headers.push(("authorization".to_owned(), authorization));
        let target = if query.is_empty() { path } else { format!("{path}?{query}") };
        request(method, &target, &headers, &body)
    }

    fn call(&self, path: &str, query: &[(&str, &str)], body: Option<&Value>) -> Value {
        let (status, body) = read(&self.simulator.handle(self.signed(path, query, body, NOW), NOW));
        assert_eq!(status, 200, "{body}");
        body
    }

    fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        self.call(path, query, None)
    }

    fn create_with(&self, changes: &Value) -> Value {
        let mut body = json!({ "business_type_id": CONSULTING, "simple_description": "描述", "source_id": SOURCE_ID });
        for (name, value) in changes.as_object().unwrap() {
            body[name.as_str()] = value.clone();
        }
        self.call("cases", &[], Some(&body))
    }

    fn create(&self) -> String {
        self.create_with(&json!({}))["incident_id"].as_str().unwrap().to_owned()
    }

    fn status(&self, id: &str) -> Value {
        self.get(&format!("cases/{id}/status"), &[])["status"].clone()
    }

    fn act(&self, id: &str, action: &str) -> Value {
        self.call(&format!("cases/{id}/action"), &[("action_id", action)], Some(&json!({})))
    }
}
