//! A plain HTTP client of Polydesk's API.

use std::error::Error;

use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The API at one address.
pub struct Api {
    url: String,
    client: reqwest::Client,
}

impl Api {
    /// The API at `url`. No proxy stands before loopback.
    pub fn new(url: String) -> Result<Self> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { url, client })
    }

    /// `GET`, answered with 200.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let request = self.client.get(format!("{}{path}", self.url));
        answer(request, path, 200).await
    }

    /// `POST`, answered with `status`.
    pub async fn post(&self, path: &str, body: &Value, key: Option<&str>, status: u16) -> Result<Value> {
        let mut request = self.client.post(format!("{}{path}", self.url)).body(body.to_string());
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        answer(request, path, status).await
    }

    /// All items of a list, page by page.
    pub async fn all(&self, path: &str) -> Result<Vec<Value>> {
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
}

async fn answer(request: reqwest::RequestBuilder, path: &str, status: u16) -> Result<Value> {
    let response = request.send().await?;
    let got = response.status().as_u16();
    let body = response.text().await?;
    if got == status {
        return Ok(serde_json::from_str(&body)?);
    }
    Err(format!("{path} answered {got} in place of {status}: {body}").into())
}

/// The text field `name`.
pub fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().ok_or_else(|| format!("{name} is missing in {value}").into())
}
