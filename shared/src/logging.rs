//! Structured logs: one JSON object a line, a readable sentence plus fields. Never a secret, never message text.

use tracing_subscriber::EnvFilter;

/// Starts logging to standard output, by `RUST_LOG` (`info` without it). Later calls do nothing.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // Fails only when logging has been started already.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_env_filter(filter)
        .try_init();
}
