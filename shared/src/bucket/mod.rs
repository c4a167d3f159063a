//! The bucket for files: signed links, and requests by such links.
//!
//! The S3 client of the AWS SDK adds more than a MiB to a function, and the requests here are few and simple.

mod link;
mod multipart;
mod versions;

use std::{fmt, sync::Arc, time::Duration};

use aws_smithy_types::body::SdkBody;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::{FutureExt, TryFutureExt, future::BoxFuture};
use http::{
    HeaderMap, Method, Request, Response, StatusCode,
    header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG},
};
use http_body_util::{BodyExt, Limited, combinators::UnsyncBoxBody};
use sha2::{Digest, Sha256};
use tokio::time::{sleep, timeout};
use tower::BoxError;

use self::link::{Allowed, saved_as, signed_link};
pub use self::{multipart::Multipart, versions::Deleted};
use crate::{
    clock::Clock,
    config::{AwsConfig, Config},
    error::{Error, Result},
    https::{HttpsClient, whole_body},
    problem_code::ProblemCode,
};

/// The header with the SHA-256 of an object, in Base64.
pub const CHECKSUM: &str = "x-amz-checksum-sha256";

/// For how long a link for others is valid.
pub const LINK_TIME: Duration = Duration::from_secs(5 * 60);

/// For how long a link for an upload is valid.
pub const UPLOAD_LINK_TIME: Duration = Duration::from_secs(15 * 60);

/// For how long the link of an own request is valid.
const OWN_LINK_TIME: Duration = Duration::from_secs(60);
/// How long the head of an answer may take, and then its body.
const ANSWER_TIME: Duration = Duration::from_secs(20);
/// The longest answer that is read: a list of 1,000 versions has less.
const MAX_ANSWER_BYTES: usize = 4 << 20;
/// The waits before a request is repeated; each of them may be repeated.
const WAITS: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// The head of an answer, whose body is read as it comes.
pub type BucketAnswer = std::result::Result<Response<SdkBody>, BoxError>;

/// Sends requests to the bucket, so that a test can replace it.
pub trait BucketSend: Send + Sync {
    /// Sends `request` unchanged, and gives the head of the answer, for any status; an error where none comes.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, BucketAnswer>;
}

impl BucketSend for HttpsClient {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, BucketAnswer> {
        let answer = self.request(request.map(whole_body));
        answer.map_ok(|answer| answer.map(SdkBody::from_body_1_x)).err_into().boxed()
    }
}

/// The bucket.
pub struct Bucket {
    name: Option<String>,
    aws: AwsConfig,
    clock: Arc<dyn Clock>,
    sender: Arc<dyn BucketSend>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What the bucket says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectHead {
    /// Its size in bytes.
    pub size: u64,
    /// What identifies its content there, in quotes.
    pub etag: Option<String>,
}

/// A request to the bucket.
#[derive(Clone)]
struct Call<'a> {
    operation: &'static str,
    method: Method,
    key: &'a str,
    query: &'a [(&'a str, &'a str)],
    headers: &'a [(&'a str, &'a str)],
    body: Bytes,
}

impl<'a> Call<'a> {
    fn new(operation: &'static str, method: Method, key: &'a str) -> Self {
        Self { operation, method, key, query: &[], headers: &[], body: Bytes::new() }
    }
}

impl Bucket {
    /// The bucket that `config` names. Makes no call.
    pub fn new(config: &Config, clock: Arc<dyn Clock>, sender: Arc<dyn BucketSend>) -> Self {
        Self { name: config.files_bucket.clone(), aws: config.aws.clone(), clock, sender }
    }

    /// A link of five minutes by which whoever has it downloads the object under `key`, as a file with that name.
    ///
    /// # Errors
    /// `config_invalid` without a bucket.
    pub fn download_link(&self, key: &str, name: &str) -> Result<String> {
        let [disposition, content_type] = saved_as(name);
        let query = [(disposition.0, &*disposition.1), (content_type.0, &*content_type.1)];
        self.link(&Method::GET, key, &query, &[], LINK_TIME)
    }

    /// A link of five minutes by which whoever has it reads the object under `key` as it was stored: only for what
    /// Polydesk itself has made.
    ///
    /// # Errors
    /// `config_invalid` without a bucket.
    pub fn view_link(&self, key: &str) -> Result<String> {
        self.link(&Method::GET, key, &[], &[], LINK_TIME)
    }

    /// A link of 15 minutes by which whoever has it stores an object under `key`, by a request with these headers and
    /// no other values of them.
    ///
    /// # Errors
    /// `config_invalid` without a bucket.
    pub fn upload_link(&self, key: &str, headers: &[(&str, &str)]) -> Result<String> {
        self.link(&Method::PUT, key, &[], headers, UPLOAD_LINK_TIME)
    }

    /// The object's bytes as they come; `None` where there is no such object, or its content is not the one that the
    /// bucket named `etag`.
    ///
    /// # Errors
    /// `bucket_unavailable`, also while the bytes are read; `config_invalid` without a bucket.
    pub async fn open(&self, key: &str, etag: Option<&str>) -> Result<Option<UnsyncBoxBody<Bytes, BoxError>>> {
        let answer = self.request(&Call::new("get_object", Method::GET, key)).await?;
        match answer.status() {
            StatusCode::OK if etag.is_none_or(|etag| has_etag(answer.headers(), etag)) => {
                let broken = |source| unavailable().with_source(source).into();
                Ok(Some(answer.into_body().map_err(broken).boxed_unsync()))
            }
            StatusCode::OK => Ok(None),
            status if is_missing(status) => Ok(None),
            status => Err(refused("get_object", status)),
        }
    }

    /// The object's head; `None` where there is no such object.
    ///
    /// # Errors
    /// `bucket_unavailable`; `config_invalid` without a bucket.
    pub async fn head(&self, key: &str) -> Result<Option<ObjectHead>> {
        let answer = self.request(&Call::new("head_object", Method::HEAD, key)).await?;
        match answer.status() {
            StatusCode::OK => Ok(Some(object_head(answer.headers())?)),
            status if is_missing(status) => Ok(None),
            status => Err(refused("head_object", status)),
        }
    }

    /// Stores an object, which a browser takes as `content_type` and, by `disposition`, shows or saves. Gives what the
    /// bucket names its content. Whatever was there is replaced; where the bucket keeps versions, it stays as one.
    ///
    /// # Errors
    /// `bucket_unavailable`; `config_invalid` without a bucket.
    pub async fn put(&self, key: &str, content_type: &str, disposition: &str, bytes: Bytes) -> Result<Option<String>> {
        let checksum = checksum(&bytes);
        let headers = [
            (CONTENT_TYPE.as_str(), content_type),
            (CONTENT_DISPOSITION.as_str(), disposition),
            (CHECKSUM, &*checksum),
        ];
        let call = Call { headers: &headers, body: bytes, ..Call::new("put_object", Method::PUT, key) };
        Ok(etag(self.accepted(&call).await?.headers()))
    }

    /// The answer to a call that the bucket accepts.
    async fn accepted(&self, call: &Call<'_>) -> Result<Response<SdkBody>> {
        let answer = self.request(call).await?;
        if answer.status().is_success() { Ok(answer) } else { Err(refused(call.operation, answer.status())) }
    }

    /// Sends a request that may be repeated, and gives the answer, for any status that is definite.
    async fn request(&self, call: &Call<'_>) -> Result<Response<SdkBody>> {
        let mut waits = WAITS.into_iter();
        loop {
            let failure = match self.send(call).await {
                Ok(answer) if !is_passing(answer.status()) => return Ok(answer),
                Ok(answer) => refused(call.operation, answer.status()),
                Err(error) if error.is(ProblemCode::BucketUnavailable) => error,
                Err(error) => return Err(error),
            };
            match waits.next() {
                Some(wait) => sleep(wait).await,
                None => return Err(failure),
            }
        }
    }

    async fn send(&self, call: &Call<'_>) -> Result<Response<SdkBody>> {
        let link = self.link(&call.method, call.key, call.query, call.headers, OWN_LINK_TIME)?;
        let request = Request::builder().method(&call.method).uri(link);
        let request = call.headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request
            .body(call.body.clone())
            .map_err(|source| Error::unexpected("A request to the bucket can't be made.").with_source(source))?;
        match timeout(ANSWER_TIME, self.sender.send(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(source)) => Err(unavailable().with_source(source)),
            Err(source) => Err(unavailable().with_source(source)),
        }
    }

    fn link(
        &self,
        method: &Method,
        key: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        lifetime: Duration,
    ) -> Result<String> {
        let missing = || Error::config("The environment variable FILES_BUCKET must be set.");
        let bucket = self.name.as_deref().ok_or_else(missing)?;
        signed_link(&self.aws, &Allowed { method, bucket, key, query, headers }, lifetime, self.clock.now_ms())
    }
}

/// The text of an answer.
async fn text(answer: Response<SdkBody>) -> Result<String> {
    let body = timeout(ANSWER_TIME, Limited::new(answer.into_body(), MAX_ANSWER_BYTES).collect());
    let body = body.await.map_err(|source| unavailable().with_source(source))?;
    let body = body.map_err(|source| unavailable().with_source(source))?.to_bytes();
    String::from_utf8(body.into()).map_err(|source| unavailable().with_source(source))
}

/// SHA-256 as S3 takes it. A bucket with a lock takes no object without a checksum.
fn checksum(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}

fn object_head(headers: &HeaderMap) -> Result<ObjectHead> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let size = text(CONTENT_LENGTH).and_then(|size| size.parse().ok());
    let size = size.ok_or_else(|| unavailable().with_context("bucket_operation", "head_object without a size"))?;
    Ok(ObjectHead { size, etag: etag(headers) })
}

/// What the bucket names the content, in quotes.
fn etag(headers: &HeaderMap) -> Option<String> {
    headers.get(ETAG).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn has_etag(headers: &HeaderMap, etag: &str) -> bool {
    headers.get(ETAG).is_some_and(|found| found.as_bytes() == etag.as_bytes())
}

/// Whether there is no such object. Without the right to list the bucket, which no function has, a missing object is a
/// 403 (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).
fn is_missing(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)
}

/// Whether the same request may have another answer in a moment.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED || status == StatusCode::TOO_MANY_REQUESTS
}

fn refused(operation: &'static str, status: StatusCode) -> Error {
    unavailable().with_context("bucket_operation", operation).with_context("bucket_status", status.as_str())
}

fn unavailable() -> Error {
    Error::unavailable("The bucket for files did not answer as it should.").with_code(ProblemCode::BucketUnavailable)
}
