//! Sends signed requests. Knows no vendor.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::ACCEPT};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use tokio::time::timeout;

use crate::{clock::Clock, https::HttpsClient};

/// The limits of an answer.
#[derive(Clone, Copy, Debug)]
pub struct AnswerLimit {
    /// From the start of the request to the last byte of the answer.
    pub timeout: Duration,
    /// The largest answer body that is read.
    pub max_bytes: usize,
}

/// Why there is no whole answer, by what the vendor may have received.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The request did not reach the vendor: repeating it is safe.
    #[error("the vendor could not be reached")]
    NotSent(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The vendor may have received the request: a timeout, a lost connection or an incomplete answer.
    #[error("the vendor gave no whole answer")]
    NoAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is larger than the limit and was dropped.
    #[error("the vendor's answer is larger than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: usize,
    },
}

/// Sends requests. [`HttpSender`] is the real one; a test can inject faults with its own.
#[async_trait]
pub trait HttpSend: Send + Sync {
    /// Sends `request` unchanged (absolute URI, headers signed) and reads the whole answer, for any status.
    ///
    /// # Errors
    /// [`SendError`] when no whole answer comes back within `limit`.
    async fn send(&self, request: Request<Bytes>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError>;
}

/// How long a connection may be idle before it is not used any more: a vendor may have closed it meanwhile, and a write
/// on it would have an unknown outcome.
const MAX_IDLE: Duration = Duration::from_secs(20);

/// The real sender: HTTPS (and plain HTTP for loopback in local mode), with a pool of connections. No redirects: a
/// signature is valid for one host only. No proxy: a function has none, and a proxy in the environment must not receive
/// the calls to loopback in local mode.
pub struct HttpSender(HttpsClient<Full<Bytes>>);

impl HttpSender {
    /// A sender without a connection.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self(HttpsClient::new(clock, MAX_IDLE))
    }
}

#[async_trait]
impl HttpSend for HttpSender {
    async fn send(&self, request: Request<Bytes>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError> {
        let answer = async {
            let mut request = request.map(Full::new);
            // Gateways may refuse a request without it. No vendor signs it, except the one that sets it.
            request.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
            let answer = self.0.request(request).await.map_err(send_error)?;
            read_answer(answer, limit.max_bytes).await
        };
        timeout(limit.timeout, answer).await.unwrap_or_else(|elapsed| Err(SendError::NoAnswer(elapsed.into())))
    }
}

fn send_error(error: legacy::Error) -> SendError {
    if error.is_connect() { SendError::NotSent(error.into()) } else { SendError::NoAnswer(error.into()) }
}

async fn read_answer(answer: Response<Incoming>, max_bytes: usize) -> Result<Response<Bytes>, SendError> {
    let (parts, body) = answer.into_parts();
    match Limited::new(body, max_bytes).collect().await {
        Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(SendError::TooLarge { max_bytes }),
        Err(error) => Err(SendError::NoAnswer(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        process::Command,
    };

    use super::*;
    use crate::clock::SystemClock;

    const LIMIT: AnswerLimit = AnswerLimit { timeout: Duration::from_secs(10), max_bytes: 1024 };

    #[tokio::test]
    async fn a_loopback_vendor_is_reached() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = format!("http://{}/", listener.local_addr().unwrap());
        let vendor = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        });
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        let answer = HttpSender::new(Arc::new(SystemClock)).send(request, LIMIT).await.unwrap();
        assert_eq!(answer.body().as_ref(), b"{}");
        vendor.join().unwrap();
    }

    #[test]
    fn a_proxy_in_the_environment_is_not_used() {
        // The environment of this process is shared by all tests, so the one above runs once more in its own.
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "vendors::http::tests::a_loopback_vendor_is_reached"]);
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            child.env(name, "http://127.0.0.1:9");
        }
        for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
            child.env_remove(name);
        }
        let output = child.output().unwrap();
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && report.contains("1 passed"), "{report}");
    }
}
