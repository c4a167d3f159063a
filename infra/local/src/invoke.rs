//! Calling a function, behind a trait. Knows no function.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use serde_json::Value;

/// Calls functions by name, as the Lambda service does.
#[async_trait]
pub trait Invoke: Send + Sync {
    /// Calls `function` (its package name, as `create-ticket`) with `event` and gives back its answer.
    ///
    /// The function has until `deadline`; whoever calls this stops waiting then. `Err` is a failed invocation: the
    /// function's own error, a panic, or no such function.
    async fn invoke(&self, function: &str, event: Value, deadline: Instant) -> Result<Value, String>;
}

/// Why an invocation gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function failed, with its own words.
    #[error("the function failed: {0}")]
    Failed(String),
    /// The function was stopped at its deadline.
    #[error("the function was stopped after {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The function panicked.
    #[error("the function panicked")]
    Panicked,
}

/// Calls `function` and stops it after `timeout`, as the Lambda service does.
///
/// The call runs as a task of its own: it goes on when the caller stops waiting, as in AWS, where a function runs on
/// after API Gateway has given up.
pub async fn invoke_within(
    invoke: Arc<dyn Invoke>,
    function: String,
    event: Value,
    timeout: Duration,
) -> Result<Value, InvokeError> {
    let call = tokio::spawn(async move {
        let deadline = Instant::now() + timeout;
        tokio::time::timeout_at(deadline.into(), invoke.invoke(&function, event, deadline)).await
    });
    match call.await {
        Ok(Ok(answer)) => answer.map_err(InvokeError::Failed),
        Ok(Err(_)) => Err(InvokeError::TimedOut(timeout)),
        Err(_) => Err(InvokeError::Panicked),
    }
}
