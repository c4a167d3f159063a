//! Sends signed requests. Knows no vendor.

use std::{sync::OnceLock, time::Duration};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};

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

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The real sender: HTTPS (and plain HTTP for loopback in local mode), with a pool of connections.
///
/// The client is built at its first use: the setup of TLS takes longer than the rest of a function's cold start.
#[derive(Debug, Default)]
pub struct HttpSender {
    client: OnceLock<reqwest::Client>,
}

impl HttpSender {
    fn client(&self) -> Result<&reqwest::Client, SendError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // No redirects: a signature is valid for one host only. No proxy: a function has none, and a proxy in the
        // environment must not receive the calls to loopback in local mode.
        let client = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map_err(|error| SendError::NotSent(error.into()))?;
        Ok(self.client.get_or_init(|| client))
    }
}

#[async_trait]
impl HttpSend for HttpSender {
    async fn send(&self, request: Request<Bytes>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError> {
        let mut request = reqwest::Request::try_from(request).map_err(|error| SendError::NotSent(error.into()))?;
        *request.timeout_mut() = Some(limit.timeout);
        let answer = self.client()?.execute(request).await.map_err(send_error)?;
        read_answer(answer, limit.max_bytes).await
    }
}

fn send_error(error: reqwest::Error) -> SendError {
    // The URL can hold text of the customer, which must not reach a log.
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        return SendError::NotSent(error.into());
    }
    SendError::NoAnswer(error.into())
}

async fn read_answer(mut answer: reqwest::Response, max_bytes: usize) -> Result<Response<Bytes>, SendError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(send_error)? {
        if body.len() + chunk.len() > max_bytes {
            return Err(SendError::TooLarge { max_bytes });
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = Response::new(body.freeze());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        process::Command,
    };

    use super::*;

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
        let answer = HttpSender::default().send(request, LIMIT).await.unwrap();
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
