//! The start of a function: what takes much processor time is done before the first invocation.
//!
//! An invocation has a share of a processor, 0.145 with 256 MB
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>). A start has a whole one: that is what
//! was measured, and AWS does not document it.

use std::time::Duration;

use futures_util::{FutureExt, future::join_all};
use tokio::time::timeout;

use crate::{app::App, https};

/// The most time that connecting may take: a service that does not answer must not delay the first invocation for long.
/// A handshake that is not complete then is given up.
const CONNECT_LIMIT: Duration = Duration::from_millis(300);

/// A connection that the invocations of a function use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// The table.
    Table,
    /// The account keys.
    Secrets,
    /// The event bus.
    Bus,
}

/// Seeds the random generator of TLS, then opens a connection to each service, all at once and within 300 ms. Failures
/// are ignored: the first invocation connects then. The generator is that of the calling thread, which is the only one:
/// the functions have a runtime with one thread.
pub async fn connect(app: &App, connections: &[Connection]) {
    https::seed_random();
    let connecting = connections.iter().map(|connection| match connection {
        Connection::Table => app.store.connect().boxed(),
        Connection::Secrets => app.secrets.connect().boxed(),
        Connection::Bus => app.events.connect().boxed(),
    });
    if timeout(CONNECT_LIMIT, join_all(connecting)).await.is_err() {
        tracing::warn!("Not every service could be connected to at the start.");
    }
}
