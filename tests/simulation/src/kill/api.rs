//! A client of the API and of the simulators' control API.

use std::{sync::Mutex, time::Duration};

use serde_json::Value;

use super::{
    KillResult,
    processes::{KillTestProcesses, ServedStack},
};
use crate::process::lock;

/// The timeout of one request; the API answers within 30 s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(35);

/// A client of both.
pub struct KillTestClient {
    client: reqwest::Client,
    /// The access key of the running stack.
    stack_key: Mutex<String>,
    /// The simulators' addresses, keys and access keys.
    pub vendors: Value,
}

/// The vendors with tickets, as the simulators and as the API name them.
pub const VENDORS: [(&str, &str, &str); 2] =
    [("alibaba", "ALIBABA", "cn-hangzhou"), ("huawei", "HUAWEI", "cn-south-1")];

impl KillTestClient {
    /// A client; makes no call.
    pub fn new(processes: &KillTestProcesses) -> KillResult<Self> {
        let client = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIMEOUT).build()?;
        Ok(Self { client, stack_key: Mutex::default(), vendors: processes.vendors.clone() })
    }

    /// Calls this stack from now on.
    pub fn use_stack(&self, stack: &ServedStack) {
        stack.access_key.clone_into(&mut lock(&self.stack_key));
    }

    /// One request to the API: status and JSON.
    pub async fn call(
        &self,
        method: &str,
        url: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> KillResult<(u16, Value)> {
        let access_key = lock(&self.stack_key).clone();
        let mut request = self.client.request(method.parse()?, url).bearer_auth(access_key);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        Self::send(request, body).await
    }

    async fn send(request: reqwest::RequestBuilder, body: Option<&Value>) -> KillResult<(u16, Value)> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = request.header("content-type", "application/json").body(body).send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    /// A call of a simulator's control API.
    pub async fn simulator(&self, vendor: &str, call: &str, body: Option<&Value>) -> KillResult<Value> {
        let text = |name: &str| self.vendors[vendor][name].as_str().unwrap_or_default();
        let method = if body.is_some() { reqwest::Method::POST } else { reqwest::Method::GET };
        let request = self.client.request(method, format!("{}/_simulator/{call}", text("url")));
        let (status, answer) = Self::send(request.bearer_auth(text("access_key")), body).await?;
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
