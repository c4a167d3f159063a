//! The functions under test: how an invocation reaches the real handler.

mod events;
mod http_calls;

use std::{collections::HashMap, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, Response};
use serde_json::Value;
use shared::{http::HttpCall, invocation::Invocation};

pub use self::{
    events::{copy_files, count, publish, rebuild_statistics, records, run_refresh, scheduled_refresh, sync},
    http_calls::{
        close, create, create_in_another_form, get, messages, rate, refresh, register, remove, reopen, reply, rotate,
        upload, urge, withdraw,
    },
};
use crate::{
    history::{HttpAnswer, InvocationEnd},
    process::FunctionProcess,
};

/// An invocation to run.
#[derive(Clone, Debug)]
pub struct InvocationRequest {
    /// The function's package.
    pub function: &'static str,
    /// The function's timeout.
    pub timeout: Duration,
    /// The input of the function. A process that sleeps keeps it after the end of the invocation.
    pub input: Arc<InvocationInput>,
    /// The line of the trace.
    pub title: String,
}

/// The input of a function.
#[derive(Clone, Debug)]
pub enum InvocationInput {
    /// An HTTP call.
    Http {
        /// The route's key.
        route: &'static str,
        /// The path's id.
        id: String,
        /// The path's id of a message; empty for none.
        message_id: String,
        /// The caller's idempotency key.
        key: Option<String>,
        /// The body; empty for none.
        body: String,
    },
    /// An event of another source.
    Event(Value),
}

impl InvocationRequest {
    /// Runs the function's own handler.
    pub async fn run(&self, process: &FunctionProcess, invocation: &Invocation) -> InvocationEnd {
        let app = &process.app;
        match self.input.as_ref() {
            InvocationInput::Http { route, id, message_id, key, body } => {
                let call = HttpCall {
                    route: (*route).to_owned(),
                    id: id.clone(),
                    reply_id: String::new(),
                    attachment_id: String::new(),
                    message_id: message_id.clone(),
                    path: String::new(),
                    query: Vec::new(),
                    headers: headers(key.as_deref()),
                    body: body.clone().into(),
                    access: shared::domain::AccountAccess::All,
                    scopes: None,
                    invocation: invocation.clone().for_http(),
                    stage_variables: HashMap::new(),
                };
                let response = match self.function {
                    "create-ticket" => create_ticket::handle(app, &call).await,
                    "close-ticket" => close_ticket::handle(app, &call).await,
                    "reply-ticket" => reply_ticket::handle(app, &call).await,
                    "resolve-outcome" => resolve_outcome::handle(app, &call).await,
                    "manage-accounts" => manage_accounts::handle(app, &call).await,
                    "refresh-catalog" => refresh_catalog::handle(app, &call).await,
                    _ => query_tickets::handle(app, &call).await,
                };
                InvocationEnd::Answered(read(response))
            }
            InvocationInput::Event(event) => events::handle(self.function, process, event, invocation).await,
        }
    }
}

fn headers(key: Option<&str>) -> HeaderMap {
    let key = key.and_then(|key| HeaderValue::from_str(key).ok());
    key.map(|key| (http::HeaderName::from_static("idempotency-key"), key)).into_iter().collect()
}

fn read(response: Response<String>) -> HttpAnswer {
    let status = response.status().as_u16();
    let text = format!("{status} {:?} {}", response.headers(), response.body());
    HttpAnswer { status, body: serde_json::from_str(response.body()).unwrap_or_default(), text }
}
