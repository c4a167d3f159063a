//! What a ticket shows of a close that can't go on: the reason, and a way out.

use crate::{
    domain::CloseError,
    error::{Error, ErrorKind},
    problem_code::ProblemCode,
};

/// The reason and the way out; `None` where the next run goes on by itself and nothing is to be done.
pub(super) fn shown(error: &Error) -> Option<CloseError> {
    let way_out = match error.kind() {
        ErrorKind::RateLimited | ErrorKind::Unavailable => return None,
        ErrorKind::CredentialInvalid => "Rotate the account's keys with PUT /accounts/{id}/keys.",
        ErrorKind::PermissionDenied => "Grant the account's keys the permission at the vendor.",
        _ if error.is(ProblemCode::VendorMessagePending) => "It goes on once the vendor shows the message.",
        _ if error.is(ProblemCode::VendorClosePending) => "It goes on once the vendor shows the ticket as ended.",
        _ if error.is(ProblemCode::DeadlineReached) || error.is(ProblemCode::StoreContention) => return None,
        _ => {
            "The close is tried again at growing intervals, at most 8 minutes. If the error stays, look into the \
             vendor's console and ask the vendor's support."
        }
    };
    Some(CloseError { code: error.problem_code(), detail: format!("{} {way_out}", error.message()) })
}
