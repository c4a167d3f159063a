//! Why a close can't go on, and what its ticket shows of that: the reason, and a way out.

use crate::{
    domain::CloseError,
    error::{Error, ErrorKind, Retry},
    problem_code::ProblemCode,
};

/// The reason and the way out; `None` where the next run goes on by itself and nothing is to be done.
pub(super) fn shown(error: &Error) -> Option<CloseError> {
    let way_out = match error.kind() {
        ErrorKind::RateLimited | ErrorKind::Unavailable => return None,
        ErrorKind::CredentialInvalid => "Rotate the account's keys with PUT /accounts/{id}/keys.",
        ErrorKind::PermissionDenied => "Grant the account's keys the permission at the vendor.",
        _ if error.is(ProblemCode::VendorMessagePending) => "It goes on once the vendor shows the message.",
        _ if error.is(ProblemCode::AttachmentsPending) => {
            "It goes on once they are copied, or the settle time is over."
        }
        _ if error.is(ProblemCode::VendorClosePending) => "It goes on once the vendor shows the ticket as ended.",
        _ if error.is(ProblemCode::DeadlineReached) || error.is(ProblemCode::StoreContention) => return None,
        _ => {
            "The close is tried again at growing intervals, at most 8 minutes. If the error stays, look into the \
             vendor's console and ask the vendor's support."
        }
    };
    Some(CloseError { code: error.problem_code(), detail: format!("{} {way_out}", error.message()) })
}

/// Support has opened the ticket again since the vendor showed it as ended: it is not closed again unasked.
pub(super) fn opened_again() -> Error {
    let message =
        "The vendor's support has opened the ticket again after it was closed. Ask for the close again to end it.";
    Error::new(ProblemCode::VendorCloseRefused, message)
}

/// The vendor may still show the status of before the ticket was opened again.
pub(super) fn still_as_before() -> Error {
    pending(ProblemCode::VendorClosePending, "The vendor still shows the ticket as it was before it was opened again.")
}

/// An error that the next run may not meet any more.
pub(super) fn pending(code: ProblemCode, message: impl Into<String>) -> Error {
    Error::new(code, message).with_retry(Retry::Yes { after: None })
}
