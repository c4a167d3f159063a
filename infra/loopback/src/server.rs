//! The server: who may ask, how much, and how long an upload may take.

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE},
    request::Parts,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::{ResponseBody, own_address::is_own};

/// How long requests in flight may take to finish at shutdown.
const GRACE: Duration = Duration::from_secs(5);

/// What a server does with requests that are for it.
pub trait HttpService: Send + Sync + 'static {
    /// The bodies of its responses: [`Bytes`] unless they are streamed.
    type Body: Into<ResponseBody>;

    /// The port of another server of this machine, whose pages may send requests to this one. Without it none may.
    fn pages(&self) -> Option<u16> {
        None
    }

    /// Refuses a request by its head, before its body is read.
    fn refuse(&self, head: &Parts) -> Option<Response<Bytes>>;

    /// Answers a request. An error closes the connection without a byte of a response.
    fn answer(&self, request: Request<Bytes>) -> impl Future<Output = io::Result<Response<Self::Body>>> + Send;
}

/// What a server accepts of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest body, in bytes.
    pub body_bytes: usize,
    /// How long the head may take, and then the body. A connection without a request is closed after this time, too.
    pub upload: Duration,
}

impl Default for Limits {
    /// 16 MiB, the most that an AWS service of ours accepts, and 10 seconds.
    fn default() -> Self {
        Self { body_bytes: 16 << 20, upload: Duration::from_secs(10) }
    }
}

/// A running server on `127.0.0.1`. Dropping it stops it and closes every connection.
///
/// A request whose `Host` is not the server's own gets 403, and so does one whose `Origin` is neither its own nor that
/// of the [pages](HttpService::pages) it serves.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves on `127.0.0.1:port`; port 0 takes a free one. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    ///
    /// The port is in use.
    pub async fn start<S: HttpService>(port: u16, service: S, limits: Limits) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(());
        let task = tokio::spawn(accept(listener, Arc::new(service), limits, address.port(), stopped));
        Ok(Self { address, stop, task })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as a URL, with no slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Accepts no more requests, waits at most five seconds for those in flight, and frees the port.
    pub async fn shutdown(mut self) {
        // Fails only when the task has ended already.
        let _ = self.stop.send(());
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            self.abort().await;
        }
    }

    /// Closes every connection at once, and frees the port.
    pub async fn abort(mut self) {
        self.task.abort();
        // An aborted task ends with an error by design.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept<S: HttpService>(
    listener: TcpListener,
    service: Arc<S>,
    limits: Limits,
    port: u16,
    mut stopped: watch::Receiver<()>,
) {
    // Dropped with this task, and all connections with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, service.clone(), limits, port, stopped.clone()));
                }
                // Out of descriptors, most likely: let some connections end first.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// One connection, until the client or `stopped` ends it. A request in flight is answered first.
async fn converse<S: HttpService>(
    stream: TcpStream,
    service: Arc<S>,
    limits: Limits,
    port: u16,
    mut stopped: watch::Receiver<()>,
) {
    let answer = service_fn(move |request| answer(request, service.clone(), limits, port));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.upload);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), answer));
    // The peer sees an error as a closed connection; nothing else has to be done.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn answer<S: HttpService>(
    request: Request<Incoming>,
    service: Arc<S>,
    limits: Limits,
    port: u16,
) -> io::Result<Response<ResponseBody>> {
    let (head, body) = request.into_parts();
    let refused = if is_own(&head, port, service.pages()) {
        service.refuse(&head)
    } else {
        Some(message(StatusCode::FORBIDDEN, "The Host or the Origin is not that of this server."))
    };
    if let Some(refused) = refused {
        return Ok(refused.map(Into::into));
    }
    match read_body(&head, body, limits).await? {
        Ok(body) => Ok(service.answer(Request::from_parts(head, body)).await?.map(Into::into)),
        Err(mut refused) => {
            // The rest of the body is not read, so no other request can follow.
            refused.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            Ok(refused.map(Into::into))
        }
    }
}

/// The whole body; `Ok(Err(…))` where it is refused, an error where the client has gone.
async fn read_body(head: &Parts, body: Incoming, limits: Limits) -> io::Result<Result<Bytes, Response<Bytes>>> {
    let too_large = || Ok(Err(message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")));
    let declared = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limits.body_bytes) {
        return too_large();
    }
    let read = Limited::new(body, limits.body_bytes).collect();
    match tokio::time::timeout(limits.upload, read).await {
        Ok(Ok(body)) => Ok(Ok(body.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => too_large(),
        Ok(Err(error)) => Err(io::Error::other(error)),
        Err(_) => Ok(Err(message(StatusCode::REQUEST_TIMEOUT, "Request Timeout"))),
    }
}

/// A response as API Gateway's own: `{"message": …}`.
#[must_use]
pub fn message(status: StatusCode, text: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(serde_json::json!({ "message": text }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests;
