//! The functions, called as the Lambda runtime calls them: event JSON in, response JSON out.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use lambda_runtime::Context;
use publish_events::DeadLetterQueue;
use serde_json::Value;
use serve_desk::Desk;
use shared::{app::App, invocation::Invocation};
use shared_lambda::{HttpEvent, handle_event};

use crate::Invoke;

/// All functions over one app.
#[derive(Clone)]
pub struct Functions {
    app: Arc<App>,
    dead_letters: Arc<DeadLetterQueue>,
    desk: Arc<Desk>,
}

impl Functions {
    /// The functions over `app`. `publish-events` writes to `dead_letters`.
    #[must_use]
    pub fn new(app: Arc<App>, dead_letters: DeadLetterQueue) -> Self {
        let desk = Desk { telemetry: app.telemetry.clone(), files_origin: app.config.aws.files_endpoint.clone() };
        Self { app, dead_letters: Arc::new(dead_letters), desk: Arc::new(desk) }
    }

    fn context(&self, deadline: Instant) -> Result<Context, String> {
        let left = deadline.saturating_duration_since(Instant::now());
        let now = Duration::from_millis(u64::try_from(self.app.clock.now_ms()).unwrap_or_default());
        let mut context = Context::default();
        context.deadline = u64::try_from((now + left).as_millis()).unwrap_or(u64::MAX);
        context.request_id = shared::ids::nonce(self.app.random.as_ref()).map_err(|error| error.to_string())?;
        Ok(context)
    }
}

/// Calls a function's `handle` as its `main` does.
macro_rules! call {
    ($app:expr, $event:expr, $context:expr, $function:ident) => {
        call!($app, &$app, $event, $context, $function)
    };
    ($app:expr, $of:expr, $event:expr, $context:expr, $function:ident) => {{
        let (clock, of) = (&*$app.clock, $of);
        let event: HttpEvent = serde_json::from_value($event).map_err(|error| error.to_string())?;
        let handle = async |call| $function::handle(of, &call).await;
        let answer = handle_event(clock, event, &$context, handle).await.map_err(|error| error.to_string())?;
        serde_json::to_value(answer).map_err(|error| error.to_string())
    }};
}

#[async_trait]
impl Invoke for Functions {
    async fn invoke(&self, function: &str, event: Value, deadline: Instant) -> Result<Value, String> {
        let app = Arc::clone(&self.app);
        let context = self.context(deadline)?;
        let http = event.get("requestContext").is_some();
        let invocation = Invocation::new(context.deadline, &context.request_id, app.clock.as_ref());
        match function {
            "copy-attachments" => {
                let done = Box::pin(copy_attachments::handle_event(&app, &invocation)).await;
                done.map(|()| Value::Null).map_err(|error| format!("{error:?}"))
            }
            "create-ticket" => call!(app, event, context, create_ticket),
            "close-ticket" => call!(app, event, context, close_ticket),
            "manage-accounts" if http => call!(app, event, context, manage_accounts),
            "manage-accounts" => {
                let done = Box::pin(manage_accounts::handle_event(&app, &event, &invocation)).await;
                done.map(|()| Value::Null).map_err(|error| format!("{error:?}"))
            }
            "publish-events" => {
                let done = publish_events::handle_event(&app, &self.dead_letters, &event, &invocation).await;
                done.map_err(|error| format!("{error:?}"))
            }
            "query-catalog" => call!(app, event, context, query_catalog),
            "query-tickets" => call!(app, event, context, query_tickets),
            "reply-ticket" => call!(app, event, context, reply_ticket),
            "resolve-outcome" => call!(app, event, context, resolve_outcome),
            "serve-desk" => call!(app, &*self.desk, event, context, serve_desk),
            "update-statistics" => {
                let done = update_statistics::handle_event(&app, &event, &invocation).await;
                done.map_err(|error| format!("{error:?}"))
            }
            "sync-tickets" => {
                let done = Box::pin(sync_tickets::handle_event(&app, &event, &invocation)).await;
                done.map(|()| Value::Null).map_err(|error| format!("{error:?}"))
            }
            "write-transcripts" => Box::pin(write_transcripts::handle_event(&app, &app.bucket, &event, &invocation))
                .await
                .map_err(|error| format!("{error:?}")),
            "refresh-catalog" if http => call!(app, event, context, refresh_catalog),
            "refresh-catalog" => {
                let event = refresh_catalog::Event::read(&event).map_err(|error| format!("{error:?}"))?;
                let done = Box::pin(refresh_catalog::handle_event(&app, &event, &invocation)).await;
                done.map(|()| Value::Null).map_err(|error| format!("{error:?}"))
            }
            _ => Err(format!("there is no function {function}")),
        }
    }
}

/// The functions of a stack that is still starting: the bus needs them, and they need the address of the bus.
#[derive(Default)]
pub(crate) struct DeferredFunctions(OnceLock<Functions>);

impl DeferredFunctions {
    /// Sets the functions. Only the first call has an effect.
    pub(crate) fn set(&self, functions: Functions) {
        let _ = self.0.set(functions);
    }
}

#[async_trait]
impl Invoke for DeferredFunctions {
    async fn invoke(&self, function: &str, event: Value, deadline: Instant) -> Result<Value, String> {
        match self.0.get() {
            Some(functions) => functions.invoke(function, event, deadline).await,
            None => Err("the stack is still starting".to_owned()),
        }
    }
}
