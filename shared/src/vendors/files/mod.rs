//! Files: those of messages are opened at their vendor and read as their bytes arrive, within limits; those of new
//! tickets and replies are sent as they are read. Knows no vendor's wire format.

mod link;
mod open_file;
mod source;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
mod upload;

pub use link::open_link;
pub use open_file::OpenFile;
pub use source::{BodyFailure, FileBody, FileSource, OutgoingFile, differs, file_body};
pub use upload::{put_link, upload, within};

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, Uri, header};

use super::{
    Access,
    answer::VendorAnswer,
    call::{MAX_REFUSAL_BYTES, PacedAnswer, VendorOperation},
    failure,
    http::HttpSend,
};
use crate::{
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// How long the head of an answer with a file may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);

/// The answer to a signed call whose success is a file.
pub enum FileAnswer {
    /// The file.
    File(OpenFile),
    /// Another answer, whole.
    Other(VendorAnswer),
}

impl PacedAnswer for FileAnswer {
    fn whole(&self) -> Option<&VendorAnswer> {
        match self {
            FileAnswer::File(_) => None,
            FileAnswer::Other(answer) => Some(answer),
        }
    }
}

/// Sends the signed `request` for a file of at most `max_bytes`. `is_refusal` decides about a small answer with a
/// success status that is not marked as a file: vendors send errors with status 200.
///
/// # Errors
/// `file_redirected`, `file_too_large` and `file_length_wrong`; no time left, or no answer.
pub async fn call(
    sender: &dyn HttpSend,
    access: &Access,
    operation: &VendorOperation,
    request: Request<Bytes>,
    max_bytes: u64,
    is_refusal: fn(&[u8]) -> bool,
) -> Result<FileAnswer> {
    let (head, mut file) = open(sender, access, operation, request, max_bytes).await?.into_parts();
    let is_success = head.status == StatusCode::OK;
    if is_success && is_marked(&head.headers) {
        return Ok(FileAnswer::File(file.checked()?));
    }
    // An error page is not a file: what it announces does not matter.
    let whole = file.peek(MAX_REFUSAL_BYTES).await?;
    match whole {
        Some(body) if !is_success || is_refusal(&body) => {
            let mut response = Response::new(body);
            *response.status_mut() = head.status;
            *response.headers_mut() = head.headers;
            Ok(FileAnswer::Other(VendorAnswer { operation: *operation, response }))
        }
        None if !is_success => Err(failure::unusable(operation)),
        _ => Ok(FileAnswer::File(file.checked()?)),
    }
}

/// Whether the head says that a file follows. Errors are JSON, and are no attachment.
fn is_marked(headers: &HeaderMap) -> bool {
    let kind = failure::header_text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    headers.contains_key(header::CONTENT_DISPOSITION) || !(kind.is_empty() || kind.contains("json"))
}

/// Sends `request`, and gives the answer's head and its body as a file, for any status but a redirect.
async fn open(
    sender: &dyn HttpSend,
    access: &Access,
    operation: &VendorOperation,
    request: Request<Bytes>,
    max_bytes: u64,
) -> Result<Response<OpenFile>> {
    let remaining = access.remaining();
    if remaining.is_zero() {
        return Err(failure::deadline_reached(operation));
    }
    let answer = sender.open(request, HEAD_TIMEOUT.min(remaining)).await;
    let answer = answer.map_err(|error| failure::no_answer(operation, error))?;
    if answer.status().is_redirection() {
        return Err(redirected(operation));
    }
    let (head, body) = answer.into_parts();
    let announced = announced_bytes(operation, &head.headers)?;
    Ok(Response::from_parts(head, OpenFile::new(*operation, access.deadline, announced, max_bytes, body)))
}

/// The length that a head announces, if it does.
fn announced_bytes(operation: &VendorOperation, headers: &HeaderMap) -> Result<Option<u64>> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else { return Ok(None) };
    let read = value.to_str().ok().and_then(|text| text.parse().ok());
    read.map(Some).ok_or_else(|| length_wrong(operation))
}

fn length_wrong(operation: &VendorOperation) -> Error {
    let text = "The vendor sends another number of bytes of the file than it announces.";
    failure::file(operation, ProblemCode::FileLengthWrong, text)
}

fn redirected(operation: &VendorOperation) -> Error {
    let text = "The link to the file leads to another one, which is not followed.";
    failure::file(operation, ProblemCode::FileRedirected, text)
}

/// The error for a file of more than `max_bytes`.
pub fn too_large(operation: &VendorOperation, max_bytes: u64) -> Error {
    let text = format!("The file has more than {max_bytes} bytes.");
    failure::file(operation, ProblemCode::FileTooLarge, &text)
}

/// A GET without headers of our own: a link is signed as it is.
fn get(uri: Uri) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = uri;
    request
}
