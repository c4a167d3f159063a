//! The body of a response: whole, streamed, or without an end.

use std::{
    error::Error,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::body::{Body, Frame, SizeHint};

/// The body of a response.
#[derive(Debug)]
pub struct ResponseBody(UnsyncBoxBody<Bytes, io::Error>);

impl ResponseBody {
    /// A body that is sent as it is made.
    pub fn streamed<B>(body: B) -> Self
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        Self(body.map_err(io::Error::other).boxed_unsync())
    }

    /// The same bytes once or, with `endless`, again and again. Its length is not known to the server: a head may
    /// announce another one, and the connection is closed where that is not reached.
    #[must_use]
    pub fn of_unknown_length(bytes: Bytes, endless: bool) -> Self {
        Self::streamed(Repeated { bytes: Some(bytes), endless, has_paused: false })
    }
}

impl From<Bytes> for ResponseBody {
    fn from(bytes: Bytes) -> Self {
        Self::streamed(Full::new(bytes))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

struct Repeated {
    bytes: Option<Bytes>,
    endless: bool,
    has_paused: bool,
}

impl Body for Repeated {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        // The server sends what it has in a pause. It sends nothing of a body that has ended with the wrong length.
        if self.bytes.is_none() && !self.has_paused {
            self.has_paused = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = if self.endless { self.bytes.clone() } else { self.bytes.take() };
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }
}
