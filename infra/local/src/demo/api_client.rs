//! A client of Polydesk's HTTP API.

use loopback::AccessKey;
use serde_json::Value;

use super::DemoResult;

/// The API at one address.
pub struct ApiClient {
    url: String,
    access_key: AccessKey,
    client: reqwest::Client,
}

impl ApiClient {
    /// The API at `url`. Requests to loopback use no proxy.
    pub fn new(url: String, access_key: AccessKey) -> DemoResult<Self> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { url, access_key, client })
    }

    /// `GET`; any status but 200 is an error.
    pub async fn get(&self, path: &str) -> DemoResult<Value> {
        let request = self.client.get(format!("{}{path}", self.url));
        self.answer(request, path, 200).await
    }

    /// `GET` of what a redirect leads to, which needs no authorisation; any status but 200 is an error.
    pub async fn download(&self, path: &str) -> DemoResult<Vec<u8>> {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(self.access_key.as_str());
        let response = request.send().await?;
        let status = response.status().as_u16();
        let body = response.bytes().await?;
        if status == 200 {
            return Ok(body.into());
        }
        Err(format!("{path} led to {status}: {}", String::from_utf8_lossy(&body)).into())
    }

    /// `PUT` of a file to the link of its upload.
    pub async fn upload(&self, upload: &Value, bytes: &'static [u8]) -> DemoResult<()> {
        let mut request = self.client.put(text(upload, "upload_url")?).body(bytes);
        for (name, value) in upload["headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        let status = request.send().await?.status();
        if status.is_success() { Ok(()) } else { Err(format!("the upload answered {status}").into()) }
    }

    /// `POST`; any status but `status` is an error.
    pub async fn post(&self, path: &str, body: &Value, key: Option<&str>, status: u16) -> DemoResult<Value> {
        let mut request = self.client.post(format!("{}{path}", self.url)).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        self.answer(request, path, status).await
    }

    /// All items of a list, page by page.
    pub async fn all(&self, path: &str) -> DemoResult<Vec<Value>> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut page = self.get(path).await?;
        loop {
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            let Some(cursor) = page["next_cursor"].as_str() else {
                return Ok(items);
            };
            page = self.get(&format!("{path}{separator}cursor={cursor}")).await?;
        }
    }

    async fn answer(&self, request: reqwest::RequestBuilder, path: &str, status: u16) -> DemoResult<Value> {
        let response = request.bearer_auth(self.access_key.as_str()).send().await?;
        let got = response.status().as_u16();
        let body = response.text().await?;
        if got == status {
            return Ok(serde_json::from_str(&body)?);
        }
        Err(format!("{path} answered {got} instead of {status}: {body}").into())
    }
}

/// The text field `name`.
pub fn text<'a>(value: &'a Value, name: &str) -> DemoResult<&'a str> {
    value[name].as_str().ok_or_else(|| format!("{name} is missing in {value}").into())
}
