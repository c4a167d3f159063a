//! A file whose bytes arrive.

use std::{collections::VecDeque, io, iter, time::Duration};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout};

use super::{length_wrong, too_large};
use crate::{
    error::{Error, Result},
    vendors::{
        call::VendorOperation,
        failure,
        http::{AnswerBody, SendError},
    },
};

/// How much longer a file may take than at the least speed.
const MAX_DELAY: Duration = Duration::from_secs(30);
/// A file that comes slower than this is given up: others wait for it.
const LEAST_BYTES_PER_SECOND: u64 = 256 * 1024;

/// A file at its vendor, of which the head has come. Reading it keeps one chunk in memory, about as large as what the
/// connection gives at once.
pub struct OpenFile {
    operation: VendorOperation,
    deadline: Instant,
    opened: Instant,
    announced: Option<u64>,
    max_bytes: u64,
    /// Chunks that were read to look at the begin of the file.
    peeked: VecDeque<Bytes>,
    body: AnswerBody,
    read: u64,
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenFile").field("operation", &self.operation.name).finish_non_exhaustive()
    }
}

impl OpenFile {
    pub(super) fn new(
        operation: VendorOperation,
        deadline: Instant,
        announced: Option<u64>,
        max_bytes: u64,
        body: AnswerBody,
    ) -> Self {
        let opened = Instant::now();
        Self { operation, deadline, opened, announced, max_bytes, peeked: VecDeque::new(), body, read: 0 }
    }

    /// The size that the vendor announces, in bytes, if it does.
    pub fn announced(&self) -> Option<u64> {
        self.announced
    }

    /// The next bytes, never empty; `None` at the end of the file.
    ///
    /// # Errors
    /// - `file_too_large` as soon as more than the allowed bytes have come.
    /// - `file_length_wrong` where the body ends before or after the announced length.
    /// - `vendor_unavailable` where the connection breaks, or less than 256 KiB a second come, 30 seconds apart;
    ///   `deadline_reached`.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if let Some(bytes) = self.peeked.pop_front() {
            return Ok(Some(bytes));
        }
        self.receive().await
    }

    /// Fails with `file_too_large` where the vendor announces more bytes than are allowed.
    pub(super) fn checked(self) -> Result<Self> {
        match self.announced {
            Some(announced) if announced > self.max_bytes => Err(too_large(&self.operation, self.max_bytes)),
            _ => Ok(self),
        }
    }

    /// The whole body where it has at most `limit` bytes. Its bytes are read again by [`chunk`](Self::chunk).
    pub(super) async fn peek(&mut self, limit: usize) -> Result<Option<Bytes>> {
        let mut seen = BytesMut::new();
        while seen.len() <= limit {
            match self.receive().await? {
                Some(bytes) => {
                    seen.extend_from_slice(&bytes);
                    self.peeked.push_back(bytes);
                }
                None => return Ok(Some(seen.freeze())),
            }
        }
        Ok(None)
    }

    async fn receive(&mut self) -> Result<Option<Bytes>> {
        loop {
            let remaining = self.deadline.saturating_duration_since(Instant::now());
            if remaining.is_zero() {
                return Err(failure::deadline_reached(&self.operation));
            }
            let slowest = MAX_DELAY + Duration::from_secs(self.read / LEAST_BYTES_PER_SECOND);
            let patience = slowest.saturating_sub(self.opened.elapsed());
            let frame = match timeout(patience.min(remaining), self.body.frame()).await {
                Err(elapsed) => return Err(failure::no_answer(&self.operation, SendError::NoAnswer(elapsed.into()))),
                Ok(None) => return self.end(),
                Ok(Some(Err(error))) => return Err(self.broken(error)),
                Ok(Some(Ok(frame))) => frame,
            };
            // A frame of trailers has no data.
            let Some(bytes) = frame.into_data().ok().filter(|bytes| !bytes.is_empty()) else { continue };
            self.read += bytes.len() as u64;
            if self.read > self.max_bytes {
                return Err(too_large(&self.operation, self.max_bytes));
            }
            if self.announced.is_some_and(|announced| self.read > announced) {
                return Err(length_wrong(&self.operation));
            }
            return Ok(Some(bytes));
        }
    }

    fn end(&self) -> Result<Option<Bytes>> {
        match self.announced {
            Some(announced) if announced != self.read => Err(length_wrong(&self.operation)),
            _ => Ok(None),
        }
    }

    /// The error for a body that breaks off. A connection that ends before the announced length looks like a lost one.
    fn broken(&self, error: Box<dyn std::error::Error + Send + Sync>) -> Error {
        let first: &(dyn std::error::Error + 'static) = &*error;
        let mut causes = iter::successors(Some(first), |&error| error.source());
        let is_short = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
        if self.announced.is_some() && causes.any(|cause| cause.downcast_ref().is_some_and(is_short)) {
            return length_wrong(&self.operation).with_source(error);
        }
        failure::no_answer(&self.operation, SendError::NoAnswer(error))
    }
}
