//! The problem codes: what each means, and which of them go together.

use serde_json::{Value, json};
use shared::problem_code::ProblemCode;

/// Statuses with the codes that stand for them on a route.
pub type Problems = &'static [(u16, &'static [ProblemCode])];

/// The ticket of the path is not there.
pub const NO_TICKET: Problems = &[(404, &[ProblemCode::TicketNotFound])];

/// The vendor does not have the ticket.
pub const GONE_AT_VENDOR: Problems = &[(404, &[ProblemCode::VendorTicketNotFound])];

/// What is asked for of the ticket was erased.
pub const ERASED: Problems = &[(410, &[ProblemCode::TicketErased])];

/// Every route: the table, and the time of one run.
pub const ANY: Problems = &[
    (500, &[ProblemCode::Unexpected, ProblemCode::StoreRefused]),
    (503, &[ProblemCode::StoreUnavailable, ProblemCode::DeadlineReached]),
];
/// Routes that change an item on a condition.
pub const CONDITION: Problems = &[(409, &[ProblemCode::StoreContention])];
/// Routes that take an `If-Match`.
pub const IF_MATCH: Problems = &[
    (400, &[ProblemCode::InvalidFields]),
    (409, &[ProblemCode::StoreContention]),
    (412, &[ProblemCode::PreconditionFailed]),
];
/// Routes with an id in the path.
pub const PATH_ID: Problems = &[(400, &[ProblemCode::InvalidId])];
/// Routes that read a query string.
pub const QUERY: Problems = &[(400, &[ProblemCode::InvalidFields])];
/// Lists.
pub const LIST: Problems = &[(400, &[ProblemCode::InvalidFields, ProblemCode::InvalidCursor])];
/// Routes whose body may be absent.
pub const OPTIONAL_BODY: Problems = &[(
    400,
    &[ProblemCode::BodyNotAnObject, ProblemCode::BodyNotJson, ProblemCode::BodyTooLarge, ProblemCode::InvalidFields],
)];
/// Routes with a body.
pub const BODY: Problems = &[(
    400,
    &[
        ProblemCode::BodyEmpty,
        ProblemCode::BodyNotAnObject,
        ProblemCode::BodyNotJson,
        ProblemCode::BodyTooLarge,
        ProblemCode::InvalidFields,
    ],
)];
/// Routes that take an `Idempotency-Key`.
pub const KEY: Problems = &[
    (400, &[ProblemCode::InvalidIdempotencyKey]),
    (409, &[ProblemCode::IdempotencyKeyInUse]),
    (422, &[ProblemCode::IdempotencyKeyReused]),
];
/// Routes that demand one.
pub const REQUIRED_KEY: Problems = &[(400, &[ProblemCode::IdempotencyKeyRequired])];
/// Routes that read or write account keys.
pub const KEYS: Problems = &[(503, &[ProblemCode::SecretsUnavailable])];
/// Routes that call a vendor.
pub const VENDOR: Problems = &[
    (400, &[ProblemCode::VendorRejected]),
    (403, &[ProblemCode::VendorPermissionDenied]),
    (422, &[ProblemCode::AccountKeysRefused, ProblemCode::CapabilityNotSupported]),
    (429, &[ProblemCode::VendorThrottled]),
    (500, &[ProblemCode::EndpointNotAllowed]),
    (
        502,
        &[
            ProblemCode::VendorUnreachable,
            ProblemCode::VendorUnavailable,
            ProblemCode::VendorBadAnswer,
            ProblemCode::VendorClockRefused,
            ProblemCode::DeadlineReached,
        ],
    ),
];
/// Routes that send files.
pub const FILES: Problems = &[
    (
        400,
        &[
            ProblemCode::FileRefused,
            ProblemCode::FileTooLarge,
            ProblemCode::TooManyFiles,
            ProblemCode::UploadNotComplete,
            ProblemCode::UploadNotFound,
        ],
    ),
    (409, &[ProblemCode::FileDiffers, ProblemCode::FileQuotaExceeded, ProblemCode::FileTooLarge]),
    (502, &[ProblemCode::FileLinkExpired, ProblemCode::FileLinkNotAllowed, ProblemCode::FileRedirected]),
    (503, &[ProblemCode::BucketUnavailable]),
];

/// The schema of `code`.
pub fn codes() -> Value {
    let public = ProblemCode::ALL.iter().filter(|code| code.is_public());
    let codes: Vec<Value> = public.map(|code| json!({"const": code.as_str(), "description": code.meaning()})).collect();
    json!({"description": "Which problem it is; stable.", "oneOf": codes})
}

/// What an answer of that status says, whatever its code.
pub fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request breaks a rule. No vendor was called, except for `vendor_rejected` and `file_refused`.",
        401 => "The caller's token is missing or not valid (JWT).",
        403 => "The caller may not call the route (IAM), or the account's keys lack a permission at the vendor.",
        404 => "There is no such thing.",
        409 => "It can't be done in the present state.",
        410 => "It was there, and was erased.",
        412 => "It is not as `If-Match` names it. Nothing was done.",
        413 => "The body is larger than API Gateway takes (10 MB).",
        422 => "The vendor, or an earlier request with the same key, stands against it.",
        429 => "Too many calls, of this API or of the vendor's.",
        500 => "A defect.",
        502 => "The vendor did not answer, or with nothing usable.",
        503 => "A service that Polydesk needs did not answer in time, or the run took longer than 30 seconds.",
        _ => "An error.",
    }
}
