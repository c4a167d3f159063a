//! Structured logs: one JSON object a line, a readable sentence plus fields; `span` holds the ids of the invocation that wrote it
//! ([`crate::telemetry`]); of the span that the Lambda runtime puts around it nothing is repeated. Never a secret, never message text.

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// These log whole requests and answers at finer levels, ticket texts and all; nobody may turn that on.
const CAPPED: [&str; 10] = [
    "aws_config=info",
    "aws_runtime=info",
    "aws_sdk_dynamodb=info",
    "aws_sdk_eventbridge=info",
    "aws_sdk_secretsmanager=info",
    "aws_sdk_sqs=info",
    "aws_smithy_http_client=info",
    "aws_smithy_runtime=info",
    "hyper=info",
    "hyper_util=info",
];

/// Starts logging to standard output, by `RUST_LOG` (`info` without it). Later calls do nothing.
pub fn start() {
    start_into(std::io::stdout);
}

/// The same to another place.
pub fn start_into<W>(writer: W)
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let mut filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    for capped in CAPPED {
        if let Ok(directive) = capped.parse() {
            filter = filter.add_directive(directive);
        }
    }
    // Fails only when logging has been started already.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(writer)
        .try_init();
}
