//! The classes of failures, and the one that follows from a status alone.

use http::StatusCode;

/// The cause of a failure. It decides kind, code and whether the call may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Refused because of the content of the request.
    Rejected,
    TicketNotFound,
    /// The keys are refused.
    Keys,
    /// The keys lack a permission.
    Permission,
    /// Refused before processing: too many calls.
    Throttled,
    /// Refused: the ticket was urged a short time ago.
    UrgedTooOften,
    /// Refused before processing: the request's time is too far off.
    Clock,
    /// Refused because the same signed request came before: the first one may have been executed.
    Replayed,
    /// The vendor does not offer this call there.
    NotOffered,
    /// An internal error of the vendor: a write may have been executed.
    Internal,
    /// Refused with an undocumented code and without an error status: the outcome of a write is unknown.
    Unlisted,
}

/// The class by the status alone, for an answer without a known code.
///
/// 404 is a refusal and not "no such ticket": a wrong host or path gives it too, and the ticket must not count as
/// removed because of that.
pub fn default_class(status: StatusCode) -> Class {
    match status.as_u16() {
        401 => Class::Keys,
        403 => Class::Permission,
        429 => Class::Throttled,
        408 | 500.. => Class::Internal,
        _ => Class::Rejected,
    }
}

/// The class of an undocumented code: by an error status, else [`Class::Unlisted`].
pub fn unlisted_class(status: StatusCode) -> Class {
    if status.is_client_error() || status.is_server_error() { default_class(status) } else { Class::Unlisted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_error_status_makes_an_unlisted_code_definite() {
        for (status, class) in [
            (200, Class::Unlisted),
            (302, Class::Unlisted),
            (400, Class::Rejected),
            (403, Class::Permission),
            (429, Class::Throttled),
            (500, Class::Internal),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(unlisted_class(status), class, "{status}");
        }
    }

    #[test]
    fn every_status_has_one_class() {
        for (status, class) in [
            (200, Class::Rejected),
            (302, Class::Rejected),
            (400, Class::Rejected),
            (401, Class::Keys),
            (402, Class::Rejected),
            (403, Class::Permission),
            (404, Class::Rejected),
            (407, Class::Rejected),
            (408, Class::Internal),
            (409, Class::Rejected),
            (428, Class::Rejected),
            (429, Class::Throttled),
            (430, Class::Rejected),
            (499, Class::Rejected),
            (500, Class::Internal),
            (501, Class::Internal),
            (599, Class::Internal),
            (999, Class::Internal),
        ] {
            assert_eq!(default_class(StatusCode::from_u16(status).unwrap()), class, "{status}");
        }
        for (status, class) in
            [(399, Class::Unlisted), (499, Class::Rejected), (599, Class::Internal), (600, Class::Unlisted)]
        {
            assert_eq!(unlisted_class(StatusCode::from_u16(status).unwrap()), class, "{status}");
        }
    }
}
