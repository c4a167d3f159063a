//! Invokes functions through a trait. Knows no function.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use serde_json::Value;

/// Calls functions by name, as the Lambda service does.
#[async_trait]
pub trait Invoke: Send + Sync {
    /// Calls `function` (its package name, as `create-ticket`) with `event` and returns its response.
    ///
    /// The function has until `deadline`; [`invoke_within`] stops it then.
    ///
    /// # Errors
    ///
    /// The function returned an error, or does not exist.
    async fn invoke(&self, function: &str, event: Value, deadline: Instant) -> Result<Value, String>;
}

/// Why an invocation failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function failed with this error.
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
/// The call is a task of its own, so it goes on when the caller stops waiting. In AWS, too, a function goes on after
/// API Gateway has answered 503.
///
/// # Errors
///
/// The function failed, panicked or timed out.
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
