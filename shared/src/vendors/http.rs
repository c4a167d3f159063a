//! Sends signed requests. Knows no vendor.

use std::{
    error::Error as StdError,
    iter,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, Response, Uri, header::ACCEPT, uri::Scheme};
use http_body_util::{BodyExt, LengthLimitError, Limited, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use tokio::time::timeout;

use crate::{
    clock::Clock,
    https::{HttpsClient, NotPublic, RequestBody, whole_body},
};

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
    NotSent(#[source] Box<dyn StdError + Send + Sync>),
    /// The host of a link has an address that is not public. Nothing was sent.
    #[error("the link leads to an address that is not public")]
    NotPublic,
    /// The vendor may have received the request: a timeout, a lost connection or an incomplete answer.
    #[error("the vendor gave no whole answer")]
    NoAnswer(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer is larger than the limit and was dropped.
    #[error("the vendor's answer is larger than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: usize,
    },
}

/// The body of an answer as it arrives.
pub type AnswerBody = UnsyncBoxBody<Bytes, Box<dyn StdError + Send + Sync>>;

/// The most bytes that a sender without a stream reads of an answer for [`HttpSend::open`], or of a body for
/// [`HttpSend::upload`].
const MAX_WHOLE_BYTES: usize = 16 * 1024 * 1024;

/// Sends requests. [`HttpSender`] is the real one; a test can inject faults with its own.
#[async_trait]
pub trait HttpSend: Send + Sync {
    /// Sends `request` unchanged (absolute URI, headers signed) and reads the whole answer, for any status.
    ///
    /// # Errors
    /// [`SendError`] when no whole answer comes back within `limit`.
    async fn send(&self, request: Request<Bytes>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError>;

    /// Sends `request` unchanged, and gives the head of the answer, for any status, within `wait`. Its body is read as
    /// it arrives. No redirect is followed.
    ///
    /// A sender that has no stream, such as one of a test, reads the whole answer first, of at most 16 MiB.
    ///
    /// # Errors
    /// [`SendError`] when no head comes back within `wait`; [`SendError::NotPublic`] where the host of an `https` URI
    /// has an address that is not public.
    async fn open(&self, request: Request<Bytes>, wait: Duration) -> Result<Response<AnswerBody>, SendError> {
        let limit = AnswerLimit { timeout: wait, max_bytes: MAX_WHOLE_BYTES };
        let answer = self.send(request, limit).await?;
        Ok(answer.map(whole_body))
    }

    /// Sends `request`, whose head has the length of its body, while the body is made, and reads the whole answer, for
    /// any status. No redirect is followed.
    ///
    /// A sender that has no stream, such as one of a test, makes the whole body first, of at most 16 MiB.
    ///
    /// # Errors
    /// [`SendError`] when no whole answer comes back within `limit`, or the body breaks off: then the connection is
    /// closed before the body's length is reached. [`SendError::NotPublic`] as [`open`](Self::open).
    async fn upload(&self, request: Request<RequestBody>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError> {
        let (head, mut body) = request.into_parts();
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            bytes.extend_from_slice(&frame.map_err(SendError::NotSent)?.into_data().unwrap_or_default());
            if bytes.len() > MAX_WHOLE_BYTES {
                return Err(SendError::NotSent("the body is too large for a sender without a stream".into()));
            }
        }
        self.send(Request::from_parts(head, bytes.freeze()), limit).await
    }
}

/// How long a connection may be idle before it is not used any more: a vendor may have closed it meanwhile, and a write
/// on it would have an unknown outcome.
const MAX_IDLE: Duration = Duration::from_secs(20);

/// The real sender: HTTPS (and plain HTTP for loopback in local mode), with a pool of connections. No redirects: a
/// signature is valid for one host only. No proxy: a function has none, and a proxy in the environment must not receive
/// the calls to loopback in local mode.
pub struct HttpSender {
    clock: Arc<dyn Clock>,
    client: HttpsClient,
    /// Made at the first file: most functions read none.
    links: OnceLock<HttpsClient>,
}

impl HttpSender {
    /// A sender without a connection.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { client: HttpsClient::new(Arc::clone(&clock), MAX_IDLE), clock, links: OnceLock::new() }
    }

    /// The client for the URI of a file. Plain HTTP is for loopback in local mode only.
    fn client_for(&self, uri: &Uri) -> &HttpsClient {
        if uri.scheme() == Some(&Scheme::HTTPS) {
            self.links.get_or_init(|| HttpsClient::for_links(Arc::clone(&self.clock), MAX_IDLE))
        } else {
            &self.client
        }
    }
}

fn body(request: Request<Bytes>) -> Request<RequestBody> {
    accepting(request.map(whole_body))
}

/// Gateways may refuse a request without `Accept`. No vendor signs it, except the one that sets it.
fn accepting(mut request: Request<RequestBody>) -> Request<RequestBody> {
    request.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    request
}

#[async_trait]
impl HttpSend for HttpSender {
    async fn send(&self, request: Request<Bytes>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError> {
        let answer = async {
            let answer = self.client.request(body(request)).await.map_err(send_error)?;
            read_answer(answer, limit.max_bytes).await
        };
        timeout(limit.timeout, answer).await.unwrap_or_else(|elapsed| Err(SendError::NoAnswer(elapsed.into())))
    }

    async fn open(&self, request: Request<Bytes>, wait: Duration) -> Result<Response<AnswerBody>, SendError> {
        let head = self.client_for(request.uri()).request(body(request));
        match timeout(wait, head).await {
            Ok(answer) => Ok(answer.map_err(send_error)?.map(|body| body.map_err(Into::into).boxed_unsync())),
            Err(elapsed) => Err(SendError::NoAnswer(elapsed.into())),
        }
    }

    async fn upload(&self, request: Request<RequestBody>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError> {
        let answer = async {
            let answer = self.client_for(request.uri()).request(accepting(request)).await.map_err(send_error)?;
            read_answer(answer, limit.max_bytes).await
        };
        timeout(limit.timeout, answer).await.unwrap_or_else(|elapsed| Err(SendError::NoAnswer(elapsed.into())))
    }
}

fn send_error(error: legacy::Error) -> SendError {
    let first: &(dyn StdError + 'static) = &error;
    if iter::successors(Some(first), |&error| error.source()).any(<dyn StdError>::is::<NotPublic>) {
        return SendError::NotPublic;
    }
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

    #[tokio::test]
    async fn a_file_is_not_fetched_from_a_host_with_a_private_address() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let uri = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        let answer = HttpSender::new(Arc::new(SystemClock)).open(request, LIMIT.timeout).await;
        assert!(matches!(answer, Err(SendError::NotPublic)), "{answer:?}");
        assert!(listener.accept().is_err(), "a connection was opened");
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
