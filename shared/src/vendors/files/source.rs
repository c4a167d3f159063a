//! A file to send: where its bytes come from, and that they are as many as was said.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::{Body, Frame, SizeHint};
use tower::BoxError;

use crate::{
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// The bytes of a file, in chunks. An error that is an [`Error`] is returned as it is.
pub type FileBody = UnsyncBoxBody<Bytes, BoxError>;

/// A body of chunks that come one after the other.
pub fn file_body(chunks: impl Stream<Item = Result<Bytes>> + Send + 'static) -> FileBody {
    StreamBody::new(chunks.map_ok(Frame::data).map_err(Into::into)).boxed_unsync()
}

/// A file to send. It is opened more than once: to hash it, to send it, and to send it again after a failure. Its bytes
/// must be the same each time.
#[async_trait]
pub trait FileSource: Send + Sync {
    /// Its name, as the vendor shows it.
    fn name(&self) -> &str;

    /// How many bytes it has.
    fn size(&self) -> u64;

    /// Opens it at its beginning.
    ///
    /// # Errors
    /// Those of where the file is stored.
    async fn open(&self) -> Result<FileBody>;
}

/// Why a body could not be made. The sender drops the body and knows only that it broke off.
#[derive(Clone, Default)]
pub struct BodyFailure(Arc<Mutex<Option<Error>>>);

impl BodyFailure {
    /// Keeps the first error, and gives the one that ends the body.
    pub fn set(&self, error: Error) -> BoxError {
        let text = error.message().to_owned();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        text.into()
    }

    /// The error, if there was one.
    pub fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A body to send, with its length.
pub struct OutgoingFile {
    pub body: FileBody,
    pub bytes: u64,
    pub failure: BodyFailure,
}

impl OutgoingFile {
    /// Opens the file.
    ///
    /// # Errors
    /// Those of the source; `file_differs` for an empty file that has bytes. Any other wrong size is noticed while the
    /// body is sent.
    pub async fn open(source: &dyn FileSource) -> Result<Self> {
        let (bytes, failure) = (source.size(), BodyFailure::default());
        let inner = source.open().await?;
        let mut body = ExactBody { inner, left: bytes, last: None, ended: false, failure: failure.clone() };
        // A body of no length is never asked for its bytes.
        if bytes == 0 && body.frame().await.is_some() {
            return Err(failure.take().unwrap_or_else(differs));
        }
        Ok(Self { body: body.boxed_unsync(), bytes, failure })
    }
}

/// The error for a file whose bytes are not those that were announced.
pub fn differs() -> Error {
    Error::new(ProblemCode::FileDiffers, "The file to send has other bytes, or another number of them, than before.")
}

/// The bytes of a source, if they are exactly as many as it says. The last chunk is given only once the source has
/// ended, so that a file of the wrong size is never sent whole.
struct ExactBody {
    inner: FileBody,
    /// How many bytes the source has still to give.
    left: u64,
    last: Option<Bytes>,
    ended: bool,
    failure: BodyFailure,
}

impl ExactBody {
    fn fail(&mut self, error: Error) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        (self.ended, self.last) = (true, None);
        Poll::Ready(Some(Err(self.failure.set(error))))
    }
}

impl Body for ExactBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        while !self.ended {
            let bytes = match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                Some(Err(error)) => return self.fail(unreadable(error)),
                None if self.left > 0 => return self.fail(differs()),
                None => {
                    self.ended = true;
                    break;
                }
            };
            if bytes.is_empty() {
                continue;
            }
            let Some(left) = self.left.checked_sub(bytes.len() as u64) else { return self.fail(differs()) };
            self.left = left;
            if let Some(before) = self.last.replace(bytes) {
                return Poll::Ready(Some(Ok(Frame::data(before))));
            }
        }
        Poll::Ready(self.last.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left + self.last.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// The error of a source that breaks off.
fn unreadable(error: BoxError) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(error) => Error::unavailable("The file to send can't be read.").with_source(error),
    }
}
