//! Structured logs: one JSON object a line, a readable sentence plus fields. `span` holds the ids of the invocation
//! ([`crate::telemetry`]). Never a secret, never message text.

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    Registry,
    filter::{Targets, filter_fn},
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// The workspace members that log; a test compares the list with their manifests. All other crates log nothing finer
/// than `info`, whatever the filter is: there the Lambda runtime, the AWS SDK and hyper log whole events, requests and
/// responses, with account keys and ticket texts.
pub const OURS: [&str; 13] = [
    "close_ticket",
    "copy_attachments",
    "create_ticket",
    "local",
    "manage_accounts",
    "publish_events",
    "query_tickets",
    "refresh_catalog",
    "resolve_outcome",
    "shared",
    "sync_tickets",
    "update_statistics",
    "write_transcripts",
];

/// Starts logging to standard output, by `RUST_LOG`: a level, and levels of single targets, as `info,shared=debug`
/// (`info` without it, or where it can't be read). Later calls do nothing.
pub fn start() {
    start_into(std::io::stdout);
}

/// Starts logging to `writer`.
pub fn start_into(writer: impl for<'writer> MakeWriter<'writer> + Send + Sync + 'static) {
    #[expect(clippy::disallowed_methods, reason = "logging starts before the settings are read")]
    let filter = std::env::var("RUST_LOG").ok().and_then(|filter| filter.parse().ok());
    let filter = filter.unwrap_or_else(|| Targets::new().with_default(Level::INFO));
    // Fails only when logging has been started already.
    let _ = subscriber(filter, writer).try_init();
}

fn subscriber<W>(filter: Targets, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(writer);
    Registry::default().with(filter).with(filter_fn(is_allowed)).with(lines)
}

fn is_allowed(metadata: &Metadata<'_>) -> bool {
    let name = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || OURS.contains(&name)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_filter_makes_other_crates_log_below_info() {
        for filter in ["trace", "lambda_runtime=trace,aws_smithy_runtime::client=trace,shared=trace"] {
            let lines = Lines::default();
            let writer = lines.clone();
            let subscriber = subscriber(filter.parse().unwrap(), move || writer.clone());
            tracing::subscriber::with_default(subscriber, || {
                tracing::trace!(target: "lambda_runtime::layers::api_response", "canary");
                tracing::debug!(target: "aws_smithy_runtime::client::orchestrator", "canary");
                tracing::trace!(target: "sharedlike", "canary");
                tracing::info!(target: "lambda_runtime", "started");
                tracing::trace!(target: "shared::workflow", "reconciled");
            });
            let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
            assert!(!logged.contains("canary"), "{logged}");
            assert!(logged.contains("started") && logged.contains("reconciled"), "{logged}");
        }
    }
}
