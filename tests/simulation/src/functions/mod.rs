//! The functions under test, one file each: how an invocation reaches the real handler.

mod close;
mod create;
mod publish;
mod query;
mod refresh;
mod reply;
mod sync;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};
use serde_json::Value;
use shared::{http::HttpCall, invocation::Invocation};

use crate::{
    history::{Answer, Ended},
    process::Process,
};

pub use self::{
    close::close,
    create::create,
    publish::{publish, records},
    query::get,
    refresh::{refresh, run_refresh, schedule},
    reply::reply,
    sync::sync,
};

/// What Lambda gives a function that is called by HTTP.
const HTTP_TIMEOUT: Duration = Duration::from_secs(29);

/// An invocation to be made.
#[derive(Clone, Debug)]
pub struct Job {
    /// The function's package.
    pub function: &'static str,
    /// When Lambda ends it.
    pub timeout: Duration,
    /// What it is called with.
    pub call: Call,
    /// For the trace: what is asked.
    pub title: String,
}

/// What a function is called with.
#[derive(Clone, Debug)]
pub enum Call {
    /// An HTTP call.
    Http {
        /// The route's key.
        route: &'static str,
        /// The path's id.
        id: String,
        /// The caller's idempotency key.
        key: Option<String>,
        /// The query's parameters.
        query: Vec<(String, String)>,
        /// The body; null for none.
        body: Value,
    },
    /// An event of another source.
    Event(Value),
}

impl Job {
    fn http(function: &'static str, route: &'static str, id: &str) -> Self {
        let call = Call::Http { route, id: id.to_owned(), key: None, query: Vec::new(), body: Value::Null };
        Self { function, timeout: HTTP_TIMEOUT, call, title: format!("{route} {id}") }
    }

    /// Runs the function's own handler.
    pub async fn serve(&self, process: &Process, invocation: &Invocation) -> Ended {
        let app = &process.app;
        match &self.call {
            Call::Http { route, id, key, query, body } => {
                let call = HttpCall {
                    route: (*route).to_owned(),
                    id: id.clone(),
                    query: query.clone(),
                    headers: headers(key.as_deref()),
                    body: if body.is_null() { Bytes::new() } else { body.to_string().into() },
                    invocation: invocation.clone().for_http(),
                };
                let response = match self.function {
                    "create-ticket" => create_ticket::handle(app, &call).await,
                    "close-ticket" => close_ticket::handle(app, &call).await,
                    "reply-ticket" => reply_ticket::handle(app, &call).await,
                    "refresh-catalog" => refresh_catalog::handle(app, &call).await,
                    _ => query_tickets::handle(app, &call).await,
                };
                Ended::Answered(read(response))
            }
            Call::Event(event) if self.function == "publish-events" => {
                publish::handle(app, &process.dead_letters, event, invocation).await
            }
            Call::Event(_) if self.function == "sync-tickets" => sync::handle(app, invocation).await,
            Call::Event(event) => refresh::handle(app, event, invocation).await,
        }
    }
}

fn headers(key: Option<&str>) -> HeaderMap {
    let key = key.and_then(|key| HeaderValue::from_str(key).ok());
    key.map(|key| (http::HeaderName::from_static("idempotency-key"), key)).into_iter().collect()
}

fn read(response: Response<String>) -> Answer {
    let status = response.status().as_u16();
    let text = format!("{status} {:?} {}", response.headers(), response.body());
    Answer { status, body: serde_json::from_str(response.body()).unwrap_or_default(), text }
}
