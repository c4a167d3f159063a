//! A client of the API and of the simulators' control API.

use std::time::Duration;

use serde_json::Value;

use super::{KillResult, processes::KillTestProcesses};

/// The timeout of one request; the API answers within 30 s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(35);

/// A client of both.
pub struct KillTestClient {
    client: reqwest::Client,
    /// The simulators' addresses and keys.
    pub vendors: Value,
}

/// The vendors with tickets, as the simulators and as the API name them.
pub const VENDORS: [(&str, &str, &str); 2] =
    [("alibaba", "ALIBABA", "cn-hangzhou"), ("huawei", "HUAWEI", "cn-south-1")];

impl KillTestClient {
    /// A client; makes no call.
    pub fn new(processes: &KillTestProcesses) -> KillResult<Self> {
        let client = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIMEOUT).build()?;
        Ok(Self { client, vendors: processes.vendors.clone() })
    }

    /// One request: status and JSON.
    pub async fn call(
        &self,
        method: &str,
        url: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> KillResult<(u16, Value)> {
        let mut request = self.client.request(method.parse()?, url);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    /// A call of a simulator's control API.
    pub async fn simulator(&self, vendor: &str, call: &str, body: Option<&Value>) -> KillResult<Value> {
        let url = self.vendors[vendor]["url"].as_str().unwrap_or_default();
        let method = if body.is_some() { "POST" } else { "GET" };
        let (status, answer) = self.call(method, &format!("{url}/_simulator/{call}"), None, body).await?;
        if status == 200 { Ok(answer) } else { Err(format!("{call}: {status} {answer}").into()) }
    }

    /// All items of a list of the API.
    pub async fn all(&self, url: &str) -> KillResult<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let (status, page) = self.call("GET", &format!("{url}?limit=100{cursor}"), None, None).await?;
            if status != 200 {
                return Err(format!("{url}: {status} {page}").into());
            }
            items.extend(page["items"].as_array().into_iter().flatten().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }
}
