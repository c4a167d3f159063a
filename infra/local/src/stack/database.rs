//! The embedded DynamoDB of a stack.

use std::{net::Ipv4Addr, path::Path};

use dynoxide::Database;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{GRACE, StartError, error::failed};

/// The embedded DynamoDB behind its HTTP API, so that the real AWS SDK client talks to it.
pub(super) struct DatabaseServer {
    /// The URL of the API.
    pub url: String,
    /// The engine itself; clones share it.
    pub engine: Database,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl DatabaseServer {
    /// Opens `file`, or an empty database in memory.
    pub async fn start(file: Option<&Path>) -> Result<Self, StartError> {
        let database = match file {
            Some(file) => Database::new(&file.to_string_lossy()),
            None => Database::memory(),
        };
        let database = database.map_err(|error| StartError::Database(error.to_string()))?;
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed("DynamoDB could not be started"))?;
        let address = listener.local_addr().map_err(failed("DynamoDB could not be started"))?;
        let (stop, stopped) = oneshot::channel::<()>();
        let engine = database.clone();
        let task = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, shutdown).await {
                tracing::error!(error, "DynamoDB stopped.");
            }
        });
        Ok(Self { url: format!("http://{address}"), engine, stop, task })
    }

    /// Stops the server after the requests in flight.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = tokio::time::timeout(GRACE, self.task).await;
    }
}
