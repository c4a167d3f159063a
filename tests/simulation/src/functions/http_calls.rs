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
    let (route, id, message_id) = ("POST /tickets", String::new(), String::new());
    let input = InvocationInput::Http { route, id, message_id, key: Some(key.to_owned()), body };
    InvocationRequest { input: Arc::new(input), ..create(key, &Value::Null) }
}

/// `POST /attachments` for a file of that size.
pub fn upload(name: &str, size: usize) -> InvocationRequest {
    let title = format!("POST /attachments {name}");
    http("create-ticket", "POST /attachments", "", title, None, json!({"name": name, "size": size}))
}

/// `POST /tickets/{id}/messages` under a key.
pub fn reply(ticket: &str, key: &str, content: &str, files: &[String]) -> InvocationRequest {
    let title = format!("POST /tickets/{ticket}/messages key {key}");
    let body = json!({"content": content, "attachments": files});
    http("reply-ticket", "POST /tickets/{id}/messages", ticket, title, Some(key), body)
}

/// `POST /tickets/{id}/reopen` under a key.
pub fn reopen(ticket: &str, key: &str, content: &str) -> InvocationRequest {
    let title = format!("POST /tickets/{ticket}/reopen key {key}");
    http("reply-ticket", "POST /tickets/{id}/reopen", ticket, title, Some(key), json!({"content": content}))
}

/// `POST /tickets/{id}/urge` under a key.
pub fn urge(ticket: &str, key: &str) -> InvocationRequest {
    let title = format!("POST /tickets/{ticket}/urge key {key}");
    http("resolve-outcome", "POST /tickets/{id}/urge", ticket, title, Some(key), Value::Null)
}

/// `POST /tickets/{id}/rating` under a key, which is the comment too.
pub fn rate(ticket: &str, key: &str) -> InvocationRequest {
    let title = format!("POST /tickets/{ticket}/rating key {key}");
    let body = json!({"solved": true, "score": 4, "comment": key});
    http("resolve-outcome", "POST /tickets/{id}/rating", ticket, title, Some(key), body)
}

/// `DELETE /tickets/{id}/messages/{message_id}` under a key.
pub fn withdraw(ticket: &str, message: &str, key: &str) -> InvocationRequest {
    let route = "DELETE /tickets/{id}/messages/{message_id}";
    let title = format!("DELETE /tickets/{ticket}/messages/{message} key {key}");
    let (id, message_id, key) = (ticket.to_owned(), message.to_owned(), Some(key.to_owned()));
    let input = Arc::new(InvocationInput::Http { route, id, message_id, key, body: String::new() });
    InvocationRequest { function: "resolve-outcome", timeout: HTTP_TIMEOUT, input, title }
}

/// `GET /tickets/{id}/messages`.
pub fn messages(ticket: &str) -> InvocationRequest {
    let title = format!("GET /tickets/{{id}}/messages {ticket}");
    http("query-tickets", "GET /tickets/{id}/messages", ticket, title, None, Value::Null)
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
    let (id, message_id, key) = (id.to_owned(), String::new(), key.map(str::to_owned));
    let input = InvocationInput::Http { route, id, message_id, key, body };
    InvocationRequest { function, timeout: HTTP_TIMEOUT, input: Arc::new(input), title }
}
