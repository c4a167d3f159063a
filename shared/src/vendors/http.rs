//! Sending a request that is already signed. Knows no vendor.

use std::{sync::OnceLock, time::Duration};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};

/// How long an answer may take and how large it may be.
#[derive(Clone, Copy, Debug)]
pub struct AnswerLimit {
    /// From the start of the request to the last byte of the answer.
    pub timeout: Duration,
    /// The largest answer body that is read.
    pub max_bytes: usize,
}

/// Why no whole answer came back, by what the vendor may have seen of the request.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The request never reached the vendor: repeating it is safe.
    #[error("the vendor could not be reached")]
    NotSent(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The request may have been taken: timed out, cut, or the answer broke off.
    #[error("the vendor gave no whole answer")]
    NoAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is larger than allowed; it was dropped.
    #[error("the vendor's answer is larger than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: usize,
    },
}

/// Sends requests. The real one is [`HttpSender`]; a fault machine can put its own in between.
#[async_trait]
pub trait HttpSend: Send + Sync {
    /// Sends `request` as it stands (absolute URI, all headers signed) and reads the whole answer, whatever its status.
    async fn send(&self, request: Request<Bytes>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError>;
}

/// How long a connection may take to come up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The real sender: HTTPS (and plain HTTP for loopback in local mode), connections kept for the life of the process.
///
/// The client is built when it is first used: setting TLS up takes longer than a whole start of a function.
#[derive(Debug, Default)]
pub struct HttpSender {
    client: OnceLock<reqwest::Client>,
}

impl HttpSender {
    fn client(&self) -> Result<&reqwest::Client, SendError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // Redirects are not followed: a signature holds for one host only. A function has no proxy, and one that the
        // environment names must not get the calls to loopback in local mode.
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
        let mut request =
            reqwest::Request::try_from(request).map_err(|error| SendError::NotSent(error.into()))?;
        *request.timeout_mut() = Some(limit.timeout);
        let answer = self.client()?.execute(request).await.map_err(send_error)?;
        read_answer(answer, limit.max_bytes).await
    }
}

fn send_error(error: reqwest::Error) -> SendError {
    // The URL can hold what the customer wrote; it must not reach a log.
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
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && told.contains("1 passed"), "{told}");
    }
}
