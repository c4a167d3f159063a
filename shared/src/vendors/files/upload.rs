//! Sends files to a vendor: as the body of a call, or to a link that the vendor has made.

use std::{future::Future, time::Duration};

use http::{HeaderValue, Method, Request, StatusCode, Uri, header, request::Parts};
use tokio::time::timeout_at;

use super::{
    HEAD_TIMEOUT, link,
    source::{FileSource, OutgoingFile},
};
use crate::{
    error::{Error, Result, Retry},
    problem_code::ProblemCode,
    vendors::{
        Access,
        answer::VendorAnswer,
        call::{MAX_REFUSAL_BYTES, VendorOperation},
        failure,
        http::{AnswerLimit, HttpSend},
    },
};

/// A connection that is slower than this is given up.
const LEAST_BYTES_PER_SECOND: u64 = 256 * 1024;

/// Sends a request with `file` as its body. `head` is signed, and gets the exact length.
///
/// # Errors
/// `file_differs`, and those of the file's source: then the vendor has not got the whole file. No time left, or no
/// answer.
pub async fn upload(
    sender: &dyn HttpSend,
    access: &Access,
    operation: &VendorOperation,
    mut head: Parts,
    file: OutgoingFile,
) -> Result<VendorAnswer> {
    let remaining = access.remaining();
    if remaining.is_zero() {
        return Err(failure::deadline_reached(operation));
    }
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.bytes));
    let wait = HEAD_TIMEOUT + Duration::from_secs(file.bytes / LEAST_BYTES_PER_SECOND);
    let limit = AnswerLimit { timeout: wait.min(remaining), max_bytes: MAX_REFUSAL_BYTES };
    let answer = sender.upload(Request::from_parts(head, file.body), limit).await;
    if let Some(error) = file.failure.take() {
        return Err(error.with_context("operation", operation.name));
    }
    let response = answer.map_err(|error| failure::no_answer(operation, error))?;
    Ok(VendorAnswer { operation: *operation, response })
}

/// Puts a file to a link that the vendor has made for it. The request is not signed: the link is. It has no content
/// type, since the signature of a link covers that.
///
/// # Errors
/// - `file_link_expired` without a link, or where it is refused. Another attempt gets a new one.
/// - `file_link_not_allowed` and `file_redirected` as for a link that is read.
/// - `file_refused` where the vendor refuses the file itself.
/// - those of [`upload`].
pub async fn put_link(
    sender: &dyn HttpSend,
    access: &Access,
    operation: &VendorOperation,
    link: Option<&str>,
    source: &dyn FileSource,
) -> Result<()> {
    let uri = link::target(access, operation, link)?;
    let file = within(access, operation, OutgoingFile::open(source)).await?;
    let answer = upload(sender, access, operation, put(uri), file).await?;
    match answer.response.status() {
        status if status.is_success() => Ok(()),
        status => Err(refused(operation, status)),
    }
}

/// The result of `work`, which reads a file, unless the time is up before.
pub async fn within<T>(
    access: &Access,
    operation: &VendorOperation,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    timeout_at(access.deadline, work).await.unwrap_or_else(|_| Err(failure::deadline_reached(operation)))
}

/// A PUT without headers of our own.
fn put(uri: Uri) -> Parts {
    let (mut head, ()) = Request::new(()).into_parts();
    head.method = Method::PUT;
    head.uri = uri;
    head
}

/// The error for a status of an object storage: its body is XML, which is not read.
fn refused(operation: &VendorOperation, status: StatusCode) -> Error {
    let (code, text) = match status {
        status if status.is_redirection() => return super::redirected(operation),
        StatusCode::TOO_MANY_REQUESTS => (ProblemCode::VendorThrottled, "The vendor throttles the account."),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => {
            (ProblemCode::FileLinkExpired, "The vendor refuses the link to which the file is sent.")
        }
        status if status.is_client_error() => (ProblemCode::FileRefused, "The vendor does not take the file."),
        _ => (ProblemCode::VendorUnavailable, "The vendor's storage does not take the file now."),
    };
    let error = failure::file(operation, code, text).with_context("status", status.as_str());
    match code {
        ProblemCode::FileLinkExpired => error.with_retry(Retry::Yes { after: None }),
        _ => error,
    }
}
