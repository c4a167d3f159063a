//! The body of UploadJsonAccessories: JSON with the file in Base64, made in chunks, so that no file is in memory as a
//! whole. The signature has the body's SHA-256: JSON can't be sent unsigned
//! (<https://support.huaweicloud.com/devg-apisign/api-sign-algorithm-002.html>). So the file is read twice.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Buf, Bytes};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use tower::BoxError;

use super::file_model::NewAccessory;
use crate::{
    digest::Sha256Chunks,
    error::{Error, Result},
    vendors::files::{BodyFailure, FileBody, FileSource, OutgoingFile, differs},
};

/// How many bytes of a file are encoded at once. Three bytes give four characters.
const CHUNK_BYTES: usize = 48 * 1024;

/// What stands before and behind the Base64.
pub struct FileEnvelope {
    before: String,
    after: &'static str,
}

impl FileEnvelope {
    /// The envelope of a file with these fields.
    ///
    /// # Errors
    /// None; a failure is a defect.
    pub fn new(fields: &NewAccessory<'_>) -> Result<Self> {
        let unwritten = || Error::unexpected("A vendor request could not be written.");
        let fields = serde_json::to_string(fields).map_err(|source| unwritten().with_source(source))?;
        let fields = fields.strip_suffix('}').ok_or_else(unwritten)?;
        Ok(Self { before: format!("{fields},\"accessory_data\":\""), after: "\"}" })
    }

    /// The SHA-256 of the body, for which the file is read once.
    ///
    /// # Errors
    /// As [`open`](Self::open), and those of reading the file.
    pub async fn sha256(&self, source: &dyn FileSource) -> Result<String> {
        let OutgoingFile { mut body, failure, .. } = self.body(source, None).await?;
        let mut sha256 = Sha256Chunks::default();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => sha256.add(frame.data_ref().map_or(&[], |bytes| bytes)),
                Err(_) => break,
            }
        }
        failure.take().map_or_else(|| Ok(sha256.hex()), Err)
    }

    /// The body with that SHA-256. A file that has other bytes than at its first reading is not sent to its end: the
    /// vendor would find a wrong signature, and locks a key after some of these.
    ///
    /// # Errors
    /// Those of opening the file.
    pub async fn open(&self, source: &dyn FileSource, sha256: &str) -> Result<OutgoingFile> {
        self.body(source, Some(sha256.to_owned())).await
    }

    async fn body(&self, source: &dyn FileSource, expected: Option<String>) -> Result<OutgoingFile> {
        let file = OutgoingFile::open(source).await?;
        let left = (self.before.len() + self.after.len()) as u64 + file.bytes.div_ceil(3) * 4;
        let body = JsonBody {
            before: Some(Bytes::from(self.before.clone())),
            inner: file.body,
            chunk: Bytes::new(),
            // Less than three bytes, which are encoded together with the next ones.
            rest: Vec::with_capacity(CHUNK_BYTES + 3),
            after: Some(self.after),
            left,
            sha256: Sha256Chunks::default(),
            expected,
            failure: file.failure.clone(),
        };
        Ok(OutgoingFile { body: body.boxed_unsync(), bytes: left, failure: file.failure })
    }
}

struct JsonBody {
    before: Option<Bytes>,
    inner: FileBody,
    chunk: Bytes,
    rest: Vec<u8>,
    after: Option<&'static str>,
    left: u64,
    sha256: Sha256Chunks,
    expected: Option<String>,
    failure: BodyFailure,
}

impl JsonBody {
    fn give(&mut self, bytes: Bytes) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.left = self.left.saturating_sub(bytes.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    /// The next bytes of the chunk in Base64; `None` until there are three.
    fn encoded(&mut self) -> Option<Bytes> {
        let taken = self.chunk.len().min(CHUNK_BYTES);
        self.rest.extend_from_slice(&self.chunk[..taken]);
        self.chunk.advance(taken);
        let whole = self.rest.len() - self.rest.len() % 3;
        let text = STANDARD.encode(&self.rest[..whole]);
        self.rest.drain(..whole);
        (!text.is_empty()).then(|| Bytes::from(text))
    }
}

impl Body for JsonBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(before) = self.before.take() {
            self.sha256.add(&before);
            return self.give(before);
        }
        loop {
            while !self.chunk.is_empty() {
                if let Some(text) = self.encoded() {
                    self.sha256.add(&text);
                    return self.give(text);
                }
            }
            match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                Some(Ok(frame)) => self.chunk = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => {
                    self.after = None;
                    return Poll::Ready(Some(Err(error)));
                }
                None => break,
            }
        }
        let Some(after) = self.after.take() else { return Poll::Ready(None) };
        let last = Bytes::from(STANDARD.encode(&self.rest) + after);
        self.sha256.add(&last);
        if self.expected.as_ref().is_some_and(|expected| *expected != self.sha256.hex()) {
            return Poll::Ready(Some(Err(self.failure.set(differs()))));
        }
        self.give(last)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
