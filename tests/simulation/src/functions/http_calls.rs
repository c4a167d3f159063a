//! Invocations by HTTP.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{InvocationInput, InvocationRequest};

/// The timeout of a function that is called by HTTP.
const HTTP_TIMEOUT: Duration = Duration::from_secs(29);

/// The template's timeout of `refresh-catalog`.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(300);

/// `POST /tickets` under a key.
pub fn create(key: &str, body: &Value) -> InvocationRequest {
    let title = format!("POST /tickets key {key}");
    http("create-ticket", "POST /tickets", "", title, Some(key), body.clone())
}

/// The same request in another form: white space, and a member that is null.
pub fn create_in_another_form(key: &str, body: &Value) -> InvocationRequest {
    let mut body = body.clone();
    body["region_id"] = Value::Null;
    let body = format!("{body:#}");
    let input = InvocationInput::Http { route: "POST /tickets", id: String::new(), key: Some(key.to_owned()), body };
    InvocationRequest { input: Arc::new(input), ..create(key, &Value::Null) }
}

/// `POST /tickets/{id}/messages` under a key.
pub fn reply(ticket: &str, key: &str, content: &str) -> InvocationRequest {
    let title = format!("POST /tickets/{ticket}/messages key {key}");
    http("reply-ticket", "POST /tickets/{id}/messages", ticket, title, Some(key), json!({"content": content}))
}

/// `POST /tickets/{id}/close`.
pub fn close(ticket: &str) -> InvocationRequest {
    let title = format!("POST /tickets/{{id}}/close {ticket}");
    http("close-ticket", "POST /tickets/{id}/close", ticket, title, None, Value::Null)
}

/// `GET /tickets/{id}`.
pub fn get(ticket: &str) -> InvocationRequest {
    let title = format!("GET /tickets/{{id}} {ticket}");
    http("query-tickets", "GET /tickets/{id}", ticket, title, None, Value::Null)
}

/// `PUT /accounts/{id}/keys`.
pub fn rotate(account: &str, key_id: &str, key_secret: &str) -> InvocationRequest {
    let title = format!("PUT /accounts/{account}/keys");
    let body = json!({"secret_id": key_id, "secret_key_secret": key_secret});
    http("manage-accounts", "PUT /accounts/{id}/keys", account, title, None, body)
}

/// `POST /accounts` under a key.
pub fn register(key: &str, body: &Value) -> InvocationRequest {
    let title = format!("POST /accounts key {key}");
    http("manage-accounts", "POST /accounts", "", title, Some(key), body.clone())
}

/// `DELETE /accounts/{id}`.
pub fn remove(account: &str) -> InvocationRequest {
    let title = format!("DELETE /accounts/{account}");
    http("manage-accounts", "DELETE /accounts/{id}", account, title, None, Value::Null)
}

/// `POST /catalog/refresh`.
pub fn refresh() -> InvocationRequest {
    let title = "POST /catalog/refresh ".to_owned();
    let request = http("refresh-catalog", "POST /catalog/refresh", "", title, None, Value::Null);
    InvocationRequest { timeout: REFRESH_TIMEOUT, ..request }
}

fn http(
    function: &'static str,
    route: &'static str,
    id: &str,
    title: String,
    key: Option<&str>,
    body: Value,
) -> InvocationRequest {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let input = InvocationInput::Http { route, id: id.to_owned(), key: key.map(str::to_owned), body };
    InvocationRequest { function, timeout: HTTP_TIMEOUT, input: Arc::new(input), title }
}
